/** Where in the network and where in training the concept can be read: layers, and directions carried to other checkpoints. */
import { shownText } from '../../core/text/visible-text.ts';
import type { StudyResults } from '../../formats/study/study-results.ts';
import { type ChartStyle, labelOf } from '../chart-style.ts';
import type { Figure, Target } from '../figure.ts';
import { heatmap, type HeatAxis, type HeatCell } from '../heatmap.ts';
import { byPoint, pointAt, pointText } from '../results-index.ts';
import { STAGE_MARKS } from '../training-axis.ts';
import { withReason } from '../why-empty.ts';

export interface MapChoice {
  readonly direction: string;
  readonly test: string;
}

/** Layer × checkpoint. */
export function layerSweep(results: StudyResults, { direction, test }: MapChoice, style: ChartStyle): Figure {
  const columns = byPoint(
    results,
    ({ sweep }) => sweep.find((row) => row.direction === direction && row.test === test) ?? null,
  );
  const layers = results.layer?.layers ?? columns.reduce((most, column) => Math.max(most, column?.auroc.length ?? 0), 0); // prettier-ignore
  const names = Array.from({ length: layers }, (_, layer) => `${layer}`);
  const chosen = results.layer?.layer ?? null;
  const site = chosen === null ? '' : ` The study uses layer ${chosen}; select one of its cells for details.`;
  const targetAt = (point: number): Target => ({ point, probe: 'projection', direction, test });
  const figure = heatmap(
    {
      id: 'layer-sweep',
      title: `AUROC by layer: ${labelOf(direction)}, ${shownText(test)}`,
      note: `Projection on each layer’s own direction, at resid_post of every layer.${site}`,
      x: pointAxis(results, 'checkpoint'),
      y: { name: 'layer', labels: names, ticks: names, breaks: [] },
      cells: names.map((_, layer) =>
        columns.map((column, point): HeatCell | null => {
          const value = column?.auroc[layer];
          return value === undefined || Number.isNaN(value) ? null : { value, target: layer === chosen ? targetAt(point) : null }; // prettier-ignore
        }),
      ),
      value: 'AUROC',
      scale: 'sequential',
      cellText: false,
    },
    style,
  );
  return withReason(figure, results, { direction, test });
}

/** Directions of one checkpoint scored on activations of another. */
export function transferMatrix(results: StudyResults, { direction, test }: MapChoice, style: ChartStyle): Figure {
  const matrix = results.ladder?.directions
    .find(({ name }) => name === direction)
    ?.transfer.find((entry) => entry.test === test)?.auroc;
  const onItself = (point: number): Target => ({ point, probe: 'projection', direction, test });
  const figure = heatmap(
    {
      id: 'transfer',
      title: `Transfer between checkpoints: ${labelOf(direction)}, ${shownText(test)}`,
      note: 'The row’s direction, scored on the column’s activations. Select a cell on the diagonal for details.',
      x: pointAxis(results, 'activations of'),
      y: pointAxis(results, 'direction of'),
      cells: squareByPoint(results, matrix, onItself),
      value: 'AUROC',
      scale: 'sequential',
      cellText: false,
    },
    style,
  );
  return withReason(figure, results, { direction, test });
}

/** A table of what changed between the ends of stages. */
export function stageJumps(results: StudyResults, { direction, test }: MapChoice): Figure {
  const rows = (results.ladder?.jumps ?? []).filter((jump) => jump.direction === direction && jump.test === test);
  const figure: Figure = {
    id: 'stage-jumps',
    title: `Between stages: ${labelOf(direction)}, ${shownText(test)}`,
    note: 'Last checkpoints of consecutive stages. p: two-sided permutation test of the AUROC difference, not corrected for multiple tests.',
    height: 0,
    option: null,
    table: {
      columns: ['from', 'to', 'AUROC difference', 'p', 'cosine of the directions'],
      rows: rows.map(({ from, to, difference, p, cosine }) => ({
        cells: [pointAt(results, from).label, pointAt(results, to).label, difference, p, cosine],
        target: null,
      })),
    },
  };
  return withReason(figure, results, { direction, test });
}

/** All points of the plan, named where their stage begins. */
export function pointAxis({ points }: StudyResults, name: string): HeatAxis {
  const isFirst = points.map(({ stage }, index) => points.findIndex((other) => other.stage === stage) === index);
  return {
    name,
    labels: points.map(pointText),
    ticks: points.map(({ stage }, index) => (stage !== null && isFirst[index] === true ? STAGE_MARKS[stage] : '')),
    breaks: points.map(({ stage }, index) => index > 0 && stage !== null && isFirst[index] === true),
  };
}

/** A matrix over the checkpoints that are done, laid out over all points of the plan. `onItself`: what its diagonal stands for. */
export function squareByPoint(
  results: StudyResults,
  matrix: readonly (readonly number[])[] | undefined,
  onItself: (point: number) => Target | null = () => null,
): (HeatCell | null)[][] {
  const places = byPoint(results, (_, index) => index);
  return places.map((row, point) =>
    places.map((column): HeatCell | null => {
      const value = row === null || column === null ? undefined : matrix?.[row]?.[column];
      return value === undefined || Number.isNaN(value) ? null : { value, target: row === column ? onItself(point) : null }; // prettier-ignore
    }),
  );
}
