import { describe, expect, it } from 'vitest';
import {
  packedIndex,
  packEmbeddings,
  packRows,
  padded,
  placesOfTokens,
  rowValues,
  sharedStart,
  tokensOfPlaces,
} from '../../../../src/engine/run/packing.ts';

const numbers = (values: BigInt64Array): number[] => [...values].map(Number);

describe('what sequences begin with', () => {
  it.each([
    [[], 0],
    [[[1, 2, 3]], 0], // nothing to share it with
    [
      [
        [1, 2, 3],
        [1, 2, 4],
      ],
      2,
    ],
    [
      [
        [1, 2],
        [1, 2, 4],
        [1, 2],
      ],
      2,
    ],
    [[[1], [2]], 0],
  ])('%j: %d', (sequences, shared) => {
    expect(sharedStart(sequences)).toBe(shared);
  });
});

describe('packed rows', () => {
  const packing = packRows([4, 2, 3], 2); // a b C D | a b | a b E

  it('hold what is shared once, then each row’s own', () => {
    expect(packing.tokens).toBe(5);
    expect([packedIndex(packing, 0, 2), packedIndex(packing, 2, 2), packedIndex(packing, 1, 1)]).toEqual([2, 4, 1]);
    const rows = [
      [10, 11, 12, 13],
      [10, 11],
      [10, 11, 14],
    ];
    expect([...packEmbeddings(rows, packing, 1, (id) => Float32Array.of(id))]).toEqual([10, 11, 12, 13, 14]);
  });

  it('are spread over places, the last token repeated behind a row’s end, and gathered again', () => {
    expect(numbers(tokensOfPlaces(packing))).toEqual([0, 1, 2, 3, 0, 1, 1, 1, 0, 1, 4, 4]);
    const { places, rows } = placesOfTokens(packing);
    expect(numbers(places)).toEqual([0, 1, 2, 3, 10]);
    expect(numbers(rows)).toEqual([0, 0, 0, 0, 2]);
    const spread = numbers(tokensOfPlaces(packing));
    expect(numbers(places).map((place) => spread[place])).toEqual([0, 1, 2, 3, 4]);
  });

  it('give one row’s values, and all of them padded', () => {
    const values = Float32Array.of(10, 11, 12, 13, 14);
    expect([...rowValues(values, packing, 2, 1)]).toEqual([10, 11, 14]);
    expect([...padded(values, packing, 1)]).toEqual([10, 11, 12, 13, 10, 11, 0, 0, 10, 11, 14, 0]);
  });

  it('of equal length that share nothing are as they were', () => {
    const values = Float32Array.of(1, 2, 3, 4);
    expect(padded(values, packRows([2, 2]), 1)).toBe(values);
  });
});
