import { expect, it } from 'vitest';
import { auroc } from '../../../../src/core/statistics/auroc.ts';
import { accuracyAt, rocCurve, tprAtFpr, youdenThreshold } from '../../../../src/core/statistics/roc.ts';
import { scoreHistogram } from '../../../../src/core/statistics/score-histogram.ts';
import goldens from '../../../fixtures/statistics/roc.json' with { type: 'json' };

it.each(Object.entries(goldens))('agrees with scikit-learn and numpy: %s', (_name, golden) => {
  const [harmful, safe] = [Float64Array.from(golden.harmful), Float64Array.from(golden.safe)];
  expect(auroc(harmful, safe)).toBeCloseTo(golden.auroc, 14);
  const curve = rocCurve(harmful, safe);
  expect(curve.thresholds[0]).toBe(Infinity);
  expect([...curve.thresholds.slice(1)]).toEqual(golden.thresholds.slice(1));
  expect([...curve.fpr]).toEqual(golden.fpr);
  expect([...curve.tpr]).toEqual(golden.tpr);
  expect(tprAtFpr(harmful, safe)).toBe(golden.tprAt1);
  expect(tprAtFpr(harmful, safe, 0.1)).toBe(golden.tprAt10);
  const threshold = youdenThreshold(harmful, safe);
  expect(threshold).toBe(golden.youden);
  const { accuracy, balanced } = accuracyAt(harmful, safe, threshold);
  expect(accuracy).toBeCloseTo(golden.accuracy, 14);
  expect(balanced).toBeCloseTo(golden.balanced, 14);
  const histogram = scoreHistogram(harmful, safe, golden.harmfulCounts.length);
  expect([...histogram.edges]).toEqual(golden.edges);
  expect([...histogram.harmful]).toEqual(golden.harmfulCounts);
  expect([...histogram.safe]).toEqual(golden.safeCounts);
});

it('allows no safe prompt at 1 % FPR when there are fewer than 100', () => {
  const safe = Float64Array.from({ length: 99 }, (_, i) => i);
  const harmful = Float64Array.of(97.5, 98, 99, 100); // one ties with the highest safe score, one lies below it
  expect(tprAtFpr(harmful, safe)).toBe(0.5);
  expect(
    tprAtFpr(
      harmful,
      Float64Array.from({ length: 100 }, (_, i) => i - 1),
    ),
  ).toBe(1);
  expect(tprAtFpr(harmful, safe, 1)).toBe(1);
});

it('does not lose a prompt to rounding of FPR times prompts', () => {
  const safe = Float64Array.from({ length: 100 }, (_, i) => i); // 0.29 · 100 is 28.999999999999996
  expect(tprAtFpr(Float64Array.of(70.5), safe, 0.29)).toBe(1);
  expect(tprAtFpr(Float64Array.of(70.5), safe, 0.28)).toBe(0);
});

it('takes the threshold in the gap between separate classes, and the one score there is', () => {
  expect(youdenThreshold(Float64Array.of(4, 9), Float64Array.of(1, 2))).toBe(3);
  expect(youdenThreshold(Float64Array.of(2, 2), Float64Array.of(2))).toBe(2);
  const max = Number.MAX_VALUE;
  expect(youdenThreshold(Float64Array.of(max), Float64Array.of(max / 2))).toBe(max * 0.75);
});

it('puts a score on an edge into the bin above, and the highest into the last', () => {
  const { harmful, safe } = scoreHistogram(Float64Array.of(1, 2, 2.5, 4), Float64Array.of(0, 3), 4);
  expect([...harmful]).toEqual([0, 1, 2, 1]);
  expect([...safe]).toEqual([1, 0, 0, 1]);
  expect([...scoreHistogram(Float64Array.of(2), Float64Array.of(2), 2).edges]).toEqual([1.5, 2, 2.5]);
});

it('refuses an empty class, NaN, and bins that are none', () => {
  expect(() => rocCurve(Float64Array.of(1), new Float64Array(0))).toThrow('the safe class has no scores');
  expect(() => tprAtFpr(Float64Array.of(NaN), Float64Array.of(1))).toThrow('harmful score 0 is NaN');
  expect(() => scoreHistogram(Float64Array.of(1), Float64Array.of(1), 0)).toThrow('a histogram of 0 bins');
  expect(() => scoreHistogram(Float64Array.of(Infinity), Float64Array.of(1), 5)).toThrow('to Infinity');
});
