import { describe, expect, it } from 'vitest';
import { cosine } from '../../../../src/core/linalg/vectors.ts';
import { certaintyFromHalves } from '../../../../src/core/probes/split-half.ts';
import { createRandom, gaussian } from '../../../../src/core/sampling/random.ts';

describe('the certainty of a direction', () => {
  it.each([
    [1, 1],
    [0.9, Math.sqrt(1.8 / 1.9)],
    [0, 0],
    [-0.3, 0],
  ])('from halves at cosine %d is %d', (r, expected) => {
    expect(certaintyFromHalves(r)).toBeCloseTo(expected, 12);
  });

  it('estimates the cosine with the true direction, which it does not see', () => {
    const random = createRandom(7);
    const size = 4000;
    const truth = Float64Array.from({ length: size }, () => gaussian(random));
    for (const noise of [0.5, 1, 2]) {
      const half = (): Float64Array => truth.map((value) => value + noise * gaussian(random));
      const [a, b] = [half(), half()];
      const whole = a.map((value, i) => (value + (b[i] ?? 0)) / 2);
      expect(Math.abs(certaintyFromHalves(cosine(a, b)) - cosine(whole, truth))).toBeLessThan(0.03);
    }
  });
});
