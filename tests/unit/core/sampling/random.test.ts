import { describe, expect, it } from 'vitest';
import { createRandom, gaussian } from '../../../../src/core/sampling/random.ts';

describe('createRandom', () => {
  // From an implementation of sfc32 and splitmix32 in Python's unbounded integers.
  it.each([
    [0, [2899526011, 769844623, 220372281, 4270301181]],
    [1, [2420951833, 2513034076, 3847892949, 4064752930]],
    [0xffffffff, [2300869303, 3917632794, 3726809994, 1136427174]],
  ])('gives the numbers of the reference for seed %i', (seed, expected) => {
    const random = createRandom(seed);
    expect(expected.map(() => random() * 2 ** 32)).toEqual(expected);
  });

  it('is uniform: mean 1/2, variance 1/12, flat in 16 bins', () => {
    const random = createRandom(7);
    const draws = Array.from({ length: 160_000 }, random);
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(0.0036); // 5 standard errors
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.001);
    const bins = new Array<number>(16).fill(0);
    for (const draw of draws) bins[Math.floor(draw * 16)] = (bins[Math.floor(draw * 16)] ?? 0) + 1;
    const chiSquared = bins.reduce((total, count) => total + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(44.3); // 15 degrees of freedom, p = 1e-4
  });

  it.each([-1, 0.5, NaN, 2 ** 32])('refuses seed %d', (seed) => {
    expect(() => createRandom(seed)).toThrow(/seed .* is not an integer from 0 to 4294967295/);
  });
});

describe('gaussian', () => {
  it('has the moments of a standard normal', () => {
    const random = createRandom(11);
    const draws = Array.from({ length: 100_000 }, () => gaussian(random));
    const moment = (power: number): number => draws.reduce((a, x) => a + x ** power, 0) / draws.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.025);
    expect(Math.abs(moment(3))).toBeLessThan(0.07);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.16); // 5 standard errors, √(96 / n) each
  });

  it('stays finite at both ends of the uniform', () => {
    expect(gaussian(() => 0)).toBeCloseTo(0, 15);
    expect(gaussian(() => 1 - 2 ** -32)).toBeCloseTo(Math.sqrt(64 * Math.LN2), 6);
  });
});
