/** Permutation tests: how often chance alone would give a difference as large as the one observed. */
import { LabError } from '../errors.ts';
import { withRows } from '../kernels/kernel-rows.ts';
import { placementsOf, type Placements } from './placements.ts';
import type { Random } from '../sampling/random.ts';
import { heldScores } from '../kernels/row-products.ts';
import { checkScores, lowerBound, upperBound } from './scores.ts';
import { sumOf, type Vector } from '../linalg/vectors.ts';

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
  const swaps = new Uint8Array(pairs * permutations);
  for (let i = 0; i < swaps.length; i++) swaps[i] = random() < 0.5 ? 0 : 1; // in a loop: `from` with a mapping takes four times as long
  return swaps;
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
  return permutationTestsOfAurocs([[first, second]], swaps)[0] as PermutationTest;
}

/** As `permutationTestOfAurocs`, of several pairs of probes on prompts of the same numbers. */
export function permutationTestsOfAurocs(
  probes: readonly (readonly [ClassScores, ClassScores])[],
  swaps: Uint8Array,
): PermutationTest[] {
  const tests = probes.map(([first, second]) => {
    checkPairs(first.harmful.length, second.harmful.length, 'harmful');
    checkPairs(first.safe.length, second.safe.length, 'safe');
    const gains = gainsOfExchanges(midRanks(first), midRanks(second));
    const observed = (0 - sumOf(gains)) / 2; // since exchanging all of them turns its sign
    return { gains, observed, doubledPairs: 2 * first.harmful.length * first.safe.length };
  });
  const [{ gains }] = tests as [(typeof tests)[number]];
  const permutations = checkSwaps(swaps, gains.length);
  const sums = tests.map((test) => ({ weights: test.gains, intercept: test.observed }));
  const extreme = tests.map(() => 0);
  const atOnce = Math.max(1, Math.floor(HELD_VALUES / gains.length));
  for (let first = 0; first < permutations; first += atOnce) {
    const rows = Math.min(atOnce, permutations - first);
    const values = swaps.subarray(first * gains.length, (first + rows) * gains.length);
    const differences = withRows({ values, rows, columns: gains.length }, (held) => heldScores(held, sums));
    for (const [place, { observed }] of tests.entries()) {
      extreme[place] = (extreme[place] as number) + countExtreme(differences[place] as Float64Array, observed);
    }
  }
  return tests.map(({ observed, doubledPairs }, place) => {
    const p = (1 + (extreme[place] as number)) / (1 + permutations);
    return { observed: observed / doubledPairs, p, permutations };
  });
}

const HELD_VALUES = 40e6; // swaps in the kernels' memory at once, in float32: more prompts take several turns

function countExtreme(differences: Float64Array, observed: number): number {
  let extreme = 0;
  for (let i = 0; i < differences.length; i++) if (Math.abs(differences[i] as number) >= Math.abs(observed)) extreme++;
  return extreme;
}

/**
 * By how much exchanging a prompt's two scores changes the doubled wins of the first probe less those of the second [harmful + safe].
 * Wins are counted between the harmful and the safe scores of both probes together. Those across the probes are the same in both counts,
 * so every score adds its own wins to the difference, whatever the others do: no permutation needs more than a sum.
 */
function gainsOfExchanges(first: ClassScores, second: ClassScores): Float64Array {
  const [harmful, safe] = [join(first.harmful, second.harmful), join(first.safe, second.safe)];
  const gains = new Float64Array(first.harmful.length + first.safe.length);
  gains.set(gainsOf(placementsOf(harmful, safe)));
  gains.set(
    gainsOf(placementsOf(safe, harmful)).map((gain) => -gain),
    first.harmful.length,
  );
  return gains;
}

/** Doubled wins of each prompt's second score less those of its first, over the scores of the other class. */
function gainsOf({ below, upTo }: Placements): Int32Array {
  const count = below.length / 2;
  const wins = (place: number): number => (below[place] as number) + (upTo[place] as number);
  return Int32Array.from({ length: count }, (_, place) => wins(count + place) - wins(place));
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
  const permutations = checkSwaps(swaps, pairs);
  let extreme = 0;
  for (let at = 0; at < swaps.length; at += pairs) {
    if (isAsExtreme(statistic(swaps.subarray(at, at + pairs)), observed)) extreme++;
  }
  return { observed, p: (1 + extreme) / (1 + permutations), permutations };
}

function checkSwaps(swaps: Uint8Array, pairs: number): number {
  const permutations = swaps.length / pairs;
  if (Number.isInteger(permutations) && permutations >= 1) return permutations;
  throw new LabError('bad-request', `${swaps.length} swaps for ${pairs} pairs`, 'Draw swaps for these prompts.');
}

/** Rounding must not make a difference that is the observed one look smaller. */
function isAsExtreme(value: number, observed: number): boolean {
  return Math.abs(value) >= Math.abs(observed) * (1 - 1e-12) - 1e-15;
}

/** Ranks among both classes from 1, equal scores sharing the mean of theirs. */
function midRanks({ harmful, safe }: ClassScores): ClassScores {
  checkScores(harmful, 'harmful');
  checkScores(safe, 'safe');
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
