import { expect, it } from 'vitest';
import { meanDifference, projection, unit } from '../../../../src/core/probes/directions.ts';
import { norm } from '../../../../src/core/linalg/vectors.ts';

const direction = meanDifference(Float64Array.of(4, 1, 0), Float64Array.of(1, 5, 0));

it('points from safe to harmful', () => {
  expect(direction).toEqual(Float64Array.of(3, -4, 0));
  expect([...unit(direction)].map((value) => value.toFixed(12))).toEqual(
    [0.6, -0.8, 0].map((value) => value.toFixed(12)),
  );
  expect(norm(unit(direction))).toBeCloseTo(1, 15);
});

it('scores an activation by its component along the direction', () => {
  expect(projection(Float32Array.of(10, 5, 99), direction)).toBe(2); // (30 − 20) / 5
});

it('separates the centroids by its own norm', () => {
  const gap = projection(Float64Array.of(4, 1, 0), direction) - projection(Float64Array.of(1, 5, 0), direction);
  expect(gap).toBeCloseTo(norm(direction), 14);
});

it('refuses directions that point nowhere', () => {
  expect(() => unit(new Float64Array(3))).toThrow('norm 0 points nowhere');
  expect(() => projection(direction, Float64Array.of(1, NaN, 0))).toThrow('norm NaN');
  expect(() => meanDifference(direction, new Float64Array(2))).toThrow('3 and 2 dimensions');
});
