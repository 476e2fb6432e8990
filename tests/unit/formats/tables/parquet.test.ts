import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { encode, refusal, rowsOf } from '../../../support/table-reading.ts';

/** A table whose chunks are packed by `pack`. */
function packed(codec: 'GZIP' | 'ZSTD' | 'BROTLI' | 'LZO', pack: (bytes: Uint8Array) => Uint8Array): ByteSource {
  const columnData = [{ name: 'prompt', data: ['One.', 'Two.'], type: 'STRING' as const }];
  const bytes = parquetWriteBuffer({ columnData, codec, compressors: { [codec]: pack } });
  return bytesSource(`${codec.toLowerCase()}.parquet`, new Uint8Array(bytes));
}

/** A frame of Zstandard (RFC 8878) of one block that is not packed. */
function zstdStored(bytes: Uint8Array): Uint8Array {
  const block = (bytes.length << 3) | 1;
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x20, bytes.length & 0xff, block & 0xff, (block >> 8) & 0xff, block >> 16];
  return Uint8Array.from([...head, ...bytes]);
}

describe('a Parquet table', () => {
  const fixture = (name: string): ByteSource =>
    bytesSource(name, new Uint8Array(readFileSync(join(import.meta.dirname, '../../../fixtures/parquet', name))));

  it('gives the values that pyarrow wrote, over several row groups', async () => {
    const rows = await rowsOf(fixture('pairs.parquet'), 'parquet', ['prompt', 'category', 'score']);
    expect(rows).toHaveLength(60);
    for (const [i, { row, values }] of rows.entries()) {
      const flag = (n: number): boolean => i % 4 === n || i % 7 === n;
      expect(row).toBe(i + 1);
      expect(values['prompt']).toBe(`How do I count to ${Math.floor(i / 3)}, naïve 🌳?`);
      expect(values['category']).toEqual({ 'gardening,trees': flag(0), baking: flag(1), knots_and_ropes: flag(2) });
      expect(values['score'] ?? null).toBe(i === 5 ? null : i / 2);
      expect(values).not.toHaveProperty('response');
    }
  });

  it('reads the codecs that pyarrow writes, each fetched where it is met', async () => {
    const rows = await rowsOf(fixture('zstd.parquet'), 'parquet', ['prompt']);
    expect(rows.map(({ values }) => values['prompt'])).toEqual(
      Array.from({ length: 8 }, (_, i) => `How do I count to ${Math.floor(i / 3)}, naïve 🌳?`),
    );
    for (const source of [packed('GZIP', gzipSync), packed('ZSTD', zstdStored), packed('BROTLI', brotliCompressSync)]) {
      expect((await rowsOf(source, 'parquet', ['prompt'])).map(({ values }) => values['prompt'])).toEqual([
        'One.',
        'Two.',
      ]);
    }
  });

  it.each([
    ['a missing column', fixture('pairs.parquet'), 'text', /pairs\.parquet has no column “text”.*“prompt”, “response”/],
    [
      'a codec that is not there',
      packed('LZO', (bytes) => bytes),
      'prompt',
      /lzo\.parquet, rows 1 to 2, .* packed with LZO/,
    ],
    [
      'a file that is none',
      bytesSource('x.parquet', encode('id,name\n1,wren\n')),
      'name',
      /x\.parquet cannot be read as Parquet/,
    ],
    ['an empty file', bytesSource('x.parquet', new Uint8Array()), 'name', /x\.parquet cannot be read as Parquet/],
  ])('names the file: %s', async (_, source, column, message) => {
    await expect(rowsOf(source, 'parquet', [column])).rejects.toMatchObject(refusal('format', message) as object);
  });

  it.each([
    ['more rows', 6],
    ['fewer rows', 2],
    ['less than none', 1],
  ])('is refused where its footer claims %s than its row groups hold', async (_, zigzag) => {
    const columnData = [{ name: 'prompt', data: ['One.', 'Two.'], type: 'STRING' as const }];
    const bytes = Buffer.from(parquetWriteBuffer({ columnData }));
    const at = bytes.lastIndexOf(Buffer.from([0x16, 4, 0x19])); // num_rows of the footer, before the list of row groups
    bytes[at + 1] = zigzag;
    const reading = rowsOf(bytesSource('lies.parquet', new Uint8Array(bytes)), 'parquet', ['prompt']);
    await expect(reading).rejects.toMatchObject(refusal('format', /lies\.parquet .* row groups do not hold/) as object);
  });

  it.each([
    ['a count that is not a whole number', 13, 0x17],
    ['a size below nothing', 9, 0x21],
    ['a size beyond its end', 9, 0x7e],
    ['more values than its column', 12, 0x06],
  ])('is refused where a page has %s, which would be read without end', async (_, at, value) => {
    const columnData = [{ name: 'prompt', data: ['One.', 'Two.'], type: 'STRING' as const }];
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
    expect([...bytes.subarray(4, 14)]).toEqual([0x15, 6, 0x15, 0x24, 0x15, 0x28, 0x5c, 0x15, 4, 0x15]); // a page's header
    const spoilt = bytes.with(at, value);
    const reading = rowsOf(bytesSource('page.parquet', spoilt), 'parquet', ['prompt']);
    await expect(reading).rejects.toMatchObject(
      refusal('format', /page\.parquet, rows 1 to 2, .*column prompt/) as object,
    );
  });

  it('names the rows of a damaged chunk', async () => {
    const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, '../../../fixtures/parquet/pairs.parquet')));
    bytes.fill(0xff, 4, 200);
    const reading = rowsOf(bytesSource('hurt.parquet', bytes), 'parquet', ['prompt']);
    await expect(reading).rejects.toMatchObject(
      refusal('format', /hurt\.parquet, rows 1 to 60, cannot be read/) as object,
    );
  });
});
