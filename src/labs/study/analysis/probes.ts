/** The three probes of every direction at one checkpoint, and their results on every test. */
import { heldInterval } from '../../../core/statistics/bootstrap.ts';
import type { HeldClasses } from '../../../core/kernels/kernel-classes.ts';
import { heldPlacements, type HeldScores } from '../../../core/kernels/kernel-scores.ts';
import { lda } from '../../../core/probes/lda.ts';
import type { LinearProbe } from '../../../core/probes/linear-probe.ts';
import { fitLogistic } from '../../../core/probes/logistic.ts';
import { accuracyAt, heldThreshold, tprOfHeld } from '../../../core/statistics/roc.ts';
import { norm, scale } from '../../../core/linalg/vectors.ts';
import { NEGATIVE, PROBES, type ProbeKind, type ProbeRow } from '../../../formats/study/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { HeldTests } from './held-tests.ts';
import { checkFinite, type Piece, type Pieces } from './pieces.ts';
import type { TrainingClasses } from './training-classes.ts';

/** Fits a probe of a direction. Its scores are `decisionValues`; for the projection these are a·d/‖d‖. */
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

const TOLERANCE = 3e-6; // for the gradient of the mean loss: AUROCs are within 4e-4 of the exact fit, 1e-5 on average

function fitAgainstNegative(training: TrainingClasses, name: string): LinearProbe {
  const classes = [name, NEGATIVE];
  const inputs = classes.map((one) => training.of(one));
  const [positives = 0, negatives = 0] = inputs.map(({ rows }) => rows);
  const labels = new Uint8Array(positives + negatives).fill(1, 0, positives);
  const moments = classes.map((one) => training.moments(one));
  return fitLogistic(inputs, labels, { tolerance: TOLERANCE, moments });
}

/** A fitted probe of a direction, with the threshold found on the training rows. */
export interface FittedProbe {
  readonly kind: ProbeKind;
  readonly name: string;
  readonly probe: LinearProbe;
  readonly threshold: number;
}

type WantedProbe = Pick<FittedProbe, 'kind' | 'name'>;

/** Fits probes. Those that cannot be fitted are left out and recorded in `pieces`. */
export function fitProbes(training: TrainingClasses, wanted: readonly WantedProbe[], pieces: Pieces): FittedProbe[] {
  const possible = wanted.filter(({ name }) => training.usableDirection(name) !== null);
  const isLogistic = ({ kind }: WantedProbe): boolean => kind === 'logistic';
  const probes = new Map<WantedProbe, LinearProbe>();
  const fit = (one: WantedProbe): void => {
    const probe = pieces.try(pieceOf(one), null, () => checked(fitProbe(one.kind, training, one.name)));
    if (probe !== null) probes.set(one, probe);
  };
  possible.filter((one) => !isLogistic(one)).forEach(fit);
  if (possible.some(isLogistic)) {
    const names = new Set([NEGATIVE, ...possible.map(({ name }) => name)]);
    for (const name of names)
      pieces.try({ what: 'the covariance', direction: name, test: null }, null, () => training.moments(name)); // prettier-ignore -- of the rows as they came
    training.classes.centre();
  }
  possible.filter(isLogistic).forEach(fit);
  const fitted = wanted.flatMap((one) => {
    const probe = probes.get(one);
    return probe === undefined ? [] : [{ ...one, probe, harmful: training.index.range(one.name) }];
  });
  const found: FittedProbe[] = [];
  training.classes.eachScores(fitted, (harmful, safe, index) => {
    const one = fitted[index] as (typeof fitted)[number];
    pieces.try(pieceOf(one), undefined, () => {
      found.push({ ...one, threshold: heldThreshold(training.classes.all.kernels, harmful, safe) });
    });
  });
  return found;
}

const PROBE_WORDS: Readonly<Record<ProbeKind, string>> = {
  projection: 'the projection',
  lda: 'the LDA probe',
  logistic: 'the logistic probe',
};

const pieceOf = ({ kind, name }: WantedProbe, test: string | null = null): Piece => ({
  what: PROBE_WORDS[kind],
  direction: name,
  test,
});

/** @throws LabError `bad-request`, when a probe's numbers are not finite */
function checked(probe: LinearProbe): LinearProbe {
  checkFinite({ 'the probe’s length': norm(probe.weights), 'its intercept': probe.intercept });
  return probe;
}

/** One row for each test, probe and direction; none where a test lacks the direction's category. */
export function probeRows(
  context: AnalysisContext,
  tests: HeldTests,
  training: TrainingClasses,
  pieces: Pieces,
): ProbeRow[] {
  const wanted = context.study.names.flatMap((name) => PROBES.map((kind) => ({ kind, name })));
  const fitted = fitProbes(training, wanted, pieces);
  return context.tests.flatMap((test) => {
    const held = tests.get(test.name);
    return held === undefined ? [] : testRows(context, test, held, fitted, pieces);
  });
}

function testRows(
  context: AnalysisContext,
  { name: test, rows }: TestIndex,
  held: HeldClasses,
  fitted: readonly FittedProbe[],
  pieces: Pieces,
): ProbeRow[] {
  const tried = fitted.filter(({ name }) => rows.has(name)).map((one) => ({ ...one, harmful: rows.range(one.name) }));
  const { kernels } = held.all;
  const found: ProbeRow[] = [];
  held.eachScores(tried, (harmful, safe, index) => {
    const { kind, name, threshold } = tried[index] as (typeof tried)[number];
    pieces.try(pieceOf({ kind, name }, test), undefined, () => {
      const placements = heldPlacements(kernels, harmful, safe);
      const { auroc, low, high } = heldInterval(kernels, placements, context.resamples(harmful.count, safe.count));
      const scoresOf = ({ address, count }: HeldScores): Float64Array => kernels.f64(address, count);
      const { accuracy } = accuracyAt(scoresOf(harmful), scoresOf(safe), threshold);
      const tprAt1Fpr = tprOfHeld(kernels, placements);
      checkFinite({ AUROC: auroc, 'its interval': low + high, TPR: tprAt1Fpr, accuracy });
      found.push({
        ...{ probe: kind, direction: name, test, auroc, interval: { low, high }, tprAt1Fpr, accuracy },
        positives: harmful.count,
        negatives: safe.count,
      });
    });
  });
  return found;
}
