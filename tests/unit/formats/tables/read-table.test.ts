import { describe, expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { readTable } from '../../../../src/formats/tables/read-table.ts';
import { readTableLayout } from '../../../../src/formats/tables/guess-table-layout.ts';
import { formatOfName, type TableRow } from '../../../../src/formats/tables/table.ts';
import { encode, refusal, rowsOf } from '../../../support/table-reading.ts';

/** Hands its bytes out a few at a time, so that lines and characters are cut at every place. */
function inCrumbs(name: string, bytes: Uint8Array, size = 3): ByteSource {
  const stream = async function* (): AsyncIterable<Uint8Array> {
    for (let start = 0; start < bytes.byteLength; start += size)
      yield await Promise.resolve(bytes.slice(start, start + size));
  };
  return { ...bytesSource(name, bytes), stream };
}

const csv = (text: string, ...columns: string[]): Promise<TableRow[]> =>
  rowsOf(inCrumbs('birds.csv', encode(text)), 'csv', columns);

describe('a table of comma-separated values', () => {
  it('gives the columns that are asked for, counting rows as an editor does', async () => {
    expect(await csv('id,name,note\n1,wren,small\r\n2,owl,\n', 'name', 'note')).toEqual([
      { row: 2, values: { name: 'wren', note: 'small' } },
      { row: 3, values: { name: 'owl', note: '' } },
    ]);
  });

  it('takes separators, doubled quotes and line breaks inside of quotes, as they are', async () => {
    const rows = await csv(
      'a,b\n"one, two","she said ""hi"""\n"first\r\nsecond\n\nthird",x\n"",""\nlast,row',
      'a',
      'b',
    );
    expect(rows.map(({ row, values }) => [row, values['a'], values['b']])).toEqual([
      [2, 'one, two', 'she said "hi"'],
      [3, 'first\r\nsecond\n\nthird', 'x'],
      [4, '', ''],
      [5, 'last', 'row'],
    ]);
  });

  it('leaves out a byte order mark and empty lines, and keeps quotes in the middle of a cell', async () => {
    expect(await csv('\uFEFFname\n\nnaïve 🌳\n\n5" nail\n', 'name')).toEqual([
      { row: 2, values: { name: 'naïve 🌳' } },
      { row: 3, values: { name: '5" nail' } },
    ]);
  });

  it('takes formulas and markup for the text that they are', async () => {
    const cells = ['=1+1', '@SUM(A1)', '<img src=x onerror=alert(1)>', '__proto__', '{{7*7}}'];
    const rows = await csv(`text,__proto__\n${cells.map((cell) => `${cell},x\n`).join('')}`, 'text');
    expect(rows.map(({ values }) => values['text'])).toEqual(cells);
  });

  it('reads tabs where the file is tab-separated', async () => {
    const rows = await rowsOf(bytesSource('birds.tsv', encode('a\tb\nx, y\t"z\t"\n')), 'tsv', ['a', 'b']);
    expect(rows).toEqual([{ row: 2, values: { a: 'x, y', b: 'z\t' } }]);
  });

  it.each([
    [
      'a missing column',
      'wren,small\nowl,large\n',
      /birds\.csv has no column “name”: its first row names “wren”, “small”/,
    ],
    ['a column that is there twice', 'name,name\na,b\n', 'birds.csv has two columns “name”.'],
    ['a row that is too short', 'name,size\nwren,1\nowl\n', /row 3: it has 1 cells where the heading has 2; .*“size”/],
    ['a row that is too long', 'name,size\nwren,1,2\n', /row 2: it has 3 cells where the heading has 2/],
    ['a quote that is never closed', 'name\nwren\n"owl\nhen\n', /row 3: a quotation mark is opened and never closed/],
    ['text behind a closing quote', 'name\n"wren" or owl\n', /row 2: cell 1 goes on after its closing quotation mark/],
    ['no rows', 'name\n', 'birds.csv has no rows.'],
    ['nothing', '', 'birds.csv has no rows.'],
  ])('names file, row and column: %s', async (_, text, message) => {
    await expect(csv(text, 'name')).rejects.toMatchObject(refusal('format', message) as object);
  });
});

describe('a text of the wrong encoding', () => {
  it.each([
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x6e, 0, 0x61, 0), 'birds.csv is UTF-16 text.'],
    ['UTF-16 without a mark', Uint8Array.of(0x6e, 0, 0x61, 0, 0x0a, 0), /line 1, holds bytes that are not text/],
    ['Latin-1', Uint8Array.from([...encode('name\nwren\n'), 0xe9, 0x74, 0xe9, 0x0a]), /line 3, is not UTF-8 text/],
    ['a character cut off', Uint8Array.from([...encode('name\nwre'), 0xc3]), /line 2, is not UTF-8 text/],
  ])('is told with its line: %s', async (_, bytes, message) => {
    const reading = rowsOf(inCrumbs('birds.csv', bytes), 'csv', ['name']);
    await expect(reading).rejects.toMatchObject(refusal('format', message) as object);
  });
});

describe('a line of 50 MB', () => {
  const endless = (before: string, length: number): ByteSource => {
    const first = encode(before);
    const letters = new Uint8Array(1e6).fill(0x61);
    const stream = async function* (): AsyncIterable<Uint8Array> {
      yield first;
      for (let sent = 0; sent < length; sent += 1e6) yield await Promise.resolve(letters);
    };
    return { ...bytesSource('long.csv', first), byteLength: first.byteLength + length, stream };
  };

  it.each(['csv', 'jsonl', 'lines'] as const)('is refused in %s before it is held whole', async (format) => {
    const reading = rowsOf(endless('text\nwren\n"', 50e6), format, ['text']);
    const message = format === 'jsonl' ? /row 1/ : /long\.csv, line 3, is longer than 16 MB/;
    await expect(reading).rejects.toMatchObject(refusal('format', message) as object);
  });

  it('is taken where it is shorter than the limit', async () => {
    const rows = await rowsOf(endless('text\n', 5e6), 'csv', ['text']);
    expect(rows.map(({ values }) => String(values['text']).length)).toEqual([5e6]);
  });
});

describe('a million rows', () => {
  it('come in batches, in order', async () => {
    const block = encode(Array.from({ length: 1000 }, (_, i) => `row ${i},=${i}\n`).join(''));
    const stream = async function* (): AsyncIterable<Uint8Array> {
      yield encode('text,sum\n');
      for (let i = 0; i < 1000; i++) yield await Promise.resolve(block);
    };
    const source = { ...bytesSource('many.csv', block), byteLength: 9 + 1000 * block.byteLength, stream };
    let [rows, batches] = [0, 0];
    for await (const batch of readTable(source, 'csv', ['sum'])) {
      expect(batch[0]).toEqual({ row: rows + 2, values: { sum: `=${rows % 1000}` } });
      rows += batch.length;
      batches++;
    }
    expect([rows, batches]).toEqual([1e6, 245]);
  }, 60_000);
});

describe('JSON Lines', () => {
  const jsonl = (text: string, ...columns: string[]): Promise<TableRow[]> =>
    rowsOf(inCrumbs('birds.jsonl', encode(text)), 'jsonl', columns);

  it('gives values as they are; a row may lack some', async () => {
    expect(await jsonl('{"name":"wren","size":1}\r\n\n{"name":["owl"],"x":{}}', 'name', 'size')).toEqual([
      { row: 1, values: { name: 'wren', size: 1 } },
      { row: 3, values: { name: ['owl'], size: undefined } },
    ]);
  });

  it.each([
    ['a row that is not JSON', '{"name":1}\n{"name":', /birds\.jsonl, row 2, is not valid JSON/],
    ['a row that is not an object', '{"name":1}\n\n[1]', /birds\.jsonl, row 3, holds no JSON object/],
    ['no rows', '\n \n', 'birds.jsonl has no rows.'],
  ])('names file and row: %s', async (_, text, message) => {
    await expect(jsonl(text, 'name')).rejects.toMatchObject(refusal('format', message) as object);
  });
});

describe('JSON whose rows have a key twice', () => {
  it.each(['a.jsonl', 'a.json', 'a.txt'])('is refused: %s', async (name) => {
    const source = bytesSource(
      name,
      encode('{"prompt":"wren","label":1,"l\\u0061bel":0}\n{"prompt":"owl","label":0}\n'),
    );
    await expect(readTableLayout(source)).rejects.toMatchObject(
      refusal('format', /first row has “label” twice/) as object,
    );
  });
});

describe('a JSON array', () => {
  const json = (value: unknown): Promise<TableRow[]> =>
    rowsOf(bytesSource('birds.json', encode(JSON.stringify(value))), 'json', ['text']);

  it('may be in an object, alone', async () => {
    expect(await json({ version: 1, prompts: ['wren', 'owl'], notes: [] })).toHaveLength(2);
    const beside = /birds\.json holds another array, “label”, beside its prompts/;
    await expect(json({ prompt: ['wren', 'owl'], label: [1, 0] })).rejects.toMatchObject(refusal('format', beside) as object); // prettier-ignore
    await expect(json({ robins: ['wren'], owls: ['owl'] })).rejects.toMatchObject({ code: 'format' });
  });
});

describe('plain lines', () => {
  it('are the column “text”', async () => {
    const source = inCrumbs('birds.txt', encode('a wren, small\n\n"an owl"\r\n  =1\n'));
    expect(await rowsOf(source, 'lines', ['text'])).toEqual([
      { row: 1, values: { text: 'a wren, small' } },
      { row: 3, values: { text: '"an owl"' } },
      { row: 4, values: { text: '  =1' } },
    ]);
    await expect(rowsOf(source, 'lines', ['label'])).rejects.toMatchObject({ code: 'format' });
  });
});

describe('formatOfName', () => {
  it.each([
    ['a.csv', 'csv'],
    ['b/c.TSV', 'tsv'],
    ['d.jsonl', 'jsonl'],
    ['d.ndjson', 'jsonl'],
    ['e.txt', 'lines'],
    ['f.parquet', 'parquet'],
  ])('reads the format of %s', (name, format) => expect(formatOfName(name)).toBe(format));

  it('says so of names that tell none', () => {
    expect(() => formatOfName('prompts.xlsx')).toThrow(/prompts\.xlsx: its name does not say/);
  });
});
