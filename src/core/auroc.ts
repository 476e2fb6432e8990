import { LabError } from './errors.ts';
import { KernelHeap } from './kernels.ts';
import type { Vector } from './vectors.ts';

/**
 * The area under the ROC curve: how often a harmful prompt scores higher than a safe one, ties counting half
 * (Mann–Whitney U over the number of pairs, Hanley and McNeil 1982). 0.5 is chance.
 * @param harmful scores of the positive class
 * @param safe scores of the negative class
 * @throws LabError `bad-request` when a class is empty or a score is NaN
 */
export function auroc(harmful: Vector, safe: Vector): number {
  return aurocOf(harmful.length, safe.length, (positives, negatives) => {
    positives.set(harmful);
    negatives.set(safe);
  });
}

/** As `auroc`, of the scores at some rows. */
export function aurocOfRows(scores: Vector, harmful: Uint32Array, safe: Uint32Array): number {
  return aurocOf(harmful.length, safe.length, (positives, negatives) => {
    for (let place = 0; place < harmful.length; place++) positives[place] = scores[harmful[place] as number] as number;
    for (let place = 0; place < safe.length; place++) negatives[place] = scores[safe[place] as number] as number;
  });
}

const BUCKETS = 1024;

let heap: KernelHeap | null = null;

/** @param fill writes the scores of both classes into the kernels' memory */
function aurocOf(
  harmful: number,
  safe: number,
  fill: (positives: Float64Array, negatives: Float64Array) => void,
): number {
  if (harmful === 0 || safe === 0) {
    const name = harmful === 0 ? 'harmful' : 'safe';
    throw new LabError('bad-request', `AUROC: the ${name} class is empty`, 'Choose prompts of both classes.');
  }
  heap ??= new KernelHeap();
  const kernels = heap;
  return kernels.scoped(() => {
    const f64 = (count: number): number => kernels.allocate(count * Float64Array.BYTES_PER_ELEMENT);
    const [atPositives, atNegatives, dealt] = [f64(harmful), f64(safe), f64(safe)];
    const starts = kernels.allocate((BUCKETS + 1) * Uint32Array.BYTES_PER_ELEMENT);
    const [positives, negatives] = [kernels.f64(atPositives, harmful), kernels.f64(atNegatives, safe)];
    fill(positives, negatives);
    const wins = kernels.run.doubledWins(atPositives, atNegatives, harmful, safe, BUCKETS, starts, dealt);
    if (Number.isNaN(wins)) throw nanAmong(positives, 'harmful') ?? nanAmong(negatives, 'safe');
    return (wins < 0 ? doubledWinsOfSorted(positives, negatives) : wins) / (2 * harmful * safe);
  });
}

/** Twice the wins, by going up both classes side by side. */
function doubledWinsOfSorted(harmful: Float64Array, safe: Float64Array): number {
  const positives = harmful.slice().sort();
  const negatives = safe.slice().sort();
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

function nanAmong(scores: Float64Array, name: string): LabError | null {
  const at = scores.findIndex(Number.isNaN);
  if (at < 0) return null;
  return new LabError('bad-request', `AUROC: ${name} score ${at} is NaN`, 'Check the direction and activations.');
}
