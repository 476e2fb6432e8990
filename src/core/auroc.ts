import { LabError } from './errors.ts';
import { BUCKETS, sharedHeap, type KernelHeap } from './kernels.ts';
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
  const kernels = sharedHeap();
  return kernels.scoped(() => {
    const atPositives = kernels.allocate(harmful * Float64Array.BYTES_PER_ELEMENT);
    const atNegatives = kernels.allocate(safe * Float64Array.BYTES_PER_ELEMENT);
    fill(kernels.f64(atPositives, harmful), kernels.f64(atNegatives, safe));
    return heldAuroc(kernels, { address: atPositives, count: harmful }, { address: atNegatives, count: safe });
  });
}

/** Scores in the kernels' memory. */
export interface HeldScores {
  readonly address: number;
  readonly count: number; // at least one
}

/** As `auroc`, of scores that the kernels hold. */
export function heldAuroc(kernels: KernelHeap, harmful: HeldScores, safe: HeldScores): number {
  return kernels.scoped(() => {
    const dealt = kernels.allocate(safe.count * Float64Array.BYTES_PER_ELEMENT);
    const starts = kernels.allocate((BUCKETS + 1) * Uint32Array.BYTES_PER_ELEMENT);
    const wins = kernels.run.doubledWins(
      harmful.address,
      safe.address,
      harmful.count,
      safe.count,
      BUCKETS,
      starts,
      dealt,
    );
    const pairs = harmful.count * safe.count;
    if (wins >= 0) return wins / (2 * pairs);
    const [positives, negatives] = [harmful, safe].map(({ address, count }) => kernels.f64(address, count).slice()) as [Float64Array, Float64Array]; // prettier-ignore
    if (Number.isNaN(wins)) checkScores(positives, negatives);
    return doubledWinsOfSorted(positives, negatives) / (2 * pairs);
  });
}

/** Twice the wins, by going up both classes side by side; sorts them. */
function doubledWinsOfSorted(harmful: Float64Array, safe: Float64Array): number {
  harmful.sort();
  safe.sort();
  let below = 0; // negatives < score
  let upTo = 0; // negatives ≤ score
  let wins = 0;
  for (const score of harmful) {
    while (below < safe.length && (safe[below] as number) < score) below++;
    while (upTo < safe.length && (safe[upTo] as number) <= score) upTo++;
    wins += below + upTo;
  }
  return wins;
}

function checkScores(harmful: Float64Array, safe: Float64Array): void {
  for (const [name, scores] of [
    ['harmful', harmful],
    ['safe', safe],
  ] as const) {
    const at = scores.findIndex(Number.isNaN);
    if (at < 0) continue;
    throw new LabError('bad-request', `AUROC: ${name} score ${at} is NaN`, 'Check the direction and activations.');
  }
}
