/**
 * Placement values: where each score of one class falls among the sorted scores of the other. They are all that AUROC
 * depends on, so a resample or a permutation needs no sorting again (DeLong, DeLong and Clarke-Pearson 1988).
 */
import { heldPlacements, withScores } from '../kernels/kernel-scores.ts';
import type { Vector } from '../linalg/vectors.ts';

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
  return withScores(positives, negatives, (kernels, harmful, safe) => {
    const { order, below, upTo } = heldPlacements(kernels, harmful, safe);
    const copy = (address: number, { length }: Vector): Uint32Array => kernels.u32(address, length).slice();
    return { order: copy(order, negatives), below: copy(below, positives), upTo: copy(upTo, positives) };
  });
}
