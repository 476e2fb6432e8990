/** Scores of a class: what is asked of them, and where a value falls among them. */
import { LabError } from '../errors.ts';
import type { Vector } from '../linalg/vectors.ts';

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
  checkSome(scores.length, name);
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isNaN(scores[i])) continue; // in a loop: `findIndex` takes ten times as long, and this runs a million times a study
    throw new LabError('bad-request', `${name} score ${i} is NaN`, 'Check the direction and activations.');
  }
}

/** @throws LabError `bad-request` for a class without scores */
export function checkSome(count: number, name: string): void {
  if (count > 0) return;
  throw new LabError('bad-request', `the ${name} class has no scores`, 'Choose prompts of both classes.');
}
