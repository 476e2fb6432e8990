import { aurocOfRows } from '../../core/auroc.ts';
import type { SweepRow } from '../../formats/study-results.ts';
import type { KeyValueStore } from '../direction-cache.ts';
import { layerScoresKey, readLayerScores, type LayerScores } from '../run/study-store.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';

/** AUROC of the projection at every layer, for each direction and test, from the scores that were stored with the units. */
export async function sweepRows(
  context: AnalysisContext,
  store: KeyValueStore,
  commit: string,
): Promise<readonly SweepRow[]> {
  if (!context.study.plan.sweep) return [];
  const rows = await Promise.all(context.tests.map((test) => testRows(context, store, commit, test)));
  return rows.flat();
}

async function testRows(
  { study }: AnalysisContext,
  store: KeyValueStore,
  commit: string,
  { name: test, rows }: TestIndex,
): Promise<SweepRow[]> {
  const keys = rows.sets.map(({ digest }) => layerScoresKey(commit, digest, study.trainDigest, study.reading));
  const parts = (await Promise.all(keys.map((key) => readLayerScores(store, key)))).filter((part) => part !== null);
  const [first] = parts;
  if (first === undefined || parts.length < keys.length) return [];
  return study.names
    .filter((name) => rows.has(name))
    .map((direction) => ({
      direction,
      test,
      auroc: Array.from({ length: first.layers }, (_, layer) => {
        const scores = stackedScores(parts, layer, direction);
        return aurocOfRows(scores, rows.positives(direction), rows.negatives);
      }),
    }));
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
