/** L2-regularised logistic regression. */
import { LabError } from '../errors.ts';
import type { SampleMoments } from '../linalg/covariance.ts';
import { withFeatures, type Inputs } from './features.ts';
import type { Features } from './fit-inputs.ts';
import type { LogisticLoss, LogisticPass } from './fit-inputs.ts';
import { minimise, type Minimum, type Objective } from '../linalg/lbfgs.ts';
import type { LinearProbe } from './linear-probe.ts';
import { dot } from '../linalg/vectors.ts';

export interface LogisticOptions {
  /** Inverse strength of regularisation, as scikit-learn's: ½‖w‖² + C Σ loss. The intercept is free. */
  readonly C?: number;
  /** Ends when no component of the gradient of (mean loss + ‖w‖² / 2 C n) is larger; inputs taken from their means. */
  readonly tolerance?: number;
  /** Of each range of the inputs, where they are known: the first steps are then the better. */
  readonly moments?: readonly SampleMoments[] | null;
}

export interface LogisticFit extends LinearProbe {
  readonly steps: number;
  readonly passes: number; // over the inputs
  readonly gradient: number; // its largest component at the end
}

/**
 * The maximum a posteriori fit of P(harmful) = σ(w · x + b); the objective is convex, so there is one. Inputs are used as
 * they come, neither centred nor scaled; activations in float32, as they are held.
 * @param labels [rows], 1 harmful and 0 safe
 * @throws LabError `bad-request` when labels do not fit, are of one class only, or the fit does not get to its tolerance
 */
export function fitLogistic(inputs: Inputs, labels: Uint8Array, options: LogisticOptions = {}): LogisticFit {
  return withFeatures(inputs, options.moments ?? null, (features) => {
    checkLabels(labels, features.rows, options.C ?? 1);
    return fitFeatures(features, labels, options);
  });
}

/**
 * Most steps in float32, whose rounding is felt near the end. Where nothing is known yet, every prompt counts as undecided, which makes
 * the first step too short: classes of activations are told apart by three to five times as much.
 */
const COARSE = { rounding: 1e-7, mostSteps: 40, firstSize: 3 } as const;

function fitFeatures(features: Features, labels: Uint8Array, options: LogisticOptions): LogisticFit {
  const { rows, columns, origin, means, renewal } = features;
  const { C = 1, tolerance = 1e-6 } = options;
  const loss = features.logistic(labels);
  const objectiveOf = (pass: LogisticPass): Objective => meanLoss(features, pass, loss.curvature, 1 / (C * rows));
  const start = new Float64Array(columns + 1);
  const coarse = loss.coarse === null ? null : minimise(objectiveOf(loss.coarse), start, { tolerance, renewal, ...COARSE }); // prettier-ignore
  const found = minimise(objectiveOf(loss.exact), coarse?.point ?? start, { tolerance, renewal });
  if (found.converged) {
    const weights = found.point.slice(0, columns);
    const intercept = (found.point[columns] as number) - dot(weights, means) - dot(weights, origin);
    const sum = (of: (minimum: Minimum) => number): number => of(found) + (coarse === null ? 0 : of(coarse));
    return {
      weights,
      intercept,
      steps: sum(({ steps }) => steps),
      passes: sum(({ evaluations }) => evaluations),
      gradient: found.gradient,
    };
  }
  throw new LabError(
    'bad-request',
    `logistic regression on ${rows} rows of ${columns} columns did not get to a gradient of ${tolerance}`,
    'Use a smaller C or a larger tolerance, or scale the inputs.',
  );
}

/**
 * Mean loss and ½ decay ‖w‖². A point is the weights, then the intercept for inputs taken from their means: so it hardly depends on the
 * weights.
 */
function meanLoss(
  { rows, columns, means, approximateInverse }: Features,
  pass: LogisticPass,
  curvature: LogisticLoss['curvature'],
  decay: number,
): Objective {
  let isUniform = true; // all margins are zero
  return {
    evaluate: (point, gradient) => {
      const [weights, ofWeights] = [point.subarray(0, columns), gradient.subarray(0, columns)];
      const { loss, total } = pass(weights, (point[columns] as number) - dot(weights, means), ofWeights);
      for (let i = 0; i < columns; i++) {
        gradient[i] = ((gradient[i] as number) - total * (means[i] as number)) / rows + decay * (weights[i] as number);
      }
      gradient[columns] = total / rows;
      const square = dot(weights, weights);
      isUniform = square === 0;
      return loss / rows + (decay / 2) * square;
    },
    approximateInverse: () => approximateInverse(isUniform ? 0.25 / rows : curvature(1 / rows), decay),
  };
}

function checkLabels(labels: Uint8Array, rows: number, C: number): void {
  const harmful = labels.reduce((sum, label) => sum + label, 0);
  const ofTwo = labels.every((label) => label <= 1);
  if (labels.length === rows && ofTwo && harmful > 0 && harmful < rows && C > 0) return;
  throw new LabError(
    'bad-request',
    `logistic regression with C ${C} on ${rows} rows, ${labels.length} labels, ${harmful} of them harmful`,
    'Give a label of 0 or 1 for each row, some of each, and a C above 0.',
  );
}
