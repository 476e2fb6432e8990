import { expect, it } from 'vitest';
import { auroc } from '../../../src/core/auroc.ts';
import { createRandom } from '../../../src/core/random.ts';

it('agrees with sklearn.metrics.roc_auc_score, ties across and within classes included', () => {
  const harmful = Float64Array.of(0.9, 0.4, 0.4, 0.7, -1.2, 2.5, 0.1);
  const safe = Float64Array.of(0.4, 0.1, -0.3, 0.7, 0.7, -2);
  expect(auroc(harmful, safe)).toBeCloseTo(0.6547619047619048, 15);
});

it('is the share of pairs in the right order', () => {
  const random = createRandom(3);
  const draw = (): Float32Array => Float32Array.from({ length: 40 }, () => Math.floor(random() * 12)); // many ties
  const [harmful, safe] = [draw(), draw()];
  let pairs = 0;
  for (const h of harmful) for (const s of safe) pairs += h > s ? 1 : h === s ? 0.5 : 0;
  expect(auroc(harmful, safe)).toBe(pairs / 1600);
  expect(auroc(safe, harmful)).toBeCloseTo(1 - pairs / 1600, 15);
});

it('is the same whether pairs are compared or classes sorted, which depends on their sizes', () => {
  const random = createRandom(4);
  const draw = (length: number): Float64Array => Float64Array.from({ length }, () => Math.floor(random() * 90));
  const [harmful, safe] = [draw(301), draw(303)];
  const twice = (scores: Float64Array): Float64Array => Float64Array.from([...scores, ...scores]); // the same shares
  expect(auroc(twice(twice(harmful)), safe)).toBe(auroc(harmful, safe));
});

it('knows the extremes', () => {
  expect(auroc(Float64Array.of(2, 3), Float64Array.of(0, 1))).toBe(1);
  expect(auroc(Float64Array.of(0, 1), Float64Array.of(2, 3))).toBe(0);
  expect(auroc(Float64Array.of(5, 5), Float64Array.of(5))).toBe(0.5);
  expect(auroc(Float64Array.of(Infinity, 1), Float64Array.of(Infinity, -Infinity, 0))).toBe(4.5 / 6);
});

it('refuses an empty class and NaN', () => {
  expect(() => auroc(Float64Array.of(1), new Float64Array(0))).toThrow('the safe class is empty');
  expect(() => auroc(Float64Array.of(1, NaN), Float64Array.of(1))).toThrow('harmful score 1 is NaN');
});
