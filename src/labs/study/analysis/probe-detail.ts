/** The details of one AUROC: the curve, the scores and the prompts at both ends. */
import { LabError } from '../../../core/errors.ts';
import { decisionValues } from '../../../core/probes/linear-probe.ts';
import { rocCurve } from '../../../core/statistics/roc.ts';
import { scoreHistogram } from '../../../core/statistics/score-histogram.ts';
import type { ProbeDetail, ScoredPrompt } from '../../../formats/study/study-results.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';
import type { DetailRequest } from '../study-messages.ts';
import type { AnalysisContext } from './analysis-context.ts';
import { Pieces } from './pieces.ts';
import { fitProbes } from './probes.ts';
import { takeScores, type RowIndex } from './row-index.ts';
import { readStacked, stacked } from './study-rows.ts';
import { withTraining } from './training-classes.ts';

const SHOWN = 12; // prompts listed at each end

/** @throws LabError `bad-request`, when the test has no such class; `storage`, when activations are missing */
export async function probeDetail(
  context: AnalysisContext,
  store: KeyValueStore,
  commit: string,
  { point, probe: kind, direction, test }: DetailRequest,
): Promise<ProbeDetail> {
  const { study, layer, train } = context;
  const index = context.tests.find(({ name }) => name === test)?.rows;
  if (index === undefined || !index.has(direction) || !study.names.includes(direction)) {
    throw new LabError('bad-request', `The test “${test}” has no prompts of ${direction}.`, 'Choose another test.');
  }
  const rows = await readStacked(store, study, commit, layer, train);
  const pieces = new Pieces();
  const [fitted] = withTraining(rows, train, (training) => fitProbes(training, [{ kind, name: direction }], pieces));
  if (fitted === undefined) {
    const reason = pieces.leftOut[0]?.reason ?? 'the direction has length 0';
    throw new LabError('bad-request', `There is no probe of ${direction}: ${reason}.`, 'Choose another direction.');
  }
  const { probe, threshold } = fitted;
  const scores = decisionValues(probe, stacked(await readStacked(store, study, commit, layer, index)));
  const [positives, negatives] = [index.positives(direction), index.negatives];
  const [harmful, safe] = [takeScores(scores, positives), takeScores(scores, negatives)];
  const { fpr, tpr } = rocCurve(harmful, safe);
  const histogram = scoreHistogram(harmful, safe);
  const ranked = rank(index, scores, [...positives, ...negatives]);
  return {
    ...{ point, probe: kind, direction, test },
    threshold,
    roc: { fpr: [...fpr], tpr: [...tpr] },
    histogram: {
      edges: [...histogram.edges],
      positive: [...histogram.harmful],
      negative: [...histogram.safe],
    },
    highest: ranked.slice(0, SHOWN),
    lowest: ranked.slice(-SHOWN).reverse(),
  };
}

/** Prompts from the highest score to the lowest; ties in prompt order. */
function rank({ prompts }: RowIndex, scores: Float64Array, rows: readonly number[]): ScoredPrompt[] {
  const scored = rows.map((row) => ({ row, score: scores[row] as number }));
  scored.sort((a, b) => b.score - a.score || a.row - b.row);
  return scored.flatMap(({ row, score }) => {
    const prompt = prompts[row];
    return prompt === undefined ? [] : [{ text: prompt.text, label: prompt.label, category: prompt.category, score }];
  });
}
