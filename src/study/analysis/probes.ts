/** The three probes of every direction at one checkpoint, each with its scores on every test. */
import { heldInterval } from '../../core/bootstrap.ts';
import type { HeldClasses } from '../../core/held-classes.ts';
import { heldPlacements, type HeldScores } from '../../core/held-scores.ts';
import { lda } from '../../core/lda.ts';
import type { LinearProbe } from '../../core/linear-probe.ts';
import { fitLogistic } from '../../core/logistic.ts';
import { accuracyAt, heldThreshold, tprOfHeld } from '../../core/roc.ts';
import { norm, scale } from '../../core/vectors.ts';
import { NEGATIVE, PROBES, type ProbeKind, type ProbeRow } from '../../formats/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { HeldTests } from './checkpoint-analysis.ts';
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
  const classes = [name, NEGATIVE];
  const inputs = classes.map((one) => training.of(one));
  const [positives = 0, negatives = 0] = inputs.map(({ rows }) => rows);
  const labels = new Uint8Array(positives + negatives).fill(1, 0, positives);
  const moments = classes.map((one) => training.moments(one));
  return fitLogistic(inputs, labels, { tolerance: TOLERANCE, moments });
}

/** A probe of a direction, fitted, with the threshold of the training rows. */
export interface FittedProbe {
  readonly kind: ProbeKind;
  readonly name: string;
  readonly probe: LinearProbe;
  readonly threshold: number;
}

type WantedProbe = Pick<FittedProbe, 'kind' | 'name'>;

export function fitProbes(training: TrainingClasses, wanted: readonly WantedProbe[]): FittedProbe[] {
  const isLogistic = ({ kind }: WantedProbe): boolean => kind === 'logistic';
  const fit = ({ kind, name }: WantedProbe): readonly [string, LinearProbe] => [`${kind}/${name}`, fitProbe(kind, training, name)]; // prettier-ignore
  const direct = wanted.filter((one) => !isLogistic(one)).map(fit);
  if (wanted.some(isLogistic)) {
    for (const { name } of [{ name: NEGATIVE }, ...wanted]) training.moments(name); // of the rows as they came
    training.classes.centre();
  }
  const probes = new Map([...direct, ...wanted.filter(isLogistic).map(fit)]);
  const fitted = wanted.flatMap(({ kind, name }) => {
    const probe = probes.get(`${kind}/${name}`);
    return probe === undefined ? [] : [{ kind, name, probe, harmful: training.index.range(name) }];
  });
  const thresholds: number[] = [];
  training.classes.eachScores(fitted, (harmful, safe) => {
    thresholds.push(heldThreshold(training.classes.all.kernels, harmful, safe));
  });
  return fitted.map((one, place) => ({ ...one, threshold: thresholds[place] ?? NaN }));
}

/** Every test's row for each probe of each direction; a test without a direction's category has none for it. */
export function probeRows(context: AnalysisContext, tests: HeldTests, training: TrainingClasses): ProbeRow[] {
  const fitted = fitProbes(training, context.study.names.flatMap((name) => PROBES.map((kind) => ({ kind, name })))); // prettier-ignore
  return context.tests.flatMap((test) => {
    const held = tests.get(test.name);
    return held === undefined ? [] : testRows(context, test, held, fitted);
  });
}

function testRows(
  context: AnalysisContext,
  { name: test, rows }: TestIndex,
  held: HeldClasses,
  fitted: readonly FittedProbe[],
): ProbeRow[] {
  const tried = fitted.filter(({ name }) => rows.has(name)).map((one) => ({ ...one, harmful: rows.range(one.name) }));
  const { kernels } = held.all;
  const found: ProbeRow[] = [];
  held.eachScores(tried, (harmful, safe, index) => {
    const { kind, name, threshold } = tried[index] as (typeof tried)[number];
    const placements = heldPlacements(kernels, harmful, safe);
    const { auroc, low, high } = heldInterval(kernels, placements, context.resamples(harmful.count, safe.count));
    const scoresOf = ({ address, count }: HeldScores): Float64Array => kernels.f64(address, count);
    found.push({
      ...{ probe: kind, direction: name, test, auroc, interval: { low, high } },
      tprAt1Fpr: tprOfHeld(kernels, placements),
      accuracy: accuracyAt(scoresOf(harmful), scoresOf(safe), threshold).accuracy,
      positives: harmful.count,
      negatives: safe.count,
    });
  });
  return found;
}
