/** The three probes of every direction at one checkpoint, each with its scores on every test. */
import { bootstrapInterval } from '../../core/bootstrap.ts';
import { lda } from '../../core/lda.ts';
import type { LinearProbe } from '../../core/linear-probe.ts';
import { fitLogistic } from '../../core/logistic.ts';
import type { Matrix } from '../../core/matrix.ts';
import { withProducts, type MatrixProducts } from '../../core/matrix-products.ts';
import { accuracyAt, tprAtFpr, youdenThreshold } from '../../core/roc.ts';
import { norm, scale } from '../../core/vectors.ts';
import { NEGATIVE, PROBES, type ProbeKind, type ProbeRow } from '../../formats/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import { takeScores } from './row-index.ts';
import type { TrainingClasses } from './training-classes.ts';

/** A probe of a direction. Its scores are `decisionValues`; of the projection they are a·d/‖d‖. */
function fitProbe(kind: ProbeKind, training: TrainingClasses, name: string): LinearProbe {
  switch (kind) {
    case 'projection': {
      const direction = training.direction(name);
      return { weights: scale(direction, 1 / norm(direction)), intercept: 0 };
    }
    case 'lda':
      return lda(training.moments(name), training.moments(NEGATIVE));
    case 'logistic':
      return fitAgainstNegative(training, name);
  }
}

const TOLERANCE = 3e-6; // of the gradient of the mean loss: AUROCs are then within 4e-4 of the exact fit's, 1e-5 on average

function fitAgainstNegative(training: TrainingClasses, name: string): LinearProbe {
  const [positive, negative] = [training.of(name), training.of(NEGATIVE)];
  const labels = new Uint8Array(positive.rows + negative.rows).fill(1, 0, positive.rows);
  const { covariance } = training.momentsWithNegative(name);
  return fitLogistic([positive, negative], labels, { tolerance: TOLERANCE, covariance });
}

/** A probe of a direction, fitted, with the threshold of the training rows. */
export interface FittedProbe {
  readonly kind: ProbeKind;
  readonly name: string;
  readonly probe: LinearProbe;
  readonly threshold: number;
}

export function fitProbes(
  training: TrainingClasses,
  wanted: readonly Pick<FittedProbe, 'kind' | 'name'>[],
): FittedProbe[] {
  const fitted = wanted.map(({ kind, name }) => ({ kind, name, probe: fitProbe(kind, training, name) }));
  const scores = withProducts(training.all, (products) => decisionValuesOf(products, fitted));
  return fitted.map((one, place) => {
    const [harmful, safe] = training.scoresOf(one.name, scores[place] ?? new Float64Array());
    return { ...one, threshold: youdenThreshold(harmful, safe) };
  });
}

/** `decisionValues` of several probes, [probes][rows]. */
function decisionValuesOf(
  { multiplyAll }: MatrixProducts,
  fitted: readonly Pick<FittedProbe, 'probe'>[],
): Float64Array[] {
  const products = multiplyAll(fitted.map(({ probe }) => probe.weights));
  for (const [place, { probe }] of fitted.entries()) {
    const scores = products[place] as Float64Array;
    for (let row = 0; row < scores.length; row++) scores[row] = (scores[row] as number) + probe.intercept;
  }
  return products;
}

/** Every test's row for each probe of each direction; a test without a direction's category has none for it. */
export function probeRows(
  context: AnalysisContext,
  tests: ReadonlyMap<string, Matrix>,
  training: TrainingClasses,
): ProbeRow[] {
  const fitted = fitProbes(training, context.study.names.flatMap((name) => PROBES.map((kind) => ({ kind, name })))); // prettier-ignore
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
  const scores = withProducts(matrix, (products) => decisionValuesOf(products, tried));
  return tried.map(({ kind, name, threshold }, place): ProbeRow => {
    const ofAll = scores[place] ?? new Float64Array();
    const [positives, negatives] = [takeScores(ofAll, rows.positives(name)), takeScores(ofAll, rows.negatives)];
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
}
