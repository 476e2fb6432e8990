import { describe, expect, it } from 'vitest';
import {
  addScaled,
  argmax,
  cosine,
  dot,
  norm,
  relativeL2,
  scale,
  subtract,
} from '../../../../src/core/linalg/vectors.ts';

const a = Float64Array.of(1, -2, 3.5);
const b = Float64Array.of(0.5, 4, -1);

describe('vectors', () => {
  it('agree with numpy', () => {
    expect(dot(a, b)).toBe(-11);
    expect(cosine(a, b)).toBeCloseTo(-0.6376811594202899, 15);
    expect(relativeL2(a, b)).toBeCloseTo(1.809796209201627, 15);
    expect(norm(Float32Array.of(3, 4))).toBe(5);
    expect(scale(a, 2)).toEqual(Float64Array.of(2, -4, 7));
    expect(subtract(a, b)).toEqual(Float64Array.of(0.5, -6, 4.5));
  });

  it('sum float32 input in float64', () => {
    // 2²⁴ + 1 + 1 is 2²⁴ + 2, but 2²⁴ when every step is rounded to float32.
    expect(dot(Float32Array.of(2 ** 24, 1, 1), Float32Array.of(1, 1, 1))).toBe(2 ** 24 + 2);
  });

  it('add in place', () => {
    const target = Float32Array.of(1, 1, 1);
    addScaled(target, -2, a);
    expect(target).toEqual(Float32Array.of(-1, 5, -6));
  });

  it('keep the cosine within [−1, 1]', () => {
    const v = Float64Array.of(0.1, 0.2, 0.3);
    expect(cosine(v, v)).toBeLessThanOrEqual(1);
    expect(cosine(v, scale(v, -3))).toBeGreaterThanOrEqual(-1);
    expect(() => cosine(v, new Float64Array(3))).toThrow('zero vector');
  });

  it('report relative errors of degenerate vectors honestly', () => {
    expect(relativeL2(new Float64Array(2), new Float64Array(2))).toBe(0);
    expect(relativeL2(Float64Array.of(1, 0), new Float64Array(2))).toBe(Infinity);
    expect(relativeL2(Float64Array.of(NaN, 0), Float64Array.of(1, 1))).toBeNaN();
  });

  it('refuse vectors of different lengths', () => {
    expect(() => dot(a, new Float64Array(2))).toThrow('vectors of 3 and 2 dimensions');
    expect(() => addScaled(a, 1, new Float64Array(4))).toThrow('3 and 4');
  });

  it('find the first of equal maxima', () => {
    expect(argmax(Float32Array.of(1, 3, 3, 2))).toBe(1);
    expect(argmax(Float32Array.of(-Infinity, -Infinity))).toBe(0);
    expect(argmax(Float32Array.of(NaN, 1))).toBe(1);
    expect(argmax(new Float32Array(0))).toBe(-1);
  });
});
