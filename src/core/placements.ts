/**
 * Placement values: where each score of one class falls among the sorted scores of the other. They are all that AUROC
 * depends on, so a resample or a permutation needs no sorting again (DeLong, DeLong and Clarke-Pearson 1988).
 */
import { LabError } from './errors.ts';
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
  checkScores(positives, 'harmful');
  checkScores(negatives, 'safe');
  const sorted = new Float64Array(negatives).sort();
  const order = new Uint32Array(negatives.length);
  const taken = new Uint32Array(negatives.length); // of the places that equal scores share
  for (let i = 0; i < negatives.length; i++) {
    const first = lowerBound(sorted, negatives[i] as number);
    const place = first + (taken[first] as number);
    taken[first] = (taken[first] as number) + 1;
    order[place] = i;
  }
  const below = new Uint32Array(positives.length);
  const upTo = new Uint32Array(positives.length);
  for (let i = 0; i < positives.length; i++) {
    const score = positives[i] as number;
    const first = lowerBound(sorted, score);
    below[i] = first;
    upTo[i] = sorted[first] === score ? upperBound(sorted, score) : first;
  }
  return {
    order,
    below,
    upTo,
  };
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
