import { describe, expect, it } from 'vitest';
import { spreadLogarithmically } from '../../../../src/core/statistics/log-spacing.ts';

const EVERY_THOUSAND = Array.from({ length: 1414 }, (_, i) => i * 1000);

describe('spreadLogarithmically', () => {
  it('takes powers where they are', () => {
    const powers = [1, 2, 4, 8, 16, 32, 64, 128];
    expect(spreadLogarithmically(powers, 1, 7)).toEqual(powers.slice(1));
    expect(spreadLogarithmically(Array.from({ length: 129 }, (_, i) => i), 1, 7)).toEqual([2, 4, 8, 16, 32, 64, 128]); // prettier-ignore
  });

  it('gives as many as it is asked for, ascending, distinct, above `from`, the last among them', () => {
    for (const count of [1, 2, 23, 200]) {
      const picked = spreadLogarithmically(EVERY_THOUSAND, 10_000, count);
      expect(picked).toHaveLength(count);
      expect(picked).toEqual([...new Set(picked)].sort((a, b) => a - b));
      expect(picked[0]).toBeGreaterThan(10_000);
      expect(picked.at(-1)).toBe(1_413_000);
    }
  });

  it('keeps ratios nearly equal where there is a choice', () => {
    const picked = spreadLogarithmically(EVERY_THOUSAND, 10_000, 23);
    const ratios = picked.slice(1).map((step, i) => step / (picked[i] ?? 0));
    const ideal = 141.3 ** (1 / 23);
    for (const ratio of ratios) expect(Math.abs(ratio / ideal - 1)).toBeLessThan(0.1);
  });

  it('takes all where there are too few', () => {
    expect(spreadLogarithmically([5, 6, 7], 5, 9)).toEqual([6, 7]);
    expect(spreadLogarithmically([], 5, 9)).toEqual([]);
  });
});
