import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { readTable } from '../../../../src/formats/tables/read-table.ts';
import type { TableRow } from '../../../../src/formats/tables/table.ts';
import {
  GUESS_LAYOUT,
  readTableLayout,
  SEPARATORS,
  type TableLayout,
} from '../../../../src/formats/tables/guess-table-layout.ts';
import { linesOf } from '../../../../src/formats/bytes/text-lines.ts';
import { testSeed } from '../../../support/test-seed.ts';

const file = (name: string, text: string): ByteSource => bytesSource(name, new TextEncoder().encode(text));
const layout = (name: string, text: string): Promise<TableLayout> => readTableLayout(file(name, text));

async function rowsOf(source: ByteSource): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const batch of readTable(source, await readTableLayout(source), 'all')) rows.push(...batch);
  return rows;
}

describe('what separates cells', () => {
  it.each([
    [',', 'prompt,label\nDo it; or else,safe\n'],
    [';', 'prompt;label\nHow, then, do I bake?;safe\nBread;harmful\n'],
    [';', '\ufeffprompt;label\r\n"How; so?";safe\r\n'],
    ['\t', 'prompt\tlabel\nHow, then?\tsafe\n'],
    ['|', 'prompt|label\nHow, then?|safe\n'],
    [';', 'How so?;safe\nRob a shop;harmful\n'],
    [';', 'frage;antwort\nWie geht es dir denn?;gut\nWas ist das hier?;ja\n'],
    [null, 'hurt a neighbour\nsteal a car\n'],
    [null, 'Do this, then that\nDo that, then this\n'],
    [null, 'do this; then that\ndo that; then this\n'],
  ])('is found: %j in %j', async (separator, text) => {
    expect((await layout('a.csv', text)).separator).toBe(separator);
  });

  it('is what a first line says, which is no row', async () => {
    for (const first of ['sep=;', '"sep=;"', 'SEP=;']) {
      const source = file('a.csv', `${first}\r\nprompt;label\r\nHow, so?;safe\r\n`);
      expect(await readTableLayout(source)).toMatchObject({ separator: ';', isDeclared: true, heading: true });
      expect(await rowsOf(source)).toEqual([{ row: 3, values: { prompt: 'How, so?', label: 'safe' } }]);
    }
  });

  it('is refused where the first line says one that is not read', async () => {
    const said = layout('a.csv', 'sep=:\nprompt:label\nHow so?:safe\n');
    await expect(said).rejects.toMatchObject({ code: 'format', message: expect.stringContaining('“:” separates the cells') as string }); // prettier-ignore
  });

  it('may have blanks behind it, before a quoted cell too', async () => {
    const rows = await rowsOf(file('a.csv', 'prompt, label\nOne., safe\n"Two, three", "harmful"\n'));
    expect(rows.map(({ values }) => values)).toEqual([
      { prompt: 'One.', label: 'safe' },
      { prompt: 'Two, three', label: 'harmful' },
    ]);
  });

  it('is told, whatever the cells hold', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ' ', ',', ';', '\t', '|', '"', '\n', '\r\n', '\r', 'é', '1') });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SEPARATORS),
        fc.array(cell, { minLength: 1, maxLength: 8 }),
        async (separator, texts) => {
          const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
          const lines = ['prompt', ...texts.map(quote)].map(
            (text, i) => `${text}${separator}${i === 0 ? 'label' : 'safe'}`,
          );
          const source = file('a.csv', lines.join('\n'));
          expect((await readTableLayout(source)).separator).toBe(separator);
          expect((await rowsOf(source)).map(({ values }) => values['prompt'])).toEqual(texts);
        },
      ),
      { seed: testSeed(1), numRuns: 200 },
    );
  });
});

describe('the first row', () => {
  it.each([
    [true, 'prompt\nhurt a neighbour\n'],
    [true, 'prompt,harmful\nBake bread,yes\nRob a shop,no\n'],
    [true, 'nr,frage\n1,Wie geht es dir?\n'],
    [true, 'Frage\nWie macht man das denn?\n'],
    [false, 'hurt a neighbour\nsteal a car\nscare a child\n'],
    [false, 'bomb\ngun\nknife\n'],
    [false, 'hurt a neighbour,harmful\nbake bread,safe\n'],
    [false, 'How do I bake bread?\n'],
    [false, 'hello'],
  ])('names the columns: %s in %j', async (heading, text) => {
    expect((await layout('a.csv', text)).heading).toBe(heading);
  });

  it('is what somebody says it is', async () => {
    const source = file('a.csv', 'hurt a neighbour\nsteal a car\n');
    expect((await readTableLayout(source, { ...GUESS_LAYOUT, heading: true })).heading).toBe(true);
  });
});

describe('lines', () => {
  it('end with LF, CR LF or CR, in chunks of any size', async () => {
    const end = fc.constantFrom('\n', '\r\n', '\r');
    const text = fc.string({ unit: fc.constantFrom('a', ' ', 'é'), maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, end), { maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        async (parts, size) => {
          // A CR and a line of nothing that ends with LF are a CR LF: what lies between keeps them apart.
          const lines = parts.map(
            ([line, ending], i) => [line === '' && ending === '\n' && i > 0 ? 'a' : line, ending] as const,
          );
          const bytes = new TextEncoder().encode(lines.map(([line, ending]) => line + ending).join(''));
          const stream = async function* (): AsyncIterable<Uint8Array> {
            for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size));
          };
          const read: (readonly [string, string])[] = [];
          for await (const line of linesOf({ ...bytesSource('a.txt', bytes), stream }))
            read.push([line.text, line.end]);
          expect(read).toEqual(lines);
        },
      ),
      { seed: testSeed(1), numRuns: 200 },
    );
  });
});

describe('JSON', () => {
  const texts = async (name: string, text: string): Promise<unknown[]> =>
    (await rowsOf(file(name, text))).map(({ values }) => values['text'] ?? values['prompt']);

  it.each([
    ['a.json', '[\n  {"prompt": "One."},\n  {"prompt": "Two."}\n]\n'],
    ['a.json', '["One.", "Two."]'],
    ['a.json', '{"version": 1, "data": [{"prompt": "One."}, {"prompt": "Two."}]}'],
    ['a.json', '{"prompt": "One."}\n{"prompt": "Two."}\n'],
    ['a.jsonl', '[{"prompt": "One."}, {"prompt": "Two."}]'],
    ['a.jsonl', '"One."\n"Two."\n'],
    ['a.txt', '[{"prompt": "One."},\n {"prompt": "Two."}]'],
    ['a.txt', 'One.\rTwo.\r'],
  ])('and lines are read for what they are: %s of %j', async (name, text) => {
    expect(await texts(name, text)).toEqual(['One.', 'Two.']);
  });

  it('that is not a table is refused by name, and a prompt that begins as an array does is a prompt', async () => {
    await expect(rowsOf(file('a.json', '{"prompt": {"0": "One."}}'))).rejects.toThrow(
      /^a\.json holds no array of prompts/,
    );
    await expect(rowsOf(file('a.json', '[1, 2]'))).rejects.toThrow(/^a\.json, row 1, is neither an object nor a text/);
    await expect(rowsOf(file('a.json', '[{"prompt": "One."'))).rejects.toThrow(/^a\.json is not valid JSON/);
    expect(await texts('a.txt', '["a" stands for what?\n[INST] Say so\n')).toEqual([
      '["a" stands for what?',
      '[INST] Say so',
    ]);
  });
});
