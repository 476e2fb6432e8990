/** Bags of words as the inputs of a linear model. */
import { bordered } from '../linalg/sampled-inverse.ts';
import type { Solve } from '../linalg/cholesky.ts';
import type { Features } from './fit-inputs.ts';
import type { LogisticLoss, LogisticPass } from './fit-inputs.ts';
import { scale, sumOf } from '../linalg/vectors.ts';

/** Most of the rows of a text are zeros: only the others are kept (compressed sparse rows). */
export interface SparseRows {
  readonly starts: Uint32Array; // [rows + 1], where each row's entries begin
  readonly columns: Uint32Array; // [entries]
  readonly values: Float64Array; // [entries]
  readonly width: number; // columns of the whole
}

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
  const logistic = (labels: Uint8Array): LogisticLoss => {
    const [errors, curvature] = [new Float64Array(rows), new Float64Array(rows)];
    const exact: LogisticPass = (vector, offset, sums) => {
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
    return { coarse: null, exact, curvature: (factor) => scale(curvature, factor) };
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
  const origin = new Float64Array(width);
  return { rows, columns: width, origin, means, logistic, approximateInverse, renewal: Infinity };
}
