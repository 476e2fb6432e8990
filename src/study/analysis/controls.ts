/** What a probe's AUROC has to be held against: labels without meaning, directions without meaning, and truth. */
import { auroc } from '../../core/auroc.ts';
import { bootstrapInterval } from '../../core/bootstrap.ts';
import { withProducts } from '../../core/matrix-products.ts';
import { columnMeans, projections, weightedRowSum, type Matrix } from '../../core/matrix.ts';
import { percentileInterval } from '../../core/quantiles.ts';
import type { Random } from '../../core/random.ts';
import { subtract } from '../../core/vectors.ts';
import { GENERAL, type ControlKind, type ControlRow } from '../../formats/study-results.ts';
import type { AnalysisContext } from './analysis-context.ts';
import type { TrainingClasses } from './probes.ts';
import { takeRows, takeScores, type RowIndex } from './row-index.ts';

/** All controls of one checkpoint. `truth`: [statements, hidden], null without such a set. */
export function controlRows(
  context: AnalysisContext,
  tests: ReadonlyMap<string, Matrix>,
  training: TrainingClasses,
  truth: Matrix | null,
): ControlRow[] {
  const { controlRepeats } = context.study.plan;
  const repeats = Array.from({ length: controlRepeats }, (_, repeat) => repeat);
  const shuffled = repeats.map((repeat) => shuffledDirection(context, training, repeat));
  const random = repeats.map((repeat) => context.randomDirection(repeat, training.all.columns));
  const rows = context.tests.flatMap(({ name, rows: index }) => {
    const matrix = tests.get(name);
    if (matrix === undefined || !index.has(GENERAL)) return [];
    return withProducts(matrix, ({ multiplyAll }) => [
      summary('random-labels', name, multiplyAll(shuffled).map((scores, repeat) =>
        aurocOf(scores, shuffledRows(index, context.random(`random labels of ${name}`, repeat))),
      )), // prettier-ignore
      summary('random-direction', name, multiplyAll(random).map((scores) => aurocOf(scores, rowsOf(index)))), // prettier-ignore
    ]);
  });
  return truth === null ? rows : [...rows, ...truthRows(context, training, truth)];
}

/** Labels dealt out anew over the training rows, as many of each as there are. */
function shuffledDirection(context: AnalysisContext, training: TrainingClasses, repeat: number): Float64Array {
  const { positive, negative } = shuffledRows(context.train, context.random('random labels', repeat));
  const factors = new Float64Array(training.all.rows);
  for (const row of positive) factors[row] = 1 / positive.length;
  for (const row of negative) factors[row] = -1 / negative.length;
  return weightedRowSum(training.all, factors);
}

interface TwoClasses {
  readonly positive: Uint32Array; // rows
  readonly negative: Uint32Array;
}

const rowsOf = (index: RowIndex): TwoClasses => ({ positive: index.positives(GENERAL), negative: index.negatives });

function shuffledRows(index: RowIndex, random: Random): TwoClasses {
  const { positive, negative } = rowsOf(index);
  const rows = Uint32Array.from([...positive, ...negative]);
  for (let last = rows.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1)); // Fisher and Yates
    [rows[last], rows[other]] = [rows[other] as number, rows[last] as number];
  }
  return { positive: rows.subarray(0, positive.length), negative: rows.subarray(positive.length) };
}

function aurocOf(scores: Float64Array, { positive, negative }: TwoClasses): number {
  return auroc(takeScores(scores, positive), takeScores(scores, negative));
}

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
