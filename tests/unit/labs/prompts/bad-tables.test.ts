/** Files as they go wrong: every error names the file, the place and what to do. */
import { describe, expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import type { Label } from '../../../../src/formats/prompts/prompt-set.ts';
import { decideImport } from '../../../../src/labs/prompts/decide-import.ts';
import { readMappedTable, type MappedTable } from '../../../../src/labs/prompts/import-prompts.ts';
import { questionError } from '../../../../src/labs/prompts/import-report.ts';
import { HAS_REAL_DATA, readReal } from '../../../support/real-data.ts';

const utf8 = (name: string, text: string): ByteSource => bytesSource(name, new TextEncoder().encode(text));

async function importAll(source: ByteSource, label: Label | null = null): Promise<MappedTable> {
  const { head, mapping, labels } = await decideImport(source, { label });
  if (labels !== null && labels.question !== null)
    throw questionError(labels.question, head.name, 'Say what it means.');
  return readMappedTable(source, mapping, { layout: head.layout });
}

const failing = (source: ByteSource, message: RegExp, label: Label | null = null): Promise<void> =>
  expect(importAll(source, label)).rejects.toMatchObject({
    message: expect.stringMatching(message) as string,
    nextStep: expect.stringMatching(/\w{3}/) as string,
  });

describe('a bad table', () => {
  it('of another encoding is told by what it is', async () => {
    const text = 'prompt\nCafé?\n';
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
    await failing(bytesSource('a.csv', utf16), /^a\.csv is UTF-16 text/);
    await failing(bytesSource('a.csv', new Uint8Array(Buffer.from(text, 'utf16le'))), /^a\.csv, line 1/);
    await failing(bytesSource('a.csv', new Uint8Array(Buffer.from(text, 'latin1'))), /^a\.csv, line 2, is not UTF-8/);
  });

  it.each<[string, Uint8Array, RegExp, RegExp]>([
    [
      'a.csv',
      Buffer.from('prompt\nCafé?\n', 'utf16le'),
      /^a\.csv, line 1, holds .* as UTF-16LE does/,
      /iconv -f UTF-16LE/,
    ],
    ['a.csv', Buffer.from('prompt\nCafé?\n', 'utf16le').swap16(), /as UTF-16BE does/, /iconv -f UTF-16BE/],
    [
      'a.csv',
      Buffer.from('prompt\nUn café\n', 'latin1'),
      /line 2, .*looks like Windows-1252 \(Latin-1\)/,
      /iconv -f WINDOWS-1252/,
    ],
    ['a.txt', Buffer.from('\x93Naïve\x94, \x80 5', 'latin1'), /line 1, .*looks like Windows-1252/, /“CSV UTF-8”/],
    ['a.jsonl', Buffer.from('{"prompt":"Café?","label":1}', 'latin1'), /line 1, .*looks like Windows-1252/, /iconv/],
    ['a.json', Buffer.from('[\n{"prompt":"Café?","label":1}]', 'latin1'), /line 2, .*looks like Windows-1252/, /iconv/],
    ['a.csv', Buffer.from([0x83, 0x76, 0x83, 0x8d, 0x83, 0x93, 0x0a]), /line 1, .*another encoding/, /UTF-8/],
    ['a.csv', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff]), /the file is compressed with gzip/, /Unpack/],
    [
      'a.csv',
      Buffer.from('PK\x03\x04\x14\x00\xff', 'latin1'),
      /the file is a ZIP archive, as spreadsheets/,
      /“CSV UTF-8”/,
    ],
    ['a.csv.gz', Buffer.from('x'), /^a\.csv\.gz is compressed \(\.gz\)/, /^Decompress it first/],
    ['a.jsonl.zst', Buffer.from('x'), /^a\.jsonl\.zst is compressed/, /^Decompress it first/],
    ['a.xlsx', Buffer.from('x'), /name does not say/, /“CSV UTF-8”/],
  ])('is told by what its bytes or its name say: %s of %o', async (name, bytes, message, nextStep) => {
    await expect(importAll(bytesSource(name, new Uint8Array(bytes)))).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
      nextStep: expect.stringMatching(nextStep) as string,
    });
  });

  it('with a ragged row, far down, names it', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) => `How ${index}?,safe`);
    rows[700] = 'How, indeed?,safe';
    await failing(utf8('a.csv', ['prompt,label', ...rows].join('\n')), /^a\.csv, row 702: it has 3 cells/);
  });

  it('that is empty, or has a heading alone, says so', async () => {
    await failing(utf8('a.csv', ''), /^a\.csv has no rows/);
    await failing(utf8('a.csv', 'prompt,label\n'), /^a\.csv has no rows/);
    await failing(utf8('a.jsonl', '\n\n'), /^a\.jsonl has no rows/);
    await failing(utf8('a.csv', 'prompt\n""\n" "\n'), /^a\.csv: none of its 2 rows can be used/, 'safe');
  });

  it('with a line of 50 MB is refused by its line', async () => {
    const bytes = new Uint8Array(50e6).fill(97);
    bytes.set(new TextEncoder().encode('prompt\n'));
    await failing(bytesSource('a.csv', bytes), /^a\.csv, line 2, is longer than 16 MB/);
  });

  it('with an unknown label, an id twice, or no known kind of name says where', async () => {
    const own = (label: string): string => `{"id":"x","text":"One.","label":"${label}","category":"c","split":"s"}\n`;
    await failing(utf8('a.jsonl', own('safe') + own('safe')), /^a\.jsonl, row 2: the id “x” is that of row 1/);
    const late = Array.from({ length: 300 }, (_, index) => `{"prompt":"${index}","label":"safe"}`);
    await failing(utf8('a.jsonl', [...late, '{"prompt":"x","label":"odd"}'].join('\n')), /row 301, column “label”.*“odd”/); // prettier-ignore
    await failing(utf8('a.xlsx', 'PK'), /^a\.xlsx: its name does not say/);
  });

  it('of thousands of categories is a table with another column in their place', async () => {
    const rows = Array.from({ length: 3000 }, (_, index) => `How?,${index < 250 ? 'a' : index}`);
    await failing(
      utf8('a.csv', ['prompt,category', ...rows].join('\n')),
      /^a\.csv has more than 1000 categories/,
      'harmful',
    );
  });
});

describe('a large table', () => {
  it('of a million rows is read whole', { timeout: 120_000 }, async () => {
    const block = new TextEncoder().encode('How do I mend a dress?,safe\nHow do I rob a shop?,unsafe\n'.repeat(1000));
    const heading = new TextEncoder().encode('prompt,label\n');
    const source: ByteSource = {
      ...bytesSource('a.csv', heading),
      byteLength: heading.length + 500 * block.length,
      stream: async function* () {
        yield heading;
        for (let i = 0; i < 500; i++) yield await Promise.resolve(block);
      },
    };
    const { prompts, rows } = await importAll(source);
    expect([prompts.length, rows]).toEqual([1_000_000, 1_000_000]);
    expect(prompts.at(-1)).toMatchObject({ id: 'a-1000001', label: 'harmful' });
  });
});

const REAL = [
  ['prompts/beavertails-evaluation.csv', 700, 'harmful', 14],
  ['prompts/alpaca-3000.jsonl', 3000, 'safe', 1],
  ['prompts/advbench.csv', 520, 'harmful', 1],
  ['prompts/harmbench_test.csv', 159, 'harmful', 6],
  ['prompts/malicious_instruct.txt', 100, 'harmful', 1],
  ['prompts/strongreject.csv', 313, 'harmful', 6],
  ['prompts/xstest.csv', 450, 'safe, harmful', 18],
  ['truth/cities.csv', 1496, 'true, false', 1],
  ['truth/neg_cities.csv', 1496, 'false, true', 1],
  ['truth/sp_en_trans.csv', 354, 'false, true', 1],
  ['truth/larger_than.csv', 1980, 'false, true', 1],
] as const;

describe.skipIf(!HAS_REAL_DATA)('the mapping that is proposed', () => {
  it.each(REAL)('imports all of %s: %i %s prompts of %i categories', async (path, rows, labels, categories) => {
    const isSaid = !/xstest|truth|beavertails/.test(path); // others have nothing that says their class
    const { prompts, rows: read, leftOut } = await importAll(bytesSource(path, readReal(path)), isSaid ? (labels as Label) : null); // prettier-ignore
    expect(prompts.length).toBe(rows);
    expect(leftOut).toEqual({ filtered: read - rows, 'no-text': 0, 'no-category': 0, 'no-label': 0 });
    expect([...new Set(prompts.map(({ label }) => label))].join(', ')).toBe(labels);
    expect(new Set(prompts.map(({ category }) => category)).size).toBe(categories);
  });
});
