/** L2-regularised logistic regression by Newton's method, each step by conjugate gradients (Lin, Weng and Keerthi 2008). */
import type { Solve } from './cholesky.ts';
import { conjugateGradient } from './conjugate-gradient.ts';
import { LabError } from './errors.ts';
import { withFeatures, type Features, type Inputs } from './features.ts';
import type { LinearProbe } from './linear-probe.ts';
import type { CurvatureProduct } from './matrix-products.ts';

export interface LogisticOptions {
  /** Inverse strength of regularisation, as scikit-learn's: ½‖w‖² + C Σ loss. The intercept is free. */
  readonly C?: number;
  /** Ends when no component of the gradient of (mean loss + ‖w‖² / 2 C n) is larger; inputs taken from their means. */
  readonly tolerance?: number;
  readonly start?: LinearProbe; // such as the fit of the checkpoint before: fewer steps, the same end
}

export interface LogisticFit extends LinearProbe {
  readonly steps: number; // Newton's
  readonly products: number; // of the Hessian with a vector
  readonly gradient: number; // its largest component at the end
}

const MAX_STEPS = 100;
const MAX_PRODUCTS = 500; // a step
const SMALLEST_STEP = 2 ** -30; // of the line search: below, rounding decides

/**
 * The maximum a posteriori fit of P(harmful) = σ(w · x + b); the objective is convex, so there is one. Inputs are used as
 * they come, neither centred nor scaled; those of a matrix in float32.
 * @param labels [rows], 1 harmful and 0 safe
 * @throws LabError `bad-request` when labels do not fit, are of one class only, or the fit does not get to its tolerance
 */
export function fitLogistic(inputs: Inputs, labels: Uint8Array, options: LogisticOptions = {}): LogisticFit {
  return withFeatures(inputs, (features) => {
    checkLabels(labels, features.rows, options.C ?? 1);
    return newton(features, labels, options);
  });
}

function newton(features: Features, labels: Uint8Array, options: LogisticOptions): LogisticFit {
  const { rows, columns, means } = features;
  const { C = 1, tolerance = 1e-6, start } = options;
  const decay = 1 / (C * rows); // of ½‖w‖², with the mean loss
  // Weights, then the intercept for inputs taken from their means: so it hardly depends on the weights.
  let point = new Float64Array(columns + 1);
  if (start !== undefined) {
    point.set(start.weights);
    point[columns] = start.intercept + inner(start.weights, means);
  }
  const centred = (vector: Float64Array): Float64Array => {
    const weights = vector.subarray(0, columns);
    const offset = (vector[columns] as number) - inner(weights, means);
    const products = features.multiply(weights);
    for (let i = 0; i < rows; i++) products[i] = (products[i] as number) + offset;
    return products;
  };
  const penalised = ({ sums, total }: CurvatureProduct, vector: Float64Array): Float64Array => {
    const result = new Float64Array(columns + 1);
    for (let i = 0; i < columns; i++) {
      result[i] = (sums[i] as number) - total * (means[i] as number) + decay * (vector[i] as number);
    }
    result[columns] = total;
    return result;
  };
  let margins = centred(point);
  let loss = meanLoss(margins, labels) + (decay / 2) * squaredNorm(point, columns);
  let products = 0;
  let firstGradient = 0;
  let preconditioner: Preconditioner | null = null;
  for (let steps = 0; steps <= MAX_STEPS; steps++) {
    const { errors, curvature } = derivatives(margins, labels);
    const total = errors.reduce((sum, error) => sum + error, 0);
    const gradient = penalised({ sums: features.combine(errors), total }, point);
    const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest <= tolerance) {
      const weights = point.slice(0, columns);
      const intercept = (point[columns] as number) - inner(weights, means);
      return { weights, intercept, steps, products, gradient: largest };
    }
    const length = Math.sqrt(squaredNorm(gradient, columns + 1));
    firstGradient ||= length;
    if (preconditioner === null || preconditioner.worn) preconditioner = precondition(features, curvature, decay);
    const solution = conjugateGradient(
      {
        multiply: (vector) => {
          const weights = vector.subarray(0, columns);
          const offset = (vector[columns] as number) - inner(weights, means);
          return penalised(features.curvature(weights, offset, curvature), vector);
        },
        precondition: preconditioner.solve,
      },
      gradient.map((value) => -value),
      Math.min(0.1, Math.sqrt(length / firstGradient) / 4), // loose far away, so that the last steps are superlinear
      MAX_PRODUCTS,
    );
    products += solution.iterations;
    preconditioner.worn = solution.iterations > WORN_AFTER;
    const step = solution.x;
    const slope = inner(step, gradient);
    const change = centred(step);
    let size = 1;
    for (; size > SMALLEST_STEP; size /= 2) {
      const tried = point.map((value, i) => value + size * (step[i] as number));
      const triedMargins = margins.map((value, i) => value + size * (change[i] as number));
      const triedLoss = meanLoss(triedMargins, labels) + (decay / 2) * squaredNorm(tried, columns);
      if (triedLoss > loss + 1e-4 * size * slope + 1e-15 * loss) continue; // Armijo
      [point, margins, loss] = [tried, triedMargins, triedLoss];
      break;
    }
    if (size <= SMALLEST_STEP) break;
  }
  throw new LabError(
    'bad-request',
    `logistic regression on ${rows} rows of ${columns} columns did not get to a gradient of ${tolerance}`,
    'Use a smaller C or a larger tolerance, or scale the inputs.',
  );
}

interface Preconditioner {
  readonly solve: Solve;
  worn: boolean; // the curvature has changed so much that it is worth a new one
}

const WORN_AFTER = 8; // products

function precondition(
  { columns, approximateInverse }: Features,
  curvature: Float64Array,
  decay: number,
): Preconditioner {
  const total = curvature.reduce((sum, value) => sum + value, 0);
  const solve = approximateInverse(curvature, decay);
  return {
    worn: false,
    solve: (b) => {
      const result = new Float64Array(columns + 1);
      result.set(solve(b.subarray(0, columns)));
      result[columns] = (b[columns] as number) / Math.max(total, 1e-12); // the intercept's
      return result;
    },
  };
}

/** Mean of log(1 + exp(−margin)) for harmful and log(1 + exp(margin)) for safe rows. */
function meanLoss(margins: Float64Array, labels: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < margins.length; i++) {
    const signed = labels[i] === 1 ? -(margins[i] as number) : (margins[i] as number);
    sum += Math.max(signed, 0) + Math.log1p(Math.exp(-Math.abs(signed)));
  }
  return sum / margins.length;
}

/** First and second derivative of the mean loss by each margin [rows]. */
function derivatives(margins: Float64Array, labels: Uint8Array): { errors: Float64Array; curvature: Float64Array } {
  const rows = margins.length;
  const errors = new Float64Array(rows);
  const curvature = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const probability = 1 / (1 + Math.exp(-(margins[i] as number)));
    errors[i] = (probability - (labels[i] as number)) / rows;
    curvature[i] = (probability * (1 - probability)) / rows;
  }
  return { errors, curvature };
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function squaredNorm(vector: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (vector[i] as number) ** 2;
  return sum;
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
