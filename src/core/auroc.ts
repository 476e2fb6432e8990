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
  checkScores(harmful, 'harmful');
  checkScores(safe, 'safe');
  const pairs = harmful.length * safe.length;
  return (doubledWinsOfDealt(harmful, safe) ?? doubledWinsOfSorted(harmful, safe)) / (2 * pairs);
}

const BUCKETS = 1024;

let heap: KernelHeap | null = null;

/** Twice the wins, by dealing both classes into buckets. Null where too many scores lie in one, as with many ties or an outlier. */
function doubledWinsOfDealt(harmful: Vector, safe: Vector): number | null {
  heap ??= new KernelHeap();
  const kernels = heap;
  const wins = kernels.scoped(() => {
    const f64 = (count: number): number => kernels.allocate(count * Float64Array.BYTES_PER_ELEMENT);
    const [positives, negatives, dealt] = [f64(harmful.length), f64(safe.length), f64(safe.length)];
    const starts = kernels.allocate((BUCKETS + 1) * Uint32Array.BYTES_PER_ELEMENT);
    kernels.f64(positives, harmful.length).set(harmful);
    kernels.f64(negatives, safe.length).set(safe);
    return kernels.run.doubledWins(positives, negatives, harmful.length, safe.length, BUCKETS, starts, dealt);
  });
  return wins < 0 ? null : wins;
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
