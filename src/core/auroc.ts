import { LabError } from './errors.ts';
import { KernelHeap } from './kernels.ts';
import type { Vector } from './vectors.ts';

/** Up to so many pairs it is faster to compare them all, two at a time, than to sort both classes. */
const COMPARED_PAIRS = 250_000;

/**
 * The area under the ROC curve: how often a harmful prompt scores higher than a safe one, ties counting half
 * (Mann–Whitney U over the number of pairs, Hanley and McNeil 1982). 0.5 is chance.
 * @param harmful scores of the positive class
 * @param safe scores of the negative class
 * @throws LabError `bad-request` when a class is empty or a score is NaN
 */
export function auroc(harmful: Vector, safe: Vector): number {
  checkScores(harmful, 'harmful');
  checkScores(safe, 'safe');
  const pairs = harmful.length * safe.length;
  return (
    (pairs <= COMPARED_PAIRS ? doubledWinsOfPairs(harmful, safe) : doubledWinsOfSorted(harmful, safe)) / (2 * pairs)
  );
}

let heap: KernelHeap | null = null;

/** Twice the wins, by comparing every pair. */
function doubledWinsOfPairs(harmful: Vector, safe: Vector): number {
  heap ??= new KernelHeap();
  const kernels = heap;
  return kernels.scoped(() => {
    const padded = safe.length + (safe.length % 2);
    const positives = kernels.allocate(harmful.length * Float64Array.BYTES_PER_ELEMENT);
    const negatives = kernels.allocate(padded * Float64Array.BYTES_PER_ELEMENT);
    kernels.f64(positives, harmful.length).set(harmful);
    const others = kernels.f64(negatives, padded);
    others.set(safe);
    others.fill(NaN, safe.length); // no comparison with it holds
    return kernels.run.doubledWins(positives, negatives, harmful.length, padded);
  });
}

/** Twice the wins, by going up both classes side by side. */
function doubledWinsOfSorted(harmful: Vector, safe: Vector): number {
  const positives = new Float64Array(harmful).sort();
  const negatives = new Float64Array(safe).sort();
  let below = 0; // negatives < score
  let upTo = 0; // negatives ≤ score
  let wins = 0;
  for (const score of positives) {
    while (below < negatives.length && (negatives[below] as number) < score) below++;
    while (upTo < negatives.length && (negatives[upTo] as number) <= score) upTo++;
    wins += below + upTo;
  }
  return wins;
}

function checkScores(scores: Vector, name: string): void {
  if (scores.length === 0) {
    throw new LabError('bad-request', `AUROC: the ${name} class is empty`, 'Choose prompts of both classes.');
  }
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isNaN(scores[i])) continue;
    throw new LabError('bad-request', `AUROC: ${name} score ${i} is NaN`, 'Check the direction and activations.');
  }
}
