/** Permutation tests: how often chance alone would give a difference as large as the one observed. */
import { auroc } from './auroc.ts';
import { LabError } from './errors.ts';
import { lowerBound, placementsOf, upperBound, weightedAuroc } from './placements.ts';
import type { Random } from './random.ts';
import type { Vector } from './vectors.ts';

/** Scores of one probe for the two classes. */
export interface ClassScores {
  readonly harmful: Vector;
  readonly safe: Vector;
}

export interface PermutationTest {
  readonly observed: number; // the first minus the second
  readonly p: number; // two-sided, (1 + as extreme) / (1 + permutations): never 0 (Phipson and Smyth 2010)
  readonly permutations: number;
}

/** For each permutation and pair whether the two change places: [permutations, pairs] of 0 and 1. */
export function drawSwaps(pairs: number, permutations: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: pairs * permutations }, () => (random() < 0.5 ? 0 : 1));
}

/**
 * Whether two probes (two checkpoints, two directions) differ in AUROC on the same prompts. Each permutation exchanges the
 * two scores of some prompts; since the probes' units differ, a score counts as its mid-rank among all prompts of its
 * own probe, which changes neither AUROC (Venkatraman and Begg 1996).
 * @param first scores of one probe; `second` has the same prompts in the same order
 * @param swaps [permutations, harmful + safe], from `drawSwaps`
 * @throws LabError `bad-request` when the prompts or the swaps do not fit, a class is empty or a score is NaN
 */
export function permutationTestOfAurocs(first: ClassScores, second: ClassScores, swaps: Uint8Array): PermutationTest {
  checkPairs(first.harmful.length, second.harmful.length, 'harmful');
  checkPairs(first.safe.length, second.safe.length, 'safe');
  const observed = auroc(first.harmful, first.safe) - auroc(second.harmful, second.safe); // checks the scores too
  const [one, two] = [midRanks(first), midRanks(second)];
  const placements = placementsOf(join(one.harmful, two.harmful), join(one.safe, two.safe));
  const [harmful, safe] = [first.harmful.length, first.safe.length];
  const inFirst = { harmful: new Uint8Array(2 * harmful), safe: new Uint8Array(2 * safe) };
  const inSecond = { harmful: new Uint8Array(2 * harmful), safe: new Uint8Array(2 * safe) };
  const cumulative = new Float64Array(2 * safe + 1);
  return countExtremes(observed, swaps, harmful + safe, (swapped) => {
    exchange(swapped.subarray(0, harmful), inFirst.harmful, inSecond.harmful);
    exchange(swapped.subarray(harmful), inFirst.safe, inSecond.safe);
    return (
      weightedAuroc(placements, inFirst.harmful, inFirst.safe, cumulative) -
      weightedAuroc(placements, inSecond.harmful, inSecond.safe, cumulative)
    );
  });
}

/**
 * Whether the mean of paired values differs, such as the same prompts' scores at two stages.
 * @param first [pairs]
 * @param second [pairs], in the same order
 * @param swaps [permutations, pairs], from `drawSwaps`
 * @throws LabError `bad-request` when the lengths do not fit
 */
export function permutationTestOfPairs(first: Vector, second: Vector, swaps: Uint8Array): PermutationTest {
  checkPairs(first.length, second.length, 'paired');
  const differences = Float64Array.from(first, (value, i) => value - (second[i] as number));
  const meanWith = (swapped: Uint8Array): number => {
    let sum = 0;
    for (let i = 0; i < differences.length; i++) sum += (differences[i] as number) * (1 - 2 * (swapped[i] as number));
    return sum / differences.length;
  };
  return countExtremes(meanWith(new Uint8Array(first.length)), swaps, first.length, meanWith);
}

/**
 * Whether the means of two groups of different things differ, such as checkpoints of two stages: each permutation deals
 * all values out anew.
 * @throws LabError `bad-request` when a group is empty or there is no permutation
 */
export function permutationTestOfGroups(
  first: Vector,
  second: Vector,
  permutations: number,
  random: Random,
): PermutationTest {
  if (first.length === 0 || second.length === 0 || permutations < 1) {
    throw new LabError(
      'bad-request',
      `${permutations} permutations of groups of ${first.length} and ${second.length} values`,
      'Compare two groups that have values, with at least one permutation.',
    );
  }
  const all = join(first, second);
  const total = all.reduce((sum, value) => sum + value, 0);
  const difference = (): number => {
    let sum = 0;
    for (let i = 0; i < first.length; i++) sum += all[i] as number;
    return sum / first.length - (total - sum) / second.length;
  };
  const observed = difference();
  let extreme = 0;
  for (let permutation = 0; permutation < permutations; permutation++) {
    for (let i = 0; i < first.length; i++) {
      const other = i + Math.floor(random() * (all.length - i)); // the first half of a Fisher–Yates shuffle
      [all[i], all[other]] = [all[other] as number, all[i] as number];
    }
    if (isAsExtreme(difference(), observed)) extreme++;
  }
  return { observed, p: (1 + extreme) / (1 + permutations), permutations };
}

function countExtremes(
  observed: number,
  swaps: Uint8Array, // [permutations, pairs]
  pairs: number,
  statistic: (swapped: Uint8Array) => number,
): PermutationTest {
  const permutations = swaps.length / pairs;
  if (!Number.isInteger(permutations) || permutations < 1) {
    throw new LabError('bad-request', `${swaps.length} swaps for ${pairs} pairs`, 'Draw swaps for these prompts.');
  }
  let extreme = 0;
  for (let at = 0; at < swaps.length; at += pairs) {
    if (isAsExtreme(statistic(swaps.subarray(at, at + pairs)), observed)) extreme++;
  }
  return { observed, p: (1 + extreme) / (1 + permutations), permutations };
}

/** Rounding must not make a difference that is the observed one look smaller. */
function isAsExtreme(value: number, observed: number): boolean {
  return Math.abs(value) >= Math.abs(observed) * (1 - 1e-12) - 1e-15;
}

/** Puts 1 where a score belongs: the first half of each array stands for the first probe's scores. */
function exchange(swapped: Uint8Array, inFirst: Uint8Array, inSecond: Uint8Array): void {
  const pairs = swapped.length;
  for (let i = 0; i < pairs; i++) {
    const swap = swapped[i] as number;
    inFirst[i] = inSecond[pairs + i] = 1 - swap;
    inSecond[i] = inFirst[pairs + i] = swap;
  }
}

/** Ranks among both classes from 1, equal scores sharing the mean of theirs. */
function midRanks({ harmful, safe }: ClassScores): { harmful: Float64Array; safe: Float64Array } {
  const sorted = join(harmful, safe).sort();
  const rank = (score: number): number => (lowerBound(sorted, score) + upperBound(sorted, score) + 1) / 2;
  return { harmful: Float64Array.from(harmful, rank), safe: Float64Array.from(safe, rank) };
}

function join(first: Vector, second: Vector): Float64Array {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function checkPairs(first: number, second: number, name: string): void {
  if (first === second && first > 0) return;
  throw new LabError(
    'bad-request',
    `cannot pair ${first} ${name} values with ${second}`,
    'Give the values of the same prompts in the same order.',
  );
}
