import { expect, it } from 'vitest';
import { CentroidAccumulator } from '../../../../src/core/linalg/centroids.ts';

it('is the mean of the rows', () => {
  const centroid = new CentroidAccumulator(2);
  for (const row of [Float32Array.of(1, 10), Float32Array.of(2, 20), Float64Array.of(6, -60)]) centroid.add(row);
  expect(centroid.count).toBe(3);
  expect(centroid.mean()).toEqual(Float64Array.of(3, -10));
});

it('sums in float64', () => {
  const centroid = new CentroidAccumulator(1);
  centroid.add(Float32Array.of(2 ** 24));
  for (let i = 0; i < 3; i++) centroid.add(Float32Array.of(1)); // each would vanish in float32
  expect(centroid.mean()[0]).toBe((2 ** 24 + 3) / 4);
});

it('refuses broken rows, and keeps what it had', () => {
  const centroid = new CentroidAccumulator(2);
  centroid.add(Float32Array.of(1, 3));
  expect(() => centroid.add(Float32Array.of(1))).toThrow('activation 1 has 1 dimensions, the centroid 2');
  expect(() => centroid.add(Float32Array.of(0, NaN))).toThrow('activation 1 is NaN at dimension 1');
  expect(() => centroid.add(Float32Array.of(Infinity, 0))).toThrow('Infinity at dimension 0');
  expect(centroid.mean()).toEqual(Float64Array.of(1, 3));
});

it('has no mean when empty', () => {
  expect(() => new CentroidAccumulator(2).mean()).toThrow('no activations');
});
