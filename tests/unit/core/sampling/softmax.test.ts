import { expect, it } from 'vitest';
import { logSoftmax, logSumExp, softmax } from '../../../../src/core/sampling/softmax.ts';

const logits = Float64Array.of(1.5, -0.25, 3, 0, -2);

it('agrees with scipy.special', () => {
  expect(logSumExp(logits)).toBeCloseTo(3.2764411670508546, 15);
  const expected = [
    0.16923937145724752, 0.02940939296520061, 0.7584782413308301, 0.037762408056675245, 0.00511058619004669,
  ];
  softmax(logits).forEach((probability, i) => {
    expect(probability).toBeCloseTo(expected[i] ?? NaN, 15);
  });
});

it('neither overflows nor underflows', () => {
  expect([...softmax(Float32Array.of(1e4, 1e4))]).toEqual([0.5, 0.5]);
  expect(logSoftmax(Float32Array.of(0, -1e4))[1]).toBe(-1e4);
});

it('gives excluded tokens no mass', () => {
  expect([...softmax(Float32Array.of(0, -Infinity, 0))]).toEqual([0.5, 0, 0.5]);
  expect(logSumExp(Float32Array.of(-Infinity))).toBe(-Infinity);
  expect(logSumExp(Float32Array.of(0, NaN))).toBeNaN();
});
