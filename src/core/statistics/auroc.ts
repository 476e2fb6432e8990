import { heldAuroc, placeSomeScores, withScores } from '../kernels/kernel-scores.ts';
import { sharedHeap } from '../kernels/kernels.ts';
import type { Vector } from '../linalg/vectors.ts';

/**
 * The area under the ROC curve: how often a harmful prompt scores higher than a safe one, ties counting half
 * (Mann–Whitney U over the number of pairs, Hanley and McNeil 1982). 0.5 is chance.
 * @param harmful scores of the positive class
 * @param safe scores of the negative class
 * @throws LabError `bad-request` when a class is empty or a score is NaN
 */
export const auroc = (harmful: Vector, safe: Vector): number => withScores(harmful, safe, heldAuroc);

/** As `auroc`, of the scores at some rows. @param harmful ascending, as `safe` */
export function aurocOfRows(scores: Vector, harmful: Uint32Array, safe: Uint32Array): number {
  const kernels = sharedHeap();
  return kernels.scoped(() =>
    heldAuroc(
      kernels,
      placeSomeScores(kernels, scores, harmful, 'harmful'),
      placeSomeScores(kernels, scores, safe, 'safe'),
    ),
  );
}
