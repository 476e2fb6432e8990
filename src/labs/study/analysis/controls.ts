/** Controls to compare a probe's AUROC with: shuffled labels, random directions, and truth. */
import { bootstrapInterval } from '../../../core/statistics/bootstrap.ts';
import { columnMeans, projections, takeRows, type Matrix } from '../../../core/linalg/matrix.ts';
import { percentileInterval } from '../../../core/statistics/quantiles.ts';
import { subtract } from '../../../core/linalg/vectors.ts';
import { GENERAL, type ControlKind, type ControlRow } from '../../../formats/study/study-results.ts';
import type { RowSplit } from '../../../core/kernels/kernel-classes.ts';
import type { AnalysisContext } from './analysis-context.ts';
import type { HeldTests } from './held-tests.ts';
import type { Piece, Pieces } from './pieces.ts';
import { takeScores } from './row-index.ts';
import type { TrainingClasses } from './training-classes.ts';

/** All controls of one checkpoint. `truth`: [statements, hidden], or null if the plan has no such set. The tests must be centred. */
export function controlRows(
  context: AnalysisContext,
  tests: HeldTests,
  training: TrainingClasses,
  truth: Matrix | null,
  pieces: Pieces,
): ControlRow[] {
  const { controlRepeats } = context.study.plan;
  const repeats = Array.from({ length: controlRepeats }, (_, repeat) => repeat);
  const shuffled = repeats.map((repeat) => training.classes.contrast(context.shuffledFactors(repeat)));
  const random = repeats.map((repeat) => context.randomDirection(repeat, training.classes.all.columns));
  const rows = context.tests.flatMap(({ name, rows: index }) => {
    const held = tests.get(name);
    if (held === undefined || !index.has(GENERAL)) return [];
    const splits = repeats.map((repeat) => context.shuffled(`random labels of ${name}`, index, repeat));
    const control = (kind: ControlKind, aurocs: () => readonly number[]): ControlRow[] =>
      pieces.try(pieceOf(kind, name), [], () => [summary(kind, name, aurocs())]);
    return [
      ...control('random-labels', () => held.aurocsOfSplits(shuffled, splits)),
      ...control('random-direction', () => held.aurocs([{ directions: random, harmful: index.range(GENERAL) }])[0] ?? []), // prettier-ignore
    ];
  });
  return truth === null ? rows : [...rows, ...truthRows(context, training, truth, pieces)];
}

const pieceOf = (control: ControlKind, test: string): Piece => ({ what: `the control “${control}”`, direction: null, test }); // prettier-ignore

function summary(control: ControlKind, test: string, aurocs: readonly number[]): ControlRow {
  const [low, high] = percentileInterval(Float64Array.from(aurocs));
  const mean = aurocs.reduce((sum, value) => sum + value, 0) / aurocs.length;
  return { control, test, auroc: mean, spread: { low, high }, repeats: aurocs.length };
}

function truthRows(
  context: AnalysisContext,
  training: TrainingClasses,
  statements: Matrix,
  pieces: Pieces,
): ControlRow[] {
  const { truth } = context;
  if (truth === null) return [];
  const direction = (): Float64Array =>
    subtract(
      columnMeans(takeRows(statements, truth.train.positive)),
      columnMeans(takeRows(statements, truth.train.negative)),
    );
  const all = { positive: truth.rows.statements('true'), negative: truth.rows.statements('false') };
  const row = (control: ControlKind, along: () => Float64Array, split: RowSplit): ControlRow[] =>
    pieces.try(pieceOf(control, context.study.plan.truth ?? ''), [], () => [
      single(context, control, projections(statements, along()), split),
    ]);
  return [...row('truth', direction, truth.test), ...row('concept-on-truth', () => training.direction(GENERAL), all)];
}

function single(
  context: AnalysisContext,
  control: ControlKind,
  scores: Float64Array,
  { positive, negative }: RowSplit,
): ControlRow {
  const resamples = context.resamples(positive.length, negative.length);
  const interval = bootstrapInterval(takeScores(scores, positive), takeScores(scores, negative), resamples);
  const { low, high } = interval;
  return { control, test: context.study.plan.truth ?? '', auroc: interval.auroc, spread: { low, high }, repeats: 1 };
}
