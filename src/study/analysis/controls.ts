/** What a probe's AUROC has to be held against: labels without meaning, directions without meaning, and truth. */
import { aurocOfRows } from '../../core/auroc.ts';
import { bootstrapInterval } from '../../core/bootstrap.ts';
import { withProducts } from '../../core/matrix-products.ts';
import { columnMeans, projections, takeRows, type Matrix } from '../../core/matrix.ts';
import { percentileInterval } from '../../core/quantiles.ts';
import { subtract } from '../../core/vectors.ts';
import { GENERAL, type ControlKind, type ControlRow } from '../../formats/study-results.ts';
import type { AnalysisContext, TwoClasses } from './analysis-context.ts';
import type { TrainingClasses } from './training-classes.ts';
import { takeScores, type RowIndex } from './row-index.ts';

/** All controls of one checkpoint. `truth`: [statements, hidden], null without such a set. */
export function controlRows(
  context: AnalysisContext,
  tests: ReadonlyMap<string, Matrix>,
  training: TrainingClasses,
  truth: Matrix | null,
): ControlRow[] {
  const { controlRepeats } = context.study.plan;
  const repeats = Array.from({ length: controlRepeats }, (_, repeat) => repeat);
  const shuffled = withProducts(training.all, ({ combine }) =>
    repeats.map((repeat) => combine(shuffledFactors(context, training.all.rows, repeat))),
  );
  const random = repeats.map((repeat) => context.randomDirection(repeat, training.all.columns));
  const rows = context.tests.flatMap(({ name, rows: index }) => {
    const matrix = tests.get(name);
    if (matrix === undefined || !index.has(GENERAL)) return [];
    return withProducts(matrix, ({ multiplyAll }) => [
      summary('random-labels', name, multiplyAll(shuffled).map((scores, repeat) =>
        aurocOf(scores, context.shuffled(`random labels of ${name}`, index, repeat)),
      )), // prettier-ignore
      summary('random-direction', name, multiplyAll(random).map((scores) => aurocOf(scores, rowsOf(index)))), // prettier-ignore
    ]);
  });
  return truth === null ? rows : [...rows, ...truthRows(context, training, truth)];
}

/** What each training row weighs in the direction of labels dealt out anew, as many of each as there are. */
function shuffledFactors(context: AnalysisContext, rows: number, repeat: number): Float64Array {
  const { positive, negative } = context.shuffled('random labels', context.train, repeat);
  const factors = new Float64Array(rows);
  for (const row of positive) factors[row] = 1 / positive.length;
  for (const row of negative) factors[row] = -1 / negative.length;
  return factors;
}

const rowsOf = (index: RowIndex): TwoClasses => ({ positive: index.positives(GENERAL), negative: index.negatives });

const aurocOf = (scores: Float64Array, { positive, negative }: TwoClasses): number =>
  aurocOfRows(scores, positive, negative);

function summary(control: ControlKind, test: string, aurocs: readonly number[]): ControlRow {
  const [low, high] = percentileInterval(Float64Array.from(aurocs));
  const mean = aurocs.reduce((sum, value) => sum + value, 0) / aurocs.length;
  return { control, test, auroc: mean, spread: { low, high }, repeats: aurocs.length };
}

function truthRows(context: AnalysisContext, training: TrainingClasses, statements: Matrix): ControlRow[] {
  const { truth } = context;
  if (truth === null) return [];
  const direction = subtract(
    columnMeans(takeRows(statements, truth.train.positive)),
    columnMeans(takeRows(statements, truth.train.negative)),
  );
  const all = { positive: truth.rows.statements('true'), negative: truth.rows.statements('false') };
  return [
    single(context, 'truth', projections(statements, direction), truth.test),
    single(context, 'concept-on-truth', projections(statements, training.direction(GENERAL)), all),
  ];
}

function single(
  context: AnalysisContext,
  control: ControlKind,
  scores: Float64Array,
  { positive, negative }: TwoClasses,
): ControlRow {
  const resamples = context.resamples(positive.length, negative.length);
  const interval = bootstrapInterval(takeScores(scores, positive), takeScores(scores, negative), resamples);
  const { low, high } = interval;
  return { control, test: context.study.plan.truth ?? '', auroc: interval.auroc, spread: { low, high }, repeats: 1 };
}
