import { expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/sampling/random.ts';
import { sampleByWeight } from '../../../../src/core/sampling/sample-by-weight.ts';

const total = (weights: Float64Array): number => weights.reduce((sum, weight) => sum + weight, 0);

it('takes all where there are no more, and every so many where they weigh the same', () => {
  const weights = new Float64Array(12).fill(0.5);
  expect(sampleByWeight(weights, 12)).toEqual({ places: Uint32Array.from(weights.keys()), weights });
  const { places, weights: taken } = sampleByWeight(weights, 4);
  expect([...places]).toEqual([1, 4, 7, 10]);
  expect([...taken]).toEqual([1.5, 1.5, 1.5, 1.5]);
});

it('always takes what weighs more than its share, with its own weight; the rest stands for what is left out', () => {
  const random = createRandom(5);
  const weights = Float64Array.from({ length: 2000 }, (_, i) => (i % 97 === 0 ? 40 : random() ** 6));
  const { places, weights: taken } = sampleByWeight(weights, 200);
  for (let heavy = 0; heavy < 2000; heavy += 97) expect(taken[places.indexOf(heavy)]).toBe(40);
  expect(places.length).toBeLessThanOrEqual(200);
  expect([...places]).toEqual([...new Set(places)].sort((a, b) => a - b));
  expect(Math.abs(total(taken) / total(weights) - 1)).toBeLessThan(0.01);
});

it('takes nothing of rows that weigh nothing', () => {
  expect(sampleByWeight(Float64Array.of(0, 3, 0, 2, 0, 0), 2).places).toEqual(Uint32Array.of(1, 3));
});
