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
} from '../../charts/figures/geometry-figures.ts';
import {
  categoriesOverTraining,
  scoresOverTraining,
  selectivityOverTraining,
  type ProbeChoice,
} from '../../charts/figures/score-figures.ts';
import { layerSweep, stageJumps, transferMatrix } from '../../charts/figures/probe-maps.ts';
import { centroidMap, scoreAndDeviation } from '../../charts/figures/track-figures.ts';
import { asLabError } from '../../core/errors.ts';
import { shownText } from '../../core/text/visible-text.ts';
import type { StudyResults } from '../../state/study/study.svelte.ts';

/** A figure that is yet to be made: each may fail without the others. */
export interface PlannedFigure {
  readonly name: string;
  readonly draw: () => Figure;
}

/** `style.width` is that of the paper. */
export function reportFigures(results: StudyResults, choice: ProbeChoice, style: ChartStyle): readonly PlannedFigure[] {
  const { direction } = choice;
  const last = results.checkpoints.length - 1;
  return [
    { name: 'Scores over training', draw: () => scoresOverTraining(results, choice, style) },
    { name: 'Selectivity over training', draw: () => selectivityOverTraining(results, choice, style) },
    { name: 'Categories over training', draw: () => categoriesOverTraining(results, choice, style) },
    ...(results.plan.sweep ? [{ name: 'AUROC by layer', draw: () => layerSweep(results, choice, style) }] : []),
    { name: 'Transfer between checkpoints', draw: () => transferMatrix(results, choice, style) },
    { name: 'Between stages', draw: () => stageJumps(results, choice) },
    { name: 'Cosine between checkpoints', draw: () => checkpointCosines(results, direction, style) },
    { name: 'Cosine between categories', draw: () => categoryCosines(results, last, style) },
    { name: 'Categories compared with the general direction', draw: () => cosinesToGeneral(results, choice, style) },
    { name: 'Direction norms', draw: () => directionNorms(results, choice, style) },
    { name: 'Centroid norms', draw: () => classMeasure(results, 'centroidNorm', choice, style) },
    { name: 'Centroid drift', draw: () => centroidDrift(results, choice, style) },
    { name: 'Within-class variance', draw: () => classMeasure(results, 'variance', choice, style) },
    { name: 'Distance to centroid', draw: () => classMeasure(results, 'meanDistance', choice, style) },
    { name: 'Along and off the general direction', draw: () => scoreAndDeviation(results, last, style) },
    { name: 'Centroids', draw: () => centroidMap(results, last, style) },
    { name: 'Principal angles between neighboring checkpoints', draw: () => principalAngles(results, choice, style) },
  ];
}

/** The figure, or its name and why it could not be drawn. */
export function drawnOrNamed({ name, draw }: PlannedFigure): Figure {
  try {
    return draw();
  } catch (error) {
    const note = `This figure could not be drawn: ${shownText(asLabError(error).message, 200)}`;
    return { id: 'failed', title: name, note, height: 0, option: null, table: { columns: [], rows: [] } };
  }
}
