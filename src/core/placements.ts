/**
 * Placement values: where each score of one class falls among the sorted scores of the other. They are all that AUROC
 * depends on, so a resample or a permutation needs no sorting again (DeLong, DeLong and Clarke-Pearson 1988).
 */
import { LabError } from './errors.ts';
import { BUCKETS, sharedHeap } from './kernels.ts';
import type { Vector } from './vectors.ts';

export interface Placements {
  readonly order: Uint32Array; // [negatives], their indices from the lowest score to the highest
  readonly below: Uint32Array; // [positives], how many negatives score lower
  readonly upTo: Uint32Array; // [positives], how many negatives score lower or the same
}

/**
 * @param positives scores of the harmful class
 * @param negatives scores of the safe class
 * @throws LabError `bad-request` when a class is empty or a score is NaN
 */
export function placementsOf(positives: Vector, negatives: Vector): Placements {
  if (positives.length === 0 || negatives.length === 0) checkBoth(positives, negatives);
  const kernels = sharedHeap();
  const found = kernels.scoped((): Placements | null => {
    const [count, others] = [positives.length, negatives.length];
    const [ofPositives, ofNegatives, sorted] = [count, others, others].map((size) => kernels.allocateF64(size)) as [number, number, number]; // prettier-ignore
    const indices = (size: number): number => kernels.allocate(size * Uint32Array.BYTES_PER_ELEMENT);
    const [starts, order, below, upTo] = [BUCKETS + 1, others, count, count].map(indices) as [number, number, number, number]; // prettier-ignore
    kernels.f64(ofPositives, count).set(positives);
    kernels.f64(ofNegatives, others).set(negatives);
    const wins = kernels.run.placements(ofPositives, ofNegatives, count, others, BUCKETS, starts, sorted, order, below, upTo); // prettier-ignore
    if (!(wins >= 0)) return null;
    const copy = (address: number, size: number): Uint32Array => kernels.u32(address, size).slice();
    return { order: copy(order, others), below: copy(below, count), upTo: copy(upTo, count) };
  });
  return found ?? placementsOfSorted(positives, negatives);
}

/** For scores that lie so unevenly that dealing them into buckets gains nothing. */
function placementsOfSorted(positives: Vector, negatives: Vector): Placements {
  checkBoth(positives, negatives);
  const sorted = new Float64Array(negatives).sort();
  const order = new Uint32Array(negatives.length);
  const taken = new Uint32Array(negatives.length); // of the places that equal scores share
  for (let i = 0; i < negatives.length; i++) {
    const first = lowerBound(sorted, negatives[i] as number);
    const place = first + (taken[first] as number);
    taken[first] = (taken[first] as number) + 1;
    order[place] = i;
  }
  return {
    order,
    below: Uint32Array.from(positives, (score) => lowerBound(sorted, score)),
    upTo: Uint32Array.from(positives, (score) => upperBound(sorted, score)),
  };
}

/** AUROC, ties counting half. */
export function aurocOfPlacements({ order, below, upTo }: Placements): number {
  let wins = 0; // doubled
  for (let i = 0; i < below.length; i++) wins += (below[i] as number) + (upTo[i] as number);
  return wins / (2 * below.length * order.length);
}

/** How many of the sorted values are smaller. */
export function lowerBound(sorted: Vector, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the sorted values are smaller or equal. */
export function upperBound(sorted: Vector, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkBoth(positives: Vector, negatives: Vector): void {
  checkScores(positives, 'harmful');
  checkScores(negatives, 'safe');
}

/** @throws LabError `bad-request` when a class is empty or a score is NaN */
export function checkScores(scores: Vector, name: string): void {
  if (scores.length === 0) {
    throw new LabError('bad-request', `the ${name} class has no scores`, 'Choose prompts of both classes.');
  }
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isNaN(scores[i])) continue; // in a loop: `findIndex` takes ten times as long, and this runs a million times a study
    throw new LabError('bad-request', `${name} score ${i} is NaN`, 'Check the direction and activations.');
  }
}
