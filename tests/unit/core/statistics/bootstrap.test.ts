import { expect, it } from 'vitest';
import {
  bootstrapAurocs,
  bootstrapInterval,
  drawResamples,
  resamplesOf,
} from '../../../../src/core/statistics/bootstrap.ts';
import { percentileInterval, quantiles } from '../../../../src/core/statistics/quantiles.ts';
import { createRandom, gaussian } from '../../../../src/core/sampling/random.ts';
import golden from '../../../fixtures/statistics/bootstrap.json' with { type: 'json' };

const harmful = Float64Array.from(golden.harmful);
const safe = Float64Array.from(golden.safe);

it('agrees with scikit-learn and numpy on the same resamples', () => {
  const resamples = resamplesOf(
    Uint32Array.from(golden.harmfulIndices),
    Uint32Array.from(golden.safeIndices),
    golden.count,
  );
  const aurocs = bootstrapAurocs(harmful, safe, resamples);
  expect(aurocs).toHaveLength(golden.count); // no multiple of the kernel's eight lanes
  for (const [i, auroc] of aurocs.entries()) expect(auroc).toBeCloseTo(golden.aurocs[i] ?? NaN, 14);
  const { low, high } = bootstrapInterval(harmful, safe, resamples);
  expect([low, high].map((bound, i) => Math.abs(bound - (golden.interval95[i] ?? NaN)) < 1e-14)).toEqual([true, true]);
  const half = percentileInterval(aurocs, 0.5);
  expect(half.map((bound, i) => Math.abs(bound - (golden.interval50[i] ?? NaN)) < 1e-14)).toEqual([true, true]);
});

it('draws each class anew, as often as it has prompts', () => {
  const { positives, negatives } = drawResamples(5, 300, 12, createRandom(1));
  const counts = (drawn: Uint16Array, prompts: number, resample: number): number[] =>
    Array.from(
      { length: prompts },
      (_, i) => drawn[(Math.floor(resample / 8) * prompts + i) * 8 + (resample % 8)] ?? NaN,
    );
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  for (let resample = 0; resample < 12; resample++) {
    expect(sum(counts(positives.drawn, 5, resample))).toBe(5);
    expect(sum(counts(negatives.drawn, 300, resample))).toBe(300);
  }
  const never = counts(negatives.drawn, 300, 0).filter((count) => count === 0).length;
  expect(never / 300).toBeGreaterThan(0.25); // 1/e = 0.37 on average
  expect(never / 300).toBeLessThan(0.5);
});

it('is the same for a seed, and other for another, whichever resamples were used between', () => {
  const first = drawResamples(25, 35, 200, createRandom(7));
  const second = drawResamples(25, 35, 200, createRandom(8));
  const a = bootstrapAurocs(harmful, safe, first);
  const b = bootstrapAurocs(harmful, safe, second);
  expect(bootstrapAurocs(harmful, safe, drawResamples(25, 35, 200, createRandom(7)))).toEqual(a);
  expect(bootstrapAurocs(harmful, safe, first)).toEqual(a);
  expect(b).not.toEqual(a);
});

it('has about the width that Hanley and McNeil expect', () => {
  const random = createRandom(3);
  const [n, m] = [400, 600];
  const positives = Float64Array.from({ length: n }, () => gaussian(random) + 1);
  const negatives = Float64Array.from({ length: m }, () => gaussian(random));
  const { auroc, low, high } = bootstrapInterval(positives, negatives, drawResamples(n, m, 1000, createRandom(4)));
  const [q1, q2] = [auroc / (2 - auroc), (2 * auroc ** 2) / (1 + auroc)];
  const variance = (auroc * (1 - auroc) + (n - 1) * (q1 - auroc ** 2) + (m - 1) * (q2 - auroc ** 2)) / (n * m);
  expect((high - low) / (2 * 1.96 * Math.sqrt(variance))).toBeGreaterThan(0.85);
  expect((high - low) / (2 * 1.96 * Math.sqrt(variance))).toBeLessThan(1.15);
  expect(low).toBeLessThan(auroc);
  expect(high).toBeGreaterThan(auroc);
});

it('counts the largest classes without overflow', () => {
  const size = 0x7fff;
  const positives = Float64Array.from({ length: size }, (_, i) => i + size);
  const negatives = Float64Array.from({ length: size }, (_, i) => i);
  const resamples = drawResamples(size, size, 2, createRandom(5));
  expect([...bootstrapAurocs(positives, negatives, resamples)]).toEqual([1, 1]);
  expect([...bootstrapAurocs(new Float64Array(size), new Float64Array(size), resamples)]).toEqual([0.5, 0.5]);
});

it('works with classes of more prompts than 16 bits count', () => {
  const [n, m] = [0x8000, 40_000];
  const random = createRandom(11);
  const positives = Float64Array.from({ length: n }, () => gaussian(random) + 1);
  const negatives = Float64Array.from({ length: m }, () => gaussian(random));
  const resamples = drawResamples(n, m, 100, createRandom(4));
  const { auroc, low, high } = bootstrapInterval(positives, negatives, resamples);
  const [q1, q2] = [auroc / (2 - auroc), (2 * auroc ** 2) / (1 + auroc)];
  const variance = (auroc * (1 - auroc) + (n - 1) * (q1 - auroc ** 2) + (m - 1) * (q2 - auroc ** 2)) / (n * m);
  expect((high - low) / (2 * 1.96 * Math.sqrt(variance))).toBeGreaterThan(0.75);
  expect((high - low) / (2 * 1.96 * Math.sqrt(variance))).toBeLessThan(1.25);
  expect(low).toBeLessThan(auroc);
  expect(high).toBeGreaterThan(auroc);
  expect(bootstrapInterval(positives, negatives, drawResamples(n, m, 100, createRandom(4)))).toEqual({ auroc, low, high }); // prettier-ignore
  expect(bootstrapInterval(positives, new Float64Array(1), drawResamples(n, 1, 100, createRandom(4))).auroc).toBeGreaterThan(0.8); // prettier-ignore
});

it('counts pairs beyond 32 bits', () => {
  const size = 70_000; // 9.8e9 doubled pairs
  const positives = Float64Array.from({ length: size }, (_, i) => i + 0.5 + (i % 2) * size);
  const negatives = Float64Array.from({ length: size }, (_, i) => i);
  const aurocs = bootstrapAurocs(positives, negatives, drawResamples(size, size, 2, createRandom(5)));
  for (const auroc of aurocs) expect(auroc).toBeCloseTo(0.75, 1);
});

it('draws anew what it would hold in other cases: the same counts give the same AUROC', () => {
  const count = 5_000_000; // resamples that are too many to hold
  const many = drawResamples(25, 35, count, createRandom(7));
  const seeds = many.seeds?.slice(0, 50) ?? new Uint32Array();
  expect(seeds).toHaveLength(50);
  const indices = [new Uint32Array(50 * 25), new Uint32Array(50 * 35)] as const;
  for (const [resample, seed] of seeds.entries()) {
    const random = createRandom(seed);
    for (let i = 0; i < 35; i++) indices[1][resample * 35 + i] = Math.floor(random() * 35);
    for (let i = 0; i < 25; i++) indices[0][resample * 25 + i] = Math.floor(random() * 25);
  }
  const held = resamplesOf(indices[0], indices[1], 50);
  expect(bootstrapAurocs(harmful, safe, { ...many, count: 50, seeds })).toEqual(bootstrapAurocs(harmful, safe, held));
  const [wide, narrow] = [{ ...many, count: 50, seeds }, held].map((one) => bootstrapInterval(harmful, safe, one));
  expect(wide?.low).toBeCloseTo(narrow?.low ?? NaN, 12);
  expect(wide?.high).toBeCloseTo(narrow?.high ?? NaN, 12);
});

it('refuses what cannot be drawn or does not fit', () => {
  expect(() => drawResamples(0, 5, 10, createRandom(1))).toThrow('10 resamples of 0 prompts');
  expect(() => drawResamples(5, 5, 0, createRandom(1))).toThrow('0 resamples of 5 prompts');
  expect(() => resamplesOf(Uint32Array.of(0, 2), Uint32Array.of(0), 1)).toThrow('resample index 2 of 2 prompts');
  const resamples = drawResamples(4, 4, 10, createRandom(1));
  expect(() => bootstrapAurocs(harmful, safe, resamples)).toThrow('resamples of 4 and 4 prompts for 25 and 35 scores');
});

it('interpolates quantiles as numpy does', () => {
  expect(quantiles(Float64Array.of(4, 1, 3, 2), [0, 0.5, 0.9, 1])).toEqual([1, 2.5, 3.7, 4]);
  expect(quantiles(Float64Array.of(Infinity, Infinity), [0.3])).toEqual([Infinity]);
  expect(() => quantiles(new Float64Array(0), [0.5])).toThrow('no values');
  expect(() => quantiles(Float64Array.of(1, NaN), [0.5])).toThrow('NaN');
  expect(() => quantiles(Float64Array.of(1), [1.5])).toThrow('quantile 1.5');
});

it('has an interval without width where the classes are apart, as every resample has', () => {
  const resamples = drawResamples(3, 4, 20, createRandom(5));
  const [high, low] = [Float64Array.of(5, 6, 7), Float64Array.of(1, 2, 3, 4)];
  for (const [harmful, safe, value] of [
    [high, low, 1],
    [Float64Array.of(-1, 0, -3), low, 0],
  ] as const) {
    expect(new Set(bootstrapAurocs(harmful, safe, resamples))).toEqual(new Set([value]));
    expect(bootstrapInterval(harmful, safe, resamples)).toEqual({ auroc: value, low: value, high: value });
  }
  expect(() => bootstrapInterval(high, Float64Array.of(1), resamples)).toThrow(
    'resamples of 3 and 4 prompts for 3 and 1 scores',
  );
});
