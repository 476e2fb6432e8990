import { describe, expect, it } from 'vitest';
import { klDivergence, top1Agreement } from '../../../../src/core/statistics/divergence.ts';

const p = Float64Array.of(1.5, -0.25, 3, 0, -2);
const q = Float64Array.of(1, 0.5, 2.5, -0.5, -1);

describe('klDivergence', () => {
  it('agrees with scipy.special.rel_entr on softmax', () => {
    expect(klDivergence(p, q)).toBeCloseTo(0.042697284560607604, 15);
    expect(klDivergence(q, p)).toBeCloseTo(0.06196974183026899, 15);
  });

  it('does not see a shift of all logits', () => {
    expect(
      klDivergence(
        p,
        p.map((logit) => logit + 40),
      ),
    ).toBeCloseTo(0, 14);
    expect(klDivergence(p, p)).toBe(0);
  });

  it('handles excluded tokens', () => {
    const masked = Float64Array.of(0, 0, -Infinity);
    expect(klDivergence(masked, Float64Array.of(0, 0, 0))).toBeCloseTo(Math.log(1.5), 15);
    expect(klDivergence(Float64Array.of(0, 0, 0), masked)).toBe(Infinity);
  });

  it('refuses NaN and other vocabularies', () => {
    expect(() => klDivergence(Float64Array.of(NaN, 0), Float64Array.of(0, 0))).toThrow('NaN among the logits');
    expect(() => klDivergence(p, Float64Array.of(0))).toThrow('5 and 1 tokens');
  });
});

describe('top1Agreement', () => {
  it('counts rows with the same most likely token', () => {
    const rows = Float32Array.of(1, 2, 3, 3, 2, 1, 0, 5, 0, 1, 1, 0); // argmax 2, 0, 1, 0
    const other = Float32Array.of(0, 0, 9, 0, 1, 0, 0, 7, 1, 2, 1, 0); // argmax 2, 1, 1, 0
    expect(top1Agreement(rows, other, 3)).toBe(0.75);
  });

  it('refuses shapes that are not whole rows', () => {
    expect(() => top1Agreement(p, q, 3)).toThrow('5 logits are not one or more rows of 3');
  });
});
