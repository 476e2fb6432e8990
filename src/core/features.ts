/** What a linear model needs of its inputs, so that activations and bags of words go through the same fit. */
import { inverseOfSampledColumns, inverseOfSampledRows } from './approximate-inverse.ts';
import type { Solve } from './cholesky.ts';
import { withProducts, type CurvatureProduct } from './matrix-products.ts';
import { columnVariances, type Matrix } from './matrix.ts';

export interface Features {
  readonly rows: number;
  readonly columns: number;
  readonly means: Float64Array; // [columns]
  readonly multiply: (vector: Float64Array) => Float64Array; // X v, [rows]
  readonly combine: (factors: Float64Array) => Float64Array; // Xᵀ f, [columns]
  /** Xᵀ t and Σ t, for t = weights · (X v + offset); of a matrix in float32. */
  readonly curvature: (vector: Float64Array, offset: number, weights: Float64Array) => CurvatureProduct;
  /** About the inverse of (X − means)ᵀ diag(weights) (X − means) + ridge · I, [columns, columns]. */
  readonly approximateInverse: (weights: Float64Array, ridge: number) => Solve;
}

/** Most of the rows of a text are zeros: only the others are kept (compressed sparse rows). */
export interface SparseRows {
  readonly starts: Uint32Array; // [rows + 1], where each row's entries begin
  readonly columns: Uint32Array; // [entries]
  readonly values: Float64Array; // [entries]
  readonly width: number; // columns of the whole
}

const GRAM_DIMENSIONS = 320; // a factor of [320, 320] costs as much as some 5 products with 2,000 rows
const total = (weights: Float64Array): number => weights.reduce((sum, weight) => sum + weight, 0);

/** What to fit to: activations, or bags of words. */
export type Inputs = Matrix | SparseRows;

/** Runs `work` with the features of the inputs; those of a matrix end with it. */
export function withFeatures<T>(inputs: Inputs, work: (features: Features) => T): T {
  if ('starts' in inputs) return work(sparseFeatures(inputs));
  const { rows, columns } = inputs;
  return withProducts(inputs, (held) => {
    const means = held.combine(new Float64Array(rows).fill(1 / rows));
    const approximateInverse = (weights: Float64Array, ridge: number): Solve => {
      const weighted = { matrix: inputs, means, weights };
      if (columns <= GRAM_DIMENSIONS) return inverseOfSampledColumns(weighted, ridge, held);
      const diagonal = columnVariances(inputs, means).map((variance) => total(weights) * variance);
      return inverseOfSampledRows([weighted], diagonal, new Float64Array(columns).fill(ridge), held);
    };
    return work({ ...held, curvature: held.roughCurvature, rows, columns, means, approximateInverse });
  });
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
  const approximateInverse = (weights: Float64Array, ridge: number): Solve => {
    const diagonal = variances().map((variance) => total(weights) * variance + ridge);
    return (b) => diagonal.map((value, i) => (b[i] as number) / value);
  };
  return {
    rows,
    columns: width,
    means,
    multiply,
    combine: (factors) => combine(factors),
    curvature: (vector, offset, weights) => {
      const factors = multiply(vector).map((product, row) => (product + offset) * (weights[row] as number));
      return { sums: combine(factors), total: factors.reduce((sum, factor) => sum + factor, 0) };
    },
    approximateInverse,
  };
}
