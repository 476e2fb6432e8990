import { packRows } from '../../../../src/engine/run/packing.ts';
import { describe, expect, it } from 'vitest';
import { EmbeddingTable } from '../../../../src/engine/checkpoint/embedding-table.ts';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import type { TensorEntry } from '../../../../src/formats/bytes/safetensors.ts';

const HIDDEN = 64;
const SMALL = 100; // rows; read whole
const LARGE = 70_000; // rows; over 16 MB in float32, so read by the row
const OFFSET = 24; // of the table in its file

/** Row `id` holds id, id + 1/64, …: all exact in float32. */
const valueAt = (id: number, i: number): number => id + i / 64;

const files = new Map<number, Uint8Array>(); // rows → file, since filling a large one takes a while

function fileOf(rows: number): Uint8Array {
  const made = files.get(rows) ?? new Uint8Array(OFFSET + rows * HIDDEN * 4);
  if (files.has(rows)) return made;
  const values = new Float32Array(made.buffer, OFFSET);
  for (let i = 0; i < values.length; i++) values[i] = valueAt(Math.floor(i / HIDDEN), i % HIDDEN);
  files.set(rows, made);
  return made;
}

function table(rows: number): { source: ByteSource; entry: TensorEntry; reads: number[] } {
  const file = fileOf(rows);
  const reads: number[] = [];
  const inner = bytesSource('w.safetensors', file);
  const source: ByteSource = {
    ...inner,
    slice: (start, end) => {
      reads.push(end - start);
      return inner.slice(start, end);
    },
  };
  const entry = { name: 'w', dtype: 'F32', shape: [rows, HIDDEN], start: OFFSET, end: file.byteLength } as const;
  return { source, entry, reads };
}

describe.each([
  ['whole', SMALL],
  ['by the row', LARGE],
])('an embedding table that is read %s', (_, rows) => {
  const vector = (id: number): number[] => Array.from({ length: HIDDEN }, (__, i) => valueAt(id, i));

  it('gives rows one after the other, without padding', async () => {
    const out = await new EmbeddingTable(table(rows)).embed([[3, rows - 1], [7]], packRows([2, 1]));
    expect([...out]).toEqual([3, rows - 1, 7].flatMap(vector));
  });

  it('gives what rows share once', async () => {
    const out = await new EmbeddingTable(table(rows)).embed([[4, 3], [4], [4, 6, 5]], packRows([2, 1, 3], 1));
    expect([...out]).toEqual([4, 3, 6, 5].flatMap(vector));
  });

  it.each([rows, -1, 1.5, NaN])('names a token outside of the vocabulary: %d', async (id) => {
    const embeddings = new EmbeddingTable(table(rows));
    await expect(embeddings.embed([[0, id]], packRows([2]))).rejects.toMatchObject({
      code: 'bad-request',
      message: `Token ${id} is outside of the vocabulary of ${rows}.`,
    });
  });

  it('reads nothing twice', async () => {
    const { reads, ...located } = table(rows);
    const embeddings = new EmbeddingTable(located);
    await embeddings.embed([[1, 2, 1]], packRows([3]));
    const first = reads.length;
    await embeddings.embed([[2, 1]], packRows([2]));
    expect(reads.length).toBe(first);
  });

  it('can be read again after a failed read', async () => {
    const { source, entry } = table(rows);
    let fails = true;
    const flaky: ByteSource = {
      ...source,
      slice: (start, end) => (fails ? Promise.reject(new Error('cut')) : source.slice(start, end)),
    };
    const embeddings = new EmbeddingTable({ source: flaky, entry });
    await expect(embeddings.embed([[5]], packRows([1]))).rejects.toThrow('cut');
    fails = false;
    expect((await embeddings.embed([[5]], packRows([1])))[0]).toBe(5);
  });
});

it('reads of a large table only the rows that it is asked for', async () => {
  const { reads, ...located } = table(LARGE);
  await new EmbeddingTable(located).embed([[9, 60_000]], packRows([2]));
  expect(reads).toEqual([HIDDEN * 4, HIDDEN * 4]);
});
