/** What a linear model needs of its inputs, so that activations and bags of words go through the same fit. */
import { inverseOfColumns, inverseOfSampledRows } from './approximate-inverse.ts';
import type { Solve } from './cholesky.ts';
import { withProducts, type HeldProducts, type LogisticPass } from './matrix-products.ts';
import { columnVariances, type Matrix } from './matrix.ts';
import { addScaled, dot, scale, subtract } from './vectors.ts';

export interface Features {
  readonly rows: number;
  readonly columns: number;
  readonly means: Float64Array; // [columns]
  readonly logistic: (labels: Uint8Array) => LogisticPass;
  /**
   * About the inverse of Σ w (x, 1) (x, 1)ᵀ + ridge · I over the rows x, taken from `means`; the ridge is of the columns alone.
   * @param weights one for each row, or the same for all
   */
  readonly approximateInverse: (weights: Float64Array | number, ridge: number) => Solve; // of [columns + 1]
  readonly renewal: number; // steps of a fit that it stays good for
}

/** Most of the rows of a text are zeros: only the others are kept (compressed sparse rows). */
export interface SparseRows {
  readonly starts: Uint32Array; // [rows + 1], where each row's entries begin
  readonly columns: Uint32Array; // [entries]
  readonly values: Float64Array; // [entries]
  readonly width: number; // columns of the whole
}

/** A factor of [320, 320] costs as much as some 5 passes over 2,000 rows. */
const GRAM_DIMENSIONS = 320;

/** Margins grow by about one a step, and rows that are sure weigh nothing any more: what is nearly exact is soon outdated. */
const RENEWAL = { gram: 6, sample: 20, diagonal: Infinity } as const;

/** What to fit to: activations, in one matrix or in several one below the other, or bags of words. */
export type Inputs = Matrix | readonly Matrix[] | SparseRows;

/**
 * Runs `work` with the features of the inputs; those of matrices end with it.
 * @param covariance of the matrices' rows, divided by their number [columns, columns], where it is known
 */
export function withFeatures<T>(inputs: Inputs, covariance: Float64Array | null, work: (features: Features) => T): T {
  if ('starts' in inputs) return work(sparseFeatures(inputs));
  const matrices = [inputs].flat();
  const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
  const columns = matrices[0]?.columns ?? 0;
  return withProducts(matrices, (held) => {
    const means = held.combine(new Float64Array(rows).fill(1 / rows));
    const approximateInverse = (weights: Float64Array | number, ridge: number): Solve => {
      if (typeof weights !== 'number') return inverseOfWeighted(matrices, means, weights, ridge, held);
      if (covariance === null) {
        return inverseOfWeighted(matrices, means, new Float64Array(rows).fill(weights), ridge, held);
      }
      const total = weights * rows;
      const solve = held.factor(columns, (lower, stride) => {
        for (let i = 0; i < columns; i++) {
          for (let j = 0; j <= i; j++) lower[i * stride + j] = total * (covariance[i * columns + j] as number);
          lower[i * (stride + 1)] = (lower[i * (stride + 1)] as number) + ridge;
        }
      });
      return bordered(solve, new Float64Array(columns), total);
    };
    const renewal = columns <= GRAM_DIMENSIONS ? RENEWAL.gram : RENEWAL.sample;
    return work({ rows, columns, means, logistic: held.logistic, approximateInverse, renewal });
  });
}

function inverseOfWeighted(
  matrices: readonly Matrix[],
  means: Float64Array,
  weights: Float64Array,
  ridge: number,
  held: HeldProducts,
): Solve {
  const columns = means.length;
  const total = sumOf(weights);
  const centre = scale(held.combine(weights), 1 / total);
  const shift = subtract(centre, means);
  if (columns <= GRAM_DIMENSIONS) return bordered(inverseOfColumns(weights, centre, ridge, held), shift, total);
  let passed = 0;
  const parts = matrices.map((matrix) => {
    const from = passed;
    passed += matrix.rows;
    return { matrix, centre, weights: weights.subarray(from, passed) };
  });
  const diagonal = new Float64Array(columns);
  for (const { matrix } of parts)
    addScaled(diagonal, (total * matrix.rows) / weights.length, columnVariances(matrix, means));
  const ridges = new Float64Array(columns).fill(ridge);
  return bordered(inverseOfSampledRows(parts, diagonal, ridges, held), shift, total);
}

/**
 * The inverse of a curvature with that of the intercept, by Schur's complement.
 * @param solve of the columns alone, with rows that are seen from their weighted mean
 * @param shift from the means to that mean [columns]
 * @param total of the weights
 */
function bordered(solve: Solve, shift: Float64Array, total: number): Solve {
  const columns = shift.length;
  const rest = new Float64Array(columns);
  return (b, x = new Float64Array(columns + 1)) => {
    const ofIntercept = b[columns] as number;
    rest.set(b.subarray(0, columns));
    addScaled(rest, -ofIntercept, shift);
    const weights = solve(rest, x.subarray(0, columns));
    x[columns] = ofIntercept / Math.max(total, SMALLEST_TOTAL) - dot(shift, weights);
    return x;
  };
}

const SMALLEST_TOTAL = 1e-12; // of weights: where every row is sure

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum;
}

function sparseFeatures({ starts, columns, values, width }: SparseRows): Features {
  const rows = starts.length - 1;
  const combine = (factors: Float64Array, entries: Float64Array = values): Float64Array => {
    const sums = new Float64Array(width);
    for (let row = 0; row < rows; row++) {
      const factor = factors[row] as number;
      for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
        const column = columns[at] as number;
        sums[column] = (sums[column] as number) + factor * (entries[at] as number);
      }
    }
    return sums;
  };
  const multiply = (vector: Float64Array): Float64Array => {
    const products = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
        sum += (values[at] as number) * (vector[columns[at] as number] as number);
      }
      products[row] = sum;
    }
    return products;
  };
  const share = new Float64Array(rows).fill(1 / rows);
  const means = combine(share);
  const variances = (): Float64Array => {
    const squares = values.map((value) => value * value);
    return combine(share, squares).map((square, i) => square - (means[i] as number) ** 2);
  };
  const logistic = (labels: Uint8Array): LogisticPass => {
    const errors = new Float64Array(rows);
    return (vector, offset, curvature, sums) => {
      const margins = multiply(vector);
      let [loss, total] = [0, 0];
      for (let row = 0; row < rows; row++) {
        const margin = (margins[row] as number) + offset;
        const label = labels[row] as number;
        const rest = Math.exp(-Math.abs(margin));
        const sure = 1 / (1 + rest); // σ(|margin|)
        const error = (margin >= 0 ? sure : rest * sure) - label;
        errors[row] = error;
        curvature[row] = rest * sure * sure;
        loss += Math.max(0, label === 1 ? -margin : margin) + Math.log1p(rest);
        total += error;
      }
      sums.set(combine(errors));
      return { loss, total };
    };
  };
  const approximateInverse = (weights: Float64Array | number, ridge: number): Solve => {
    const total = typeof weights === 'number' ? weights * rows : sumOf(weights);
    const diagonal = variances().map((variance) => total * variance + ridge);
    const solve: Solve = (b, x = new Float64Array(width)) => {
      for (let i = 0; i < width; i++) x[i] = (b[i] as number) / (diagonal[i] as number);
      return x;
    };
    return bordered(solve, new Float64Array(width), total);
  };
  return { rows, columns: width, means, logistic, approximateInverse, renewal: RENEWAL.diagonal };
}
