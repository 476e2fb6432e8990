/** Chooses the layer for `auto`: the one with the highest in-distribution AUROC of the general direction at the last readable checkpoint. */
import { auroc } from '../../../core/statistics/auroc.ts';
import { LabError } from '../../../core/errors.ts';
import { GENERAL } from '../../../formats/study/study-results.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';
import type { UnitPurpose } from './missing-units.ts';
import type { ResolvedStudy } from '../plan/resolved-study.ts';
import { setsOf } from '../plan/study-sets.ts';
import { layerScoresKey, readLayerScores } from './study-store.ts';

/** The deciding test: the first in-distribution one, or else the first. Null if the plan has no tests. */
function decidingTest({ plan }: ResolvedStudy): ResolvedStudy['plan']['tests'][number] | null {
  return plan.tests.find(({ role }) => role === 'in-distribution') ?? plan.tests[0] ?? null;
}

/**
 * The units of the last checkpoint that the choice needs.
 * @throws LabError `bad-request`, when the plan has no test
 */
export function choicePurpose(study: ResolvedStudy): UnitPurpose {
  const test = decidingTest(study);
  if (test === null) {
    throw new LabError('bad-request', 'The plan has no test to choose the layer by.', 'Set a layer, or add a test.');
  }
  return { layer: null, sweep: true, sets: [...study.plan.train, ...test.sets.filter((name) => !study.plan.train.includes(name))] }; // prettier-ignore
}

/** AUROC by layer [layers] from stored scores, NaN where the direction has length 0; null if a unit is missing. */
export async function layerAurocs(
  study: ResolvedStudy,
  store: KeyValueStore,
  commit: string,
): Promise<readonly number[] | null> {
  const test = decidingTest(study);
  const sets = setsOf(study.sets, test?.sets ?? []);
  const keys = sets.map(({ digest }) => layerScoresKey(commit, digest, study.trainDigest, study.reading));
  const stored = await Promise.all(keys.map((key) => readLayerScores(store, key)));
  const layers = stored[0]?.layers ?? 0;
  if (layers === 0 || stored.includes(null)) return null;
  return Array.from({ length: layers }, (_, layer) => {
    const scores: Record<'harmful' | 'safe', number[]> = { harmful: [], safe: [] };
    for (const [index, set] of sets.entries()) {
      const found = stored[index];
      if (!found) continue;
      const start = (layer * found.names.length + found.names.indexOf(GENERAL)) * found.rows;
      for (const [row, { label }] of set.prompts.entries()) {
        if (label === 'harmful' || label === 'safe') scores[label].push(found.scores[start + row] as number);
      }
    }
    const [harmful, safe] = [Float64Array.from(scores.harmful), Float64Array.from(scores.safe)];
    return harmful.some(Number.isNaN) || safe.some(Number.isNaN) ? NaN : auroc(harmful, safe);
  });
}
