import { expect, it } from 'vitest';
import { pool } from '../../../../src/core/probes/pooling.ts';

const residual = Float32Array.of(1, -8, 5, -2, 6, -5); // [3 tokens, 2]

it.each([
  ['last', [6, -5]],
  ['mean', [4, -5]],
  ['max', [6, -2]],
] as const)('pools by %s', (pooling, expected) => {
  expect([...pool(residual, 3, 2, pooling)]).toEqual(expected);
});

it('gives a copy', () => {
  const last = pool(residual, 3, 2, 'last');
  last[0] = 99;
  expect(residual[4]).toBe(6);
});

it('sums the mean in float64', () => {
  expect(pool(Float32Array.of(2 ** 24, 1, 1, 2), 4, 1, 'mean')[0]).toBe(2 ** 22 + 1);
});

it('refuses shapes that do not fit', () => {
  expect(() => pool(residual, 2, 2, 'mean')).toThrow('cannot pool 6 values as [2 tokens, 2]');
  expect(() => pool(new Float32Array(0), 0, 2, 'last')).toThrow('0 tokens');
});
