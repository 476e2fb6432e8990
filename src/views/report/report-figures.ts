/** The figures of a report, in the order of its text. */
import type { ChartStyle } from '../../charts/chart-style.ts';
import type { Figure } from '../../charts/figure.ts';
import {
  categoryCosines,
  centroidDrift,
  checkpointCosines,
  classMeasure,
  cosinesToGeneral,
  directionNorms,
  principalAngles,
} from '../../charts/geometry-figures.ts';
import {
  categoriesOverTraining,
  scoresOverTraining,
  selectivityOverTraining,
  type ProbeChoice,
} from '../../charts/probe-figures.ts';
import { layerSweep, stageJumps, transferMatrix } from '../../charts/probe-maps.ts';
import { centroidMap, scoreAndDeviation } from '../../charts/track-figures.ts';
import type { StudyResults } from '../../state/study.svelte.ts';

/** `style.width` is that of the paper. */
export function reportFigures(results: StudyResults, choice: ProbeChoice, style: ChartStyle): readonly Figure[] {
  const { direction } = choice;
  const last = results.checkpoints.length - 1;
  return [
    scoresOverTraining(results, choice, style),
    selectivityOverTraining(results, choice, style),
    categoriesOverTraining(results, choice, style),
    ...(results.plan.sweep ? [layerSweep(results, choice, style)] : []),
    transferMatrix(results, choice, style),
    stageJumps(results, choice),
    checkpointCosines(results, direction, style),
    categoryCosines(results, last, style),
    cosinesToGeneral(results, choice, style),
    directionNorms(results, choice, style),
    classMeasure(results, 'centroidNorm', choice, style),
    centroidDrift(results, choice, style),
    classMeasure(results, 'variance', choice, style),
    classMeasure(results, 'meanDistance', choice, style),
    scoreAndDeviation(results, last, style),
    centroidMap(results, last, style),
    principalAngles(results, choice, style),
  ];
}
