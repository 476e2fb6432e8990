import { describe, expect, it } from 'vitest';
import { refinedConjugateGradient } from '../../../../src/core/linalg/conjugate-gradient.ts';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';

const SIZE = 40;
const b = Float64Array.from({ length: SIZE }, (_, i) => Math.cos(i));
const diagonal = Float64Array.from({ length: SIZE }, (_, i) => 1 + i * i);
const multiply = (vector: Float64Array): Float64Array =>
  vector.map((value, i) => (diagonal[i] ?? 0) * value + 0.3 * ((vector[i - 1] ?? 0) + (vector[i + 1] ?? 0)));
const precondition = (vector: Float64Array): Float64Array => vector.map((value, i) => value / (diagonal[i] ?? 1));
const TOLERANCE = 1e-10;

describe('conjugate gradients with coarse products', () => {
  it.each([
    ['in float32', (vector: Float64Array) => Float64Array.from(Float32Array.from(multiply(vector)))],
    ['off by a hundredth', (vector: Float64Array) => multiply(vector).map((value) => 1.01 * value)],
    ['of no use', (vector: Float64Array) => multiply(vector).map((value, i) => value * (i % 2 === 0 ? 0.2 : 3))],
    ['not even numbers', (vector: Float64Array) => vector.map(() => NaN)],
  ])('reach the tolerance with products that are %s', (_, coarseMultiply) => {
    const system = { multiply, coarseMultiply, precondition };
    const { x, converged, iterations } = refinedConjugateGradient(system, b, TOLERANCE, 500);
    expect(converged).toBe(true);
    expect(relativeL2(multiply(x), b)).toBeLessThan(TOLERANCE);
    expect(iterations).toBeGreaterThan(1);
  });
});
