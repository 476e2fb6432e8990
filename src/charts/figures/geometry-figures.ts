/** How directions and centroids lie to one another over training, as matrices and lines. */
import type { ClassGeometry, StudyResults } from '../../formats/study/study-results.ts';
import { type ChartStyle, classLabel, colourOf, labelOf } from '../chart-style.ts';
import type { Figure } from '../figure.ts';
import { heatmap } from '../heatmap.ts';
import { pointAxis, squareByPoint } from './probe-maps.ts';
import { byPoint, pointAt, pointText } from '../results-index.ts';
import type { AxisChoice } from '../training-axis.ts';
import { type Measured, type TrainingLine, trainingLines, type TrainingLinesSpec } from '../training-lines.ts';

/** NaN stands for what was not measured. */
const alone = (value: number | undefined): Measured | null =>
  value === undefined || Number.isNaN(value) ? null : { value, interval: null, target: null };

export function checkpointCosines(results: StudyResults, direction: string, style: ChartStyle): Figure {
  const matrix = results.ladder?.directions.find(({ name }) => name === direction)?.cosines;
  return heatmap(
    {
      id: 'checkpoint-cosines',
      title: `Cosine between checkpoints: ${labelOf(direction)}`,
      note: 'How alike the direction is at two checkpoints. 1 means unchanged.',
      x: pointAxis(results, 'direction of'),
      y: pointAxis(results, 'direction of'),
      cells: squareByPoint(results, matrix),
      value: 'cosine',
      scale: 'diverging',
      cellText: false,
    },
    style,
  );
}

/** `checkpoint`: index into those that are done. */
export function categoryCosines(results: StudyResults, checkpoint: number, style: ChartStyle): Figure {
  const matrix = results.checkpoints[checkpoint]?.cosines ?? [];
  const names = results.names.map(labelOf);
  const axis = (name: string): { name: string; labels: string[]; ticks: string[]; breaks: boolean[] } => ({
    ...{ name, labels: names, ticks: names, breaks: [] },
  });
  return heatmap(
    {
      id: 'category-cosines',
      title: `Cosine between categories at ${pointAt(results, checkpoint).label}`,
      note: `${pointText(pointAt(results, checkpoint))}.`,
      x: axis('direction'),
      y: axis('direction'),
      cells: results.names.map((_, i) =>
        results.names.map((__, j) => {
          const value = matrix[i]?.[j];
          return value === undefined || Number.isNaN(value) ? null : { value, target: null };
        }),
      ),
      value: 'cosine',
      scale: 'diverging',
      cellText: true,
    },
    style,
  );
}

type Frame = Pick<TrainingLinesSpec, 'id' | 'title' | 'note' | 'y'>;

/** One line per direction. */
function byDirection(
  results: StudyResults,
  choice: AxisChoice,
  style: ChartStyle,
  spec: Frame,
  read: (index: number) => (Measured | null)[],
  names: readonly string[] = results.names,
): Figure {
  const lines = names.map((name): TrainingLine => ({
    id: name,
    name: labelOf(name),
    colour: colourOf(name, results.names, style),
    dashed: false,
    values: read(results.names.indexOf(name)),
  }));
  return trainingLines({ ...spec, points: results.points, choice, lines, levels: [] }, style);
}

/** One line per class, the negative one first. */
function byClass(
  results: StudyResults,
  choice: AxisChoice,
  style: ChartStyle,
  spec: Frame,
  read: (name: string) => (Measured | null)[],
): Figure {
  const lines = ['negative', ...results.names].map((name): TrainingLine => ({
    id: name,
    name: classLabel(name, results.plan.concept.negative),
    colour: colourOf(name, results.names, style),
    dashed: false,
    values: read(name),
  }));
  return trainingLines({ ...spec, points: results.points, choice, lines, levels: [] }, style);
}

export function directionNorms(results: StudyResults, choice: AxisChoice, style: ChartStyle): Figure {
  const spec: Frame = {
    id: 'direction-norms',
    title: 'Direction norms',
    note: '‖d‖: how far the centroid of a class lies from the negative one.',
    y: { name: '‖d‖ (residual stream)', min: 0 },
  };
  return byDirection(results, choice, style, spec, (index) =>
    byPoint(results, ({ directions }) => alone(directions[index]?.norm)),
  );
}

export function cosinesToGeneral(results: StudyResults, choice: AxisChoice, style: ChartStyle): Figure {
  const spec: Frame = {
    id: 'cosine-to-general',
    title: 'Categories compared with the general direction',
    note: 'Cosine between each category’s direction and the general direction at the same checkpoint.',
    y: { name: 'cosine with general', max: 1 },
  };
  const read = (index: number): (Measured | null)[] => byPoint(results, ({ cosines }) => alone(cosines[0]?.[index]));
  return byDirection(results, choice, style, spec, read, results.names.slice(1)); // general's own is always 1
}

const CLASS_FIGURES = {
  centroidNorm: {
    id: 'centroid-norms',
    title: 'Centroid norms',
    note: '‖μ‖ of the training prompts of a class.',
    y: { name: '‖μ‖ (residual stream)', min: 0 },
  },
  variance: {
    id: 'variance',
    title: 'Within-class variance',
    note: 'Mean squared distance to the class centroid, on a log scale.',
    y: { name: 'mean ‖a − μ‖² (log scale)', log: true },
  },
  meanDistance: {
    id: 'mean-distance',
    title: 'Distance to centroid',
    note: 'Mean distance from a prompt to its class centroid.',
    y: { name: 'mean ‖a − μ‖ (residual stream)', min: 0 },
  },
} as const satisfies Partial<Record<keyof ClassGeometry, Frame>>;

export function classMeasure(
  results: StudyResults,
  measure: keyof typeof CLASS_FIGURES,
  choice: AxisChoice,
  style: ChartStyle,
): Figure {
  const spec: Frame = CLASS_FIGURES[measure];
  return byClass(results, choice, style, spec, (name) =>
    byPoint(results, ({ classes }) => {
      const value = classes.find((entry) => entry.name === name)?.[measure];
      return alone(measure === 'variance' && value === 0 ? undefined : value); // zero has no place on a log axis
    }),
  );
}

/** Between neighbours among the checkpoints that are done, drawn at the later one. */
export function centroidDrift(results: StudyResults, choice: AxisChoice, style: ChartStyle): Figure {
  const spec: Frame = {
    id: 'drift',
    title: 'Centroid drift',
    note: '‖μ(c) − μ(before)‖ from the checkpoint before, among those that are done; checkpoints are not equally far apart.',
    y: { name: 'distance to the previous checkpoint (residual stream)', min: 0 },
  };
  return byClass(results, choice, style, spec, (name) => {
    const distances = results.ladder?.drift.find((entry) => entry.name === name)?.distances ?? [];
    return byPoint(results, (_, index) => alone(distances[index - 1]));
  });
}

/** Principal angles between the spans of the categories’ directions at neighbouring checkpoints. */
export function principalAngles(results: StudyResults, choice: AxisChoice, style: ChartStyle): Figure {
  const angles = results.ladder?.angles ?? [];
  const count = angles.reduce((most, { degrees }) => Math.max(most, degrees.length), 0);
  const lines = Array.from({ length: count }, (_, k): TrainingLine => ({
    id: `angle ${k + 1}`,
    name: k === 0 ? 'smallest' : k === count - 1 ? 'largest' : `${k + 1}`,
    colour: k === count - 1 ? style.accent : k === 0 ? style.ink : style.muted,
    dashed: k > 0 && k < count - 1,
    values: byPoint(results, (__, index) => alone(angles.find(({ to }) => to === index)?.degrees[k])),
  }));
  const figure = trainingLines(
    {
      id: 'principal-angles',
      title: 'Principal angles between neighboring checkpoints',
      note: 'Between the subspaces that the category directions span at neighboring checkpoints. 0°: they share a direction; 90°: they are orthogonal.',
      points: results.points,
      choice,
      y: { name: 'angle (degrees)', min: 0, max: 90 },
      lines,
      levels: [],
    },
    style,
  );
  if (figure.table.rows.length > 0 || results.checkpoints.length === 0) return figure;
  const empty =
    results.names.length < 3 ? 'Angles need the directions of two categories.' : 'Angles need two checkpoints.'; // with the general one
  return { ...figure, table: { ...figure.table, empty } };
}
