/** The three probes of every direction at one checkpoint, each with its scores on every test. */
import { bootstrapInterval } from '../../core/bootstrap.ts';
import { classMoments, type ClassMoments } from '../../core/covariance.ts';
import { lda } from '../../core/lda.ts';
import { decisionValues, type LinearProbe } from '../../core/linear-probe.ts';
import { fitLogistic } from '../../core/logistic.ts';
import { columnMeans, type Matrix } from '../../core/matrix.ts';
import { withProducts } from '../../core/matrix-products.ts';
import { accuracyAt, tprAtFpr, youdenThreshold } from '../../core/roc.ts';
import { norm, scale, subtract } from '../../core/vectors.ts';
import { NEGATIVE, PROBES, type ProbeKind, type ProbeRow } from '../../formats/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import { takeRows, takeScores, type RowIndex } from './row-index.ts';

/** The training rows of a checkpoint by class, and what the probes share of them. */
export class TrainingClasses {
  readonly all: Matrix; // [training rows, hidden]
  readonly negative: Matrix;
  readonly #index: RowIndex;
  readonly #matrices = new Map<string, Matrix>();
  readonly #means = new Map<string, Float64Array>();
  readonly #moments = new Map<string, ClassMoments>();

  constructor(all: Matrix, index: RowIndex) {
    this.all = all;
    this.#index = index;
    this.negative = takeRows(all, index.negatives);
  }

  /** Rows of a direction's class, or of `negative`. */
  of(name: string): Matrix {
    if (name === NEGATIVE) return this.negative;
    return remember(this.#matrices, name, () => takeRows(this.all, this.#index.positives(name)));
  }

  /** μ [hidden], in float64. */
  centroid(name: string): Float64Array {
    return remember(this.#means, name, () => columnMeans(this.of(name)));
  }

  /** μ(class) − μ(negative). */
  direction(name: string): Float64Array {
    return subtract(this.centroid(name), this.centroid(NEGATIVE));
  }

  moments(name: string): ClassMoments {
    return remember(this.#moments, name, () => classMoments(this.of(name)));
  }
}

/** A probe of a direction. Its scores are `decisionValues`; of the projection they are a·d/‖d‖. */
export function fitProbe(kind: ProbeKind, training: TrainingClasses, name: string): LinearProbe {
  switch (kind) {
    case 'projection': {
      const direction = training.direction(name);
      return { weights: scale(direction, 1 / norm(direction)), intercept: 0 };
    }
    case 'lda':
      return lda(training.moments(name), training.moments(NEGATIVE));
    case 'logistic':
      return fitOn(training.of(name), training.negative);
  }
}

const TOLERANCE = 1e-4; // of the gradient of the mean loss: 1e-6 takes a third longer

function fitOn(positive: Matrix, negative: Matrix): LinearProbe {
  const { columns } = positive;
  const stacked = new Float32Array((positive.rows + negative.rows) * columns);
  stacked.set(positive.values);
  stacked.set(negative.values, positive.values.length);
  const labels = Uint8Array.from({ length: positive.rows + negative.rows }, (_, row) => Number(row < positive.rows));
  return fitLogistic({ values: stacked, rows: labels.length, columns }, labels, { tolerance: TOLERANCE });
}

/** The threshold of the training rows. */
export function trainingThreshold(probe: LinearProbe, training: TrainingClasses, name: string): number {
  return youdenThreshold(decisionValues(probe, training.of(name)), decisionValues(probe, training.negative));
}

/** A probe of a direction, fitted, with the threshold of the training rows. */
interface FittedProbe {
  readonly kind: ProbeKind;
  readonly name: string;
  readonly probe: LinearProbe;
  readonly threshold: number;
}

/** Every test's row for each probe of each direction; a test without a direction's category has none for it. */
export function probeRows(
  context: AnalysisContext,
  tests: ReadonlyMap<string, Matrix>,
  training: TrainingClasses,
): ProbeRow[] {
  const { names } = context.study;
  const fitted = PROBES.flatMap((kind) =>
    names.map((name): FittedProbe => {
      const probe = fitProbe(kind, training, name);
      return { kind, name, probe, threshold: trainingThreshold(probe, training, name) };
    }),
  );
  return context.tests.flatMap((test) => {
    const matrix = tests.get(test.name);
    return matrix === undefined ? [] : testRows(context, test, matrix, fitted);
  });
}

function testRows(
  context: AnalysisContext,
  { name: test, rows }: TestIndex,
  matrix: Matrix,
  fitted: readonly FittedProbe[],
): ProbeRow[] {
  const tried = fitted.filter(({ name }) => rows.has(name));
  return withProducts(matrix, ({ multiplyAll }) => {
    const products = multiplyAll(tried.map(({ probe }) => probe.weights));
    return tried.map(({ kind, name, probe, threshold }, place): ProbeRow => {
      const scores = products[place] ?? new Float64Array();
      for (let row = 0; row < scores.length; row++) scores[row] = (scores[row] as number) + probe.intercept;
      const [positives, negatives] = [takeScores(scores, rows.positives(name)), takeScores(scores, rows.negatives)];
      const draws = context.resamples(positives.length, negatives.length);
      const { auroc, low, high } = bootstrapInterval(positives, negatives, draws);
      return {
        ...{ probe: kind, direction: name, test, auroc, interval: { low, high } },
        tprAt1Fpr: tprAtFpr(positives, negatives),
        accuracy: accuracyAt(positives, negatives, threshold).accuracy,
        positives: positives.length,
        negatives: negatives.length,
      };
    });
  });
}

function remember<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}
