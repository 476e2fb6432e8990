import { aurocOfRows } from '../../../core/statistics/auroc.ts';
import type { SweepRow } from '../../../formats/study/study-results.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';
import { layerScoresKey, readLayerScores, type LayerScores } from '../run/study-store.ts';
import type { AnalysisContext } from './analysis-context.ts';

/** The scores stored with a checkpoint's units, by test and set. */
export type StoredSweep = ReadonlyMap<string, readonly LayerScores[]>;

/** Reads the stored scores; empty if the plan has no sweep. Tests with a missing unit are left out. */
export async function readSweep(
  { study, tests }: AnalysisContext,
  store: KeyValueStore,
  commit: string,
): Promise<StoredSweep> {
  if (!study.plan.sweep) return new Map();
  const read = tests.map(async ({ name, rows: { sets } }) => {
    const keys = sets.map(({ digest }) => layerScoresKey(commit, digest, study.trainDigest, study.reading));
    const parts = await Promise.all(keys.map((key) => readLayerScores(store, key)));
    return [name, parts.filter((part) => part !== null)] as const;
  });
  const found = await Promise.all(read);
  return new Map(found.filter(([name, parts]) => parts.length === tests.find((test) => test.name === name)?.rows.sets.length)); // prettier-ignore
}

/** AUROC of the projection at every layer, for each direction and test. */
export function sweepRows({ study, tests }: AnalysisContext, stored: StoredSweep): SweepRow[] {
  return tests.flatMap(({ name: test, rows }) => {
    const parts = stored.get(test);
    const [first] = parts ?? [];
    if (parts === undefined || first === undefined) return [];
    return study.names
      .filter((name) => rows.has(name))
      .map((direction) => ({
        direction,
        test,
        auroc: Array.from({ length: first.layers }, (_, layer) => {
          const scores = stackedScores(parts, layer, direction);
          if (scores.some(Number.isNaN)) return NaN; // the direction has length 0 at this layer
          return aurocOfRows(scores, rows.positives(direction), rows.negatives);
        }),
      }));
  });
}

/** Scores of the stacked sets at a layer [rows]. */
function stackedScores(parts: readonly LayerScores[], layer: number, direction: string): Float32Array {
  const ofParts = parts.map(({ names, rows, scores }) => {
    const start = (layer * names.length + names.indexOf(direction)) * rows;
    return scores.subarray(start, start + rows);
  });
  const [only] = ofParts;
  if (only !== undefined && ofParts.length === 1) return only;
  const stacked = new Float32Array(parts.reduce((sum, { rows }) => sum + rows, 0));
  let at = 0;
  for (const part of ofParts) {
    stacked.set(part, at);
    at += part.length;
  }
  return stacked;
}
