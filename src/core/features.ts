/** What a linear model needs of its inputs, so that activations and bags of words go through the same fit. */
import { gramOfColumns } from './gram.ts';
import { columnMeans, columnVariances, rowProducts, weightedRowSum, type Matrix } from './matrix.ts';

export interface Features {
  readonly rows: number;
  readonly columns: number;
  readonly means: Float64Array; // [columns]
  readonly variances: Float64Array; // [columns]
  readonly multiply: (vector: Float64Array) => Float64Array; // X v, [rows]
  readonly combine: (factors: Float64Array) => Float64Array; // Xᵀ f, [columns]
  /** (X − means)ᵀ diag(w) (X − means) of some rows, [columns, columns]; null where that would be too large. */
  readonly sampledGram: ((weights: Float64Array, stride: number) => Float64Array) | null;
}

/** Most of the rows of a text are zeros: only the others are kept (compressed sparse rows). */
export interface SparseRows {
  readonly starts: Uint32Array; // [rows + 1], where each row's entries begin
  readonly columns: Uint32Array; // [entries]
  readonly values: Float64Array; // [entries]
  readonly width: number; // columns of the whole
}

const GRAM_DIMENSIONS = 320; // a factor of [320, 320] costs as much as some 5 products with 2,000 rows

/** Activations, or anything else that is dense. */
export function denseFeatures(matrix: Matrix): Features {
  const means = columnMeans(matrix);
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    means,
    variances: columnVariances(matrix, means),
    multiply: (vector) => rowProducts(matrix, vector),
    combine: (factors) => weightedRowSum(matrix, factors),
    sampledGram:
      matrix.columns <= GRAM_DIMENSIONS
        ? (weights, stride) => gramOfColumns(matrix, means, weights.map(Math.sqrt), stride)
        : null,
  };
}

/** Bags of words. */
export function sparseFeatures({ starts, columns, values, width }: SparseRows): Features {
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
  const share = new Float64Array(rows).fill(1 / rows);
  const means = combine(share);
  const squares = combine(
    share,
    values.map((value) => value * value),
  );
  return {
    rows,
    columns: width,
    means,
    variances: squares.map((square, i) => square - (means[i] as number) ** 2),
    multiply: (vector) => {
      const products = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
          sum += (values[at] as number) * (vector[columns[at] as number] as number);
        }
        products[row] = sum;
      }
      return products;
    },
    combine: (factors) => combine(factors),
    sampledGram: null,
  };
}
