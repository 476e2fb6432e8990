import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import {
  inParallel,
  joinRanges,
  readRange,
  REQUEST_COST_BYTES,
  totalBytes,
} from '../../../../src/engine/streamed/byte-ranges.ts';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';

const rows = (ids: readonly number[], size: number): { start: number; end: number }[] =>
  ids.map((id) => ({ start: id * size, end: (id + 1) * size }));
const bounds = (ranges: readonly { start: number; end: number }[]): number[][] =>
  ranges.map(({ start, end }) => [start, end]);

describe('joinRanges', () => {
  it('joins what lies nearer than a request costs, in the order of the file', () => {
    const joined = joinRanges(rows([9, 0, 1, 5], 10), 35);
    expect(bounds(joined)).toEqual([[0, 100]]);
    expect(joined[0]?.parts.map(({ start }) => start)).toEqual([0, 10, 50, 90]);
    expect(bounds(joinRanges(rows([9, 0, 1, 5], 10), 30))).toEqual([
      [0, 20],
      [50, 60],
      [90, 100],
    ]);
  });

  it('never costs more than fetching every range alone', () => {
    const size = 8192; // a row at 7B
    for (const step of [1, 3, 15, 16, 17, 40]) {
      const alone = rows(
        Array.from({ length: 100 }, (_, i) => i * step),
        size,
      );
      const joined = joinRanges(alone);
      const cost = (ranges: readonly { start: number; end: number }[]): number =>
        totalBytes(ranges) + ranges.length * REQUEST_COST_BYTES;
      expect(cost(joined), `every ${step}th row`).toBeLessThanOrEqual(cost(alone));
      expect(joined.length).toBe(step <= 16 ? 1 : 100);
    }
  });

  it('keeps requests short, and never splits a range', () => {
    const joined = joinRanges(rows([0, 1, 2, 3], 7e6));
    expect(bounds(joined)).toEqual([
      [0, 14e6],
      [14e6, 28e6],
    ]);
    expect(bounds(joinRanges([{ start: 0, end: 90e6 }]))).toEqual([[0, 90e6]]);
  });
});

describe('readRange', () => {
  it('names the file and the tensor where bytes are missing', async () => {
    const source = bytesSource('model.safetensors', new Uint8Array(10));
    await expect(readRange(source, { start: 4, end: 12 }, 'tensor a')).rejects.toMatchObject({
      code: 'format',
      message: 'model.safetensors: tensor a should lie at bytes 4 to 12; 6 of its 8 bytes came.',
    });
  });

  it('keeps the code and the next step of what the source says', async () => {
    const failure = new LabError('fetch', 'the server answered 503.', 'Try again in a while.');
    const source = { name: 'model.safetensors', byteLength: 10, slice: () => Promise.reject(failure) };
    await expect(readRange(source, { start: 0, end: 4 }, 'tensor a')).rejects.toMatchObject({
      code: 'fetch',
      message: 'model.safetensors: tensor a could not be read: the server answered 503.',
      nextStep: 'Try again in a while.',
    });
  });
});

describe('inParallel', () => {
  it('runs a few at a time, and all of them', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    const items = Array.from({ length: 20 }, (_, i) => i);
    await inParallel(items, async (item) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      done.push(item);
    });
    expect(done.sort((a, b) => a - b)).toEqual(items);
    expect(most).toBe(6);
  });

  it('begins nothing more after a failure', async () => {
    const begun: number[] = [];
    let end = (): void => undefined;
    const others = new Promise<void>((resolve) => (end = resolve));
    const job = inParallel([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], async (item) => {
      begun.push(item);
      if (item === 1) await Promise.reject(new Error('first'));
      await others;
    });
    await expect(job).rejects.toThrow('first');
    end();
    await new Promise((resolve) => setTimeout(resolve, 0)); // what comes of their ends has come
    expect(begun).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
