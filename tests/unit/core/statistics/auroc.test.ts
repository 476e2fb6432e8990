import { expect, it } from 'vitest';
import { auroc } from '../../../../src/core/statistics/auroc.ts';
import { createRandom } from '../../../../src/core/sampling/random.ts';
import type { Vector } from '../../../../src/core/linalg/vectors.ts';

it('agrees with sklearn.metrics.roc_auc_score, ties across and within classes included', () => {
  const harmful = Float64Array.of(0.9, 0.4, 0.4, 0.7, -1.2, 2.5, 0.1);
  const safe = Float64Array.of(0.4, 0.1, -0.3, 0.7, 0.7, -2);
  expect(auroc(harmful, safe)).toBeCloseTo(0.6547619047619048, 15);
});

it('is the share of pairs in the right order', () => {
  const random = createRandom(3);
  const draw = (): Float32Array => Float32Array.from({ length: 40 }, () => Math.floor(random() * 12)); // many ties
  const [harmful, safe] = [draw(), draw()];
  expect(auroc(harmful, safe)).toBe(shareOfPairs(harmful, safe));
  expect(auroc(safe, harmful)).toBeCloseTo(1 - shareOfPairs(harmful, safe), 15);
});

it('is the same however the scores lie: spread, in a heap beside an outlier, equal, or infinite', () => {
  const random = createRandom(4);
  const spread = (length: number): Float64Array => Float64Array.from({ length }, () => Math.floor(random() * 5000) / 7);
  for (const [h = 0, s = 0] of [
    [301, 303],
    [1, 900],
    [900, 1],
  ]) {
    const [harmful, safe] = [spread(h), spread(s)];
    const expected = shareOfPairs(harmful, safe);
    const through = (work: (score: number) => number): number => auroc(harmful.map(work), safe.map(work)); // rising: the order stays
    expect(auroc(harmful, safe)).toBe(expected);
    expect(through((score) => score - 1e6)).toBe(expected);
    expect(through((score) => (score >= Math.max(...safe) ? score * 1e300 : score))).toBe(expected);
    expect(through((score) => (score <= Math.min(...safe, ...harmful) ? -Infinity : score))).toBe(expected);
    expect(through((score) => Math.exp(score / 2))).toBe(expected);
  }
  expect(auroc(new Float64Array(900).fill(5), new Float64Array(700).fill(5))).toBe(0.5);
  expect(auroc(Float64Array.of(5e-324, 0), Float64Array.of(0, 5e-324))).toBe(0.5);
});

function shareOfPairs(harmful: Vector, safe: Vector): number {
  let pairs = 0;
  for (const h of harmful) for (const s of safe) pairs += h > s ? 1 : h === s ? 0.5 : 0;
  return pairs / (harmful.length * safe.length);
}

it('knows the extremes', () => {
  expect(auroc(Float64Array.of(2, 3), Float64Array.of(0, 1))).toBe(1);
  expect(auroc(Float64Array.of(0, 1), Float64Array.of(2, 3))).toBe(0);
  expect(auroc(Float64Array.of(5, 5), Float64Array.of(5))).toBe(0.5);
  expect(auroc(Float64Array.of(Infinity, 1), Float64Array.of(Infinity, -Infinity, 0))).toBe(4.5 / 6);
});

it('refuses an empty class and NaN', () => {
  expect(() => auroc(Float64Array.of(1), new Float64Array(0))).toThrow('the safe class has no scores');
  expect(() => auroc(Float64Array.of(1, NaN), Float64Array.of(1))).toThrow('harmful score 1 is NaN');
});
