/** L2-regularised logistic regression. */
import { LabError } from './errors.ts';
import { withFeatures, type Features, type Inputs } from './features.ts';
import { minimise } from './lbfgs.ts';
import type { LinearProbe } from './linear-probe.ts';
import { dot, scale } from './vectors.ts';

export interface LogisticOptions {
  /** Inverse strength of regularisation, as scikit-learn's: ½‖w‖² + C Σ loss. The intercept is free. */
  readonly C?: number;
  /** Ends when no component of the gradient of (mean loss + ‖w‖² / 2 C n) is larger; inputs taken from their means. */
  readonly tolerance?: number;
  /** Of the inputs, divided by their rows [columns, columns], where it is known: the first steps are then the better. */
  readonly covariance?: Float64Array | null;
}

export interface LogisticFit extends LinearProbe {
  readonly steps: number;
  readonly passes: number; // over the inputs
  readonly gradient: number; // its largest component at the end
}

/**
 * The maximum a posteriori fit of P(harmful) = σ(w · x + b); the objective is convex, so there is one. Inputs are used as
 * they come, neither centred nor scaled; those of a matrix in float32.
 * @param labels [rows], 1 harmful and 0 safe
 * @throws LabError `bad-request` when labels do not fit, are of one class only, or the fit does not get to its tolerance
 */
export function fitLogistic(inputs: Inputs, labels: Uint8Array, options: LogisticOptions = {}): LogisticFit {
  return withFeatures(inputs, options.covariance ?? null, (features) => {
    checkLabels(labels, features.rows, options.C ?? 1);
    return fitFeatures(features, labels, options);
  });
}

function fitFeatures(
  features: Features,
  labels: Uint8Array,
  { C = 1, tolerance = 1e-6 }: LogisticOptions,
): LogisticFit {
  const { rows, columns, means, approximateInverse, renewal } = features;
  const decay = 1 / (C * rows); // of ½‖w‖², with the mean loss
  const pass = features.logistic(labels);
  const curvature = new Float64Array(rows); // of the loss by each margin, where it was evaluated last
  let isUniform = true; // all margins are zero
  // A point is the weights, then the intercept for inputs taken from their means: so it hardly depends on the weights.
  const evaluate = (point: Float64Array, gradient: Float64Array): number => {
    const [weights, ofWeights] = [point.subarray(0, columns), gradient.subarray(0, columns)];
    const { loss, total } = pass(weights, (point[columns] as number) - dot(weights, means), curvature, ofWeights);
    for (let i = 0; i < columns; i++) {
      gradient[i] = ((gradient[i] as number) - total * (means[i] as number)) / rows + decay * (weights[i] as number);
    }
    gradient[columns] = total / rows;
    return loss / rows + (decay / 2) * dot(weights, weights);
  };
  const objective = {
    evaluate,
    approximateInverse: () => {
      const inverse = approximateInverse(isUniform ? 0.25 / rows : scale(curvature, 1 / rows), decay);
      isUniform = false;
      return inverse;
    },
  };
  const found = minimise(objective, new Float64Array(columns + 1), { tolerance, renewal });
  if (found.converged) {
    const weights = found.point.slice(0, columns);
    const intercept = (found.point[columns] as number) - dot(weights, means);
    return { weights, intercept, steps: found.steps, passes: found.evaluations, gradient: found.gradient };
  }
  throw new LabError(
    'bad-request',
    `logistic regression on ${rows} rows of ${columns} columns did not get to a gradient of ${tolerance}`,
    'Use a smaller C or a larger tolerance, or scale the inputs.',
  );
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
