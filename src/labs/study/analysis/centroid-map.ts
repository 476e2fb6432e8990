import { stackRows } from '../../../core/linalg/matrix.ts';
import { pca } from '../../../core/linalg/pca.ts';
import type { PcaResult } from '../../../formats/study/study-results.ts';
import type { CheckpointVectors } from './checkpoint-vectors.ts';

const COMPONENTS = 3;

/** One PCA map for all classes at all checkpoints, so that movement on it is movement in the residual stream. */
export function centroidMap(done: readonly CheckpointVectors[]): PcaResult {
  const names = [...(done[0]?.centroids.keys() ?? [])];
  const rows = names.flatMap((name) => done.map(({ centroids }) => centroids.get(name) ?? new Float64Array()));
  const { scores, explainedVarianceRatio } = pca(stackRows(rows), COMPONENTS);
  const at = (row: number): number[] => scores.map((component) => component[row] ?? 0);
  return {
    explained: [...explainedVarianceRatio],
    tracks: names.map((name, place) => ({
      name,
      coordinates: done.map((_, index) => at(place * done.length + index)),
    })),
  };
}
