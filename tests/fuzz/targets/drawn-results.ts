/** Every figure and table that the page makes of a study's results. */
import { tableCsv } from '../../../src/charts/csv.ts';
import type { Figure } from '../../../src/charts/figure.ts';
import * as geometry from '../../../src/charts/figures/geometry-figures.ts';
import {
  categoriesOverTraining,
  scoresOverTraining,
  selectivityOverTraining,
  type ProbeChoice,
} from '../../../src/charts/figures/score-figures.ts';
import { layerSweep, stageJumps, transferMatrix } from '../../../src/charts/figures/probe-maps.ts';
import { centroidMap, scoreAndDeviation } from '../../../src/charts/figures/track-figures.ts';
import type { StudyResults } from '../../../src/formats/study/study-results.ts';
import { STYLE } from '../../support/chart-style.ts';
import { hold } from '../harness/target.ts';

/** The last direction and the last test, along training and along tokens. */
export function drawAll(results: StudyResults): void {
  const choice: ProbeChoice = {
    ...{ axis: 'order', scale: 'log', controls: true, surface: true, probe: 'projection', metric: 'auroc' },
    ...{ direction: results.names.at(-1) ?? '', test: results.plan.tests.at(-1)?.name ?? '' },
  };
  const byTokens: ProbeChoice = { ...choice, axis: 'tokens', metric: 'tpr' };
  const figures = [
    ...[choice, byTokens].flatMap((one) => overTraining(results, one)),
    layerSweep(results, choice, STYLE),
    transferMatrix(results, choice, STYLE),
    stageJumps(results, choice),
    geometry.checkpointCosines(results, choice.direction, STYLE),
    ...results.checkpoints.slice(0, 2).flatMap((_, checkpoint) => atCheckpoint(results, checkpoint)),
  ];
  for (const { table, height } of figures) {
    hold(Number.isFinite(height), 'a figure’s height is finite');
    hold(table.rows.every(({ cells }) => cells.length === table.columns.length), 'a table’s rows are as long as its head'); // prettier-ignore
    const numbers = table.rows.flatMap(({ cells }) => cells.filter((cell) => typeof cell === 'number'));
    hold(numbers.every(Number.isFinite), 'a table’s numbers are finite');
    tableCsv(table);
  }
}

const overTraining = (results: StudyResults, choice: ProbeChoice): Figure[] => [
  scoresOverTraining(results, choice, STYLE),
  selectivityOverTraining(results, choice, STYLE),
  categoriesOverTraining(results, choice, STYLE),
  geometry.cosinesToGeneral(results, choice, STYLE),
  geometry.directionNorms(results, choice, STYLE),
  geometry.classMeasure(results, 'variance', choice, STYLE),
  geometry.centroidDrift(results, choice, STYLE),
  geometry.principalAngles(results, choice, STYLE),
];

const atCheckpoint = (results: StudyResults, checkpoint: number): Figure[] => [
  geometry.categoryCosines(results, checkpoint, STYLE),
  scoreAndDeviation(results, checkpoint, STYLE),
  centroidMap(results, checkpoint, STYLE),
];
