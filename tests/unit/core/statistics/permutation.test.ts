import { expect, it } from 'vitest';
import { auroc } from '../../../../src/core/statistics/auroc.ts';
import {
  drawSwaps,
  permutationTestOfAurocs,
  permutationTestOfGroups,
  permutationTestOfPairs,
  type ClassScores,
} from '../../../../src/core/statistics/permutation.ts';
import { createRandom, gaussian } from '../../../../src/core/sampling/random.ts';
import golden from '../../../fixtures/statistics/permutation.json' with { type: 'json' };

const scores = ({ harmful, safe }: { harmful: number[]; safe: number[] }) => ({
  harmful: Float64Array.from(harmful),
  safe: Float64Array.from(safe),
});
const SWAPS = Uint8Array.from(golden.aurocs.swaps);

it('agrees with scikit-learn and scipy on the same swaps', () => {
  const { first, second, observed, p } = golden.aurocs;
  const test = permutationTestOfAurocs(scores(first), scores(second), SWAPS);
  expect(test.observed).toBeCloseTo(observed, 14);
  expect(test.p).toBe(p);
  expect(test.permutations).toBe(200);
});

it('agrees with numpy on means of pairs', () => {
  const { first, second, swaps, observed, p } = golden.pairs;
  const test = permutationTestOfPairs(Float64Array.from(first), Float64Array.from(second), Uint8Array.from(swaps));
  expect(test.observed).toBeCloseTo(observed, 14);
  expect(test.p).toBe(p);
});

it('comes close to the exact p of scipy for two groups', () => {
  const { first, second, observed, exactP } = golden.groups;
  const test = permutationTestOfGroups(Float64Array.from(first), Float64Array.from(second), 20_000, createRandom(1));
  expect(test.observed).toBeCloseTo(observed, 14);
  expect(Math.abs(test.p - exactP)).toBeLessThan(0.01); // three standard errors of 20,000 draws
});

it('does not depend on a probe’s units', () => {
  const { first, second } = golden.aurocs;
  const stretched = {
    harmful: second.harmful.map((score) => score ** 3),
    safe: second.safe.map((score) => score ** 3),
  };
  expect(permutationTestOfAurocs(scores(first), scores(stretched), SWAPS)).toEqual(
    permutationTestOfAurocs(scores(first), scores(second), SWAPS),
  );
});

it('counts what exchanging the ranks of each permutation gives, ties among them', () => {
  const random = createRandom(11);
  const draw = (count: number): Float64Array => Float64Array.from({ length: count }, () => Math.floor(6 * random()));
  const [first, second] = [0, 1].map(() => ({ harmful: draw(7), safe: draw(9) })) as [ClassScores, ClassScores];
  const ranksOf = ({ harmful, safe }: ClassScores): number[] => {
    const all = [...harmful, ...safe];
    return all.map((score) => all.reduce((rank, other) => rank + (other < score ? 2 : other === score ? 1 : 0), 0));
  };
  const [one, two] = [ranksOf(first), ranksOf(second)];
  const aurocOf = (ranks: number[]): number => auroc(Float64Array.from(ranks.slice(0, 7)), Float64Array.from(ranks.slice(7))); // prettier-ignore
  const swaps = drawSwaps(16, 300, random);
  const observed = aurocOf(one) - aurocOf(two);
  const extreme = Array.from({ length: 300 }, (_, at) => {
    const isSwapped = [...swaps.subarray(16 * at, 16 * (at + 1))];
    const [left, right] = [isSwapped.map((s, i) => (s ? two : one)[i] as number), isSwapped.map((s, i) => (s ? one : two)[i] as number)]; // prettier-ignore
    return Math.abs(aurocOf(left) - aurocOf(right)) >= Math.abs(observed) - 1e-12;
  }).filter(Boolean).length;
  const test = permutationTestOfAurocs(first, second, swaps);
  expect(extreme).toBeLessThan(300);
  expect(test.observed).toBeCloseTo(observed, 14);
  expect(test.p).toBe((1 + extreme) / 301);
});

it('finds a difference that is there and none where there is none', () => {
  const random = createRandom(5);
  const draw = (shift: number): Float64Array => Float64Array.from({ length: 150 }, () => gaussian(random) + shift);
  const swaps = drawSwaps(300, 500, random);
  const [weak, strong, same] = [draw(0.5), draw(2), draw(0.5)];
  const safe = draw(0);
  expect(permutationTestOfAurocs({ harmful: strong, safe }, { harmful: weak, safe: draw(0) }, swaps).p).toBe(1 / 501);
  expect(permutationTestOfAurocs({ harmful: same, safe }, { harmful: weak, safe: draw(0) }, swaps).p).toBeGreaterThan(
    0.05,
  );
  expect(permutationTestOfAurocs({ harmful: weak, safe }, { harmful: weak, safe }, swaps).p).toBe(1);
});

it('refuses what cannot be paired', () => {
  const one = Float64Array.of(1, 2);
  const three = Float64Array.of(1, 2, 3);
  expect(() => permutationTestOfPairs(one, three, new Uint8Array(2))).toThrow('cannot pair 2 paired values with 3');
  expect(() => permutationTestOfPairs(one, one, new Uint8Array(3))).toThrow('3 swaps for 2 pairs');
  expect(() => permutationTestOfPairs(one, one, new Uint8Array(0))).toThrow('0 swaps for 2 pairs');
  const swaps = new Uint8Array(4);
  expect(() => permutationTestOfAurocs({ harmful: one, safe: one }, { harmful: one, safe: three }, swaps)).toThrow(
    'safe',
  );
  const missing = { harmful: one, safe: Float64Array.of(1, NaN) };
  expect(() => permutationTestOfAurocs(missing, { harmful: one, safe: one }, swaps)).toThrow('safe score 1 is NaN');
  expect(() => permutationTestOfGroups(one, new Float64Array(0), 10, createRandom(1))).toThrow('groups of 2 and 0');
});
