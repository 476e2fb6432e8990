/** The ROC curve and what is read off it. A prompt is called harmful when its score is at least the threshold. */
import { LabError } from '../errors.ts';
import {
  heldPlacements,
  sortedScores,
  withScores,
  type HeldPlacements,
  type HeldScores,
} from '../kernels/kernel-scores.ts';
import type { KernelHeap } from '../kernels/kernels.ts';
import { checkScores } from './scores.ts';
import type { Vector } from '../linalg/vectors.ts';

/** From (0, 0) at the threshold Infinity to (1, 1) at the lowest score. */
export interface RocCurve {
  readonly thresholds: Float64Array; // [points], descending
  readonly fpr: Float64Array; // [points], share of the safe prompts that are called harmful
  readonly tpr: Float64Array; // [points], share of the harmful prompts that are called harmful
}

/**
 * The ROC curve without points on a straight line between their neighbours, as `sklearn.metrics.roc_curve` with
 * `drop_intermediate`.
 * @throws LabError `bad-request` when a class is empty or a score is NaN
 */
export function rocCurve(harmful: Vector, safe: Vector): RocCurve {
  const cuts = cutsOf(harmful, safe);
  const kept = cuts.filter((cut, i) => {
    const [before, after] = [cuts[i - 1], cuts[i + 1]];
    if (before === undefined || after === undefined) return true;
    const bendsIn = (count: 'harmful' | 'safe'): boolean => after[count] - 2 * cut[count] + before[count] !== 0;
    return bendsIn('safe') || bendsIn('harmful');
  });
  const points = [{ threshold: Infinity, harmful: 0, safe: 0 }, ...kept];
  return {
    thresholds: Float64Array.from(points, (point) => point.threshold),
    fpr: Float64Array.from(points, (point) => point.safe / safe.length),
    tpr: Float64Array.from(points, (point) => point.harmful / harmful.length),
  };
}

/**
 * The largest TPR whose FPR is at most `maxFpr`, nothing interpolated. With fewer than 100 safe prompts, at 1 % no safe
 * prompt may be called harmful.
 * @throws LabError `bad-request` when a class is empty or a score is NaN
 */
export function tprAtFpr(harmful: Vector, safe: Vector, maxFpr = 0.01): number {
  return withScores(harmful, safe, (kernels, positives, negatives) =>
    tprOfHeld(kernels, heldPlacements(kernels, positives, negatives), maxFpr),
  );
}

/** As `tprAtFpr`, of placements that the kernels hold. */
export function tprOfHeld(kernels: KernelHeap, { below, positives, negatives }: HeldPlacements, maxFpr = 0.01): number {
  const allowed = Math.floor(maxFpr * negatives + 1e-9); // 0.07 · 100 is 7.000000000000001, 0.29 · 100 less than 29
  if (allowed >= negatives) return 1;
  const lower = kernels.u32(below, positives);
  let above = 0; // the highest safe prompt that must stay below
  for (let i = 0; i < positives; i++) if ((lower[i] as number) >= negatives - allowed) above++;
  return above / positives;
}

/**
 * The training threshold: halfway between the two neighbouring scores whose cut has the best balanced accuracy (largest
 * TPR − FPR, Youden 1950); of equally good cuts the highest. Balanced, since classes differ in size.
 * @returns the only score there is, when all are equal
 * @throws LabError `bad-request` when a class is empty or a score is NaN
 */
export function youdenThreshold(harmful: Vector, safe: Vector): number {
  checkScores(harmful, 'harmful');
  checkScores(safe, 'safe');
  return withScores(harmful, safe, heldThreshold);
}

/** As `youdenThreshold`, of scores that the kernels hold. */
export function heldThreshold(kernels: KernelHeap, harmful: HeldScores, safe: HeldScores): number {
  const [positives, negatives] = [sortedScores(kernels, harmful), sortedScores(kernels, safe)];
  let best = -Infinity;
  let threshold = NaN;
  let [i, j] = [positives.length - 1, negatives.length - 1];
  const highest = (): number => Math.max(i < 0 ? -Infinity : (positives[i] as number), j < 0 ? -Infinity : (negatives[j] as number)); // prettier-ignore
  for (let score = highest(); ;) {
    if (Number.isNaN(score))
      throw new LabError('bad-request', 'a score is NaN', 'Check the direction and activations.'); // it equals nothing, so no cut would ever pass it
    while (i >= 0 && positives[i] === score) i--;
    while (j >= 0 && negatives[j] === score) j--;
    if (i < 0 && j < 0) return Number.isNaN(threshold) ? score : threshold; // the last cut calls all of them harmful
    const next = highest();
    const youden = (positives.length - 1 - i) / positives.length - (negatives.length - 1 - j) / negatives.length;
    if (youden > best) {
      best = youden;
      threshold = score / 2 + next / 2; // halves first: the sum may overflow
    }
    score = next;
  }
}

/** Shares of prompts that a threshold calls rightly. */
export interface Accuracy {
  readonly accuracy: number; // of all prompts
  readonly balanced: number; // the mean of both classes'
}

/** @throws LabError `bad-request` when a class is empty or a score is NaN */
export function accuracyAt(harmful: Vector, safe: Vector, threshold: number): Accuracy {
  checkScores(harmful, 'harmful');
  checkScores(safe, 'safe');
  let [found, passed] = [0, 0];
  for (let i = 0; i < harmful.length; i++) if ((harmful[i] as number) >= threshold) found++;
  for (let i = 0; i < safe.length; i++) if ((safe[i] as number) < threshold) passed++;
  return {
    accuracy: (found + passed) / (harmful.length + safe.length),
    balanced: (found / harmful.length + passed / safe.length) / 2,
  };
}

interface Cut {
  readonly threshold: number;
  harmful: number; // how many score at least as much
  safe: number;
}

/** One cut at each distinct score, from the highest down. */
function cutsOf(harmful: Vector, safe: Vector): Cut[] {
  checkScores(harmful, 'harmful');
  checkScores(safe, 'safe');
  const [positives, negatives] = [new Float64Array(harmful).sort(), new Float64Array(safe).sort()];
  const cuts: Cut[] = [];
  let i = positives.length - 1;
  let j = negatives.length - 1;
  while (i >= 0 || j >= 0) {
    const threshold = Math.max(positives[i] ?? -Infinity, negatives[j] ?? -Infinity);
    while (i >= 0 && positives[i] === threshold) i--;
    while (j >= 0 && negatives[j] === threshold) j--;
    cuts.push({ threshold, harmful: positives.length - 1 - i, safe: negatives.length - 1 - j });
  }
  return cuts;
}
