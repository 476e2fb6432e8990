import { principalComponentAnalysis } from '../../core/pca.ts';
import { NEGATIVE, type PcaResult } from '../../formats/study-results.ts';
import { stackRows } from '../../core/matrix.ts';
import type { CheckpointVectors } from './checkpoint-analysis.ts';

export const PRINCIPAL_COMPONENTS = 3;

/** One map for all classes at all checkpoints, so that what moves on it moved in the residual stream. Null where nothing differs. */
export function principalComponents(done: readonly CheckpointVectors[], components: number): PcaResult | null {
  const names = [...(done[0]?.centroids.keys() ?? [])];
  const rows = names.flatMap((name) => done.map(({ centroids }) => centroids.get(name) ?? new Float64Array()));
  if (names.length === 0 || !names.includes(NEGATIVE)) return null;
  const { scores, explained } = principalComponentAnalysis(stackRows(rows), components);
  return {
    explained: [...explained],
    tracks: names.map((name, place) => ({
      name,
      coordinates: done.map((_, index) => {
        const row = (place * done.length + index) * explained.length;
        return [...scores.subarray(row, row + explained.length)];
      }),
    })),
  };
}
