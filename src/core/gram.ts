/** Products of all rows, or all columns, with each other: n² d / 2 multiplications, in float64. */
import { placeColumns, rowBytes, withRows, type HeldRows } from './held-rows.ts';
import { sharedHeap, type KernelHeap } from './kernels.ts';
import type { Matrix } from './matrix.ts';

export const TILE = 3; // the kernel computes 3 × 3 products at once: each value loaded is used three times

/**
 * X Xᵀ of the rows after `centre` is taken off and each column is multiplied by its factor.
 * @param centre [columns]
 * @param factors [columns]
 * @returns [rows, rows], symmetric
 */
export function gramOfRows(
  { values, rows, columns }: Matrix,
  centre: Float64Array,
  factors: Float64Array,
): Float64Array {
  return symmetricProducts(sharedHeap(), rows, columns, (at, length, kernels) => {
    const x = kernels.f64(at, rows * length);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) {
        const deviation = (values[row * columns + i] as number) - (centre[i] as number);
        x[row * length + i] = deviation * (factors[i] as number);
      }
    }
  });
}

/**
 * Xᵀ X after `centre` is taken off every row.
 * @returns [columns, columns], symmetric
 */
export function gramOfColumns(matrix: Matrix, centre: Float64Array): Float64Array {
  const { values, rows, columns } = matrix;
  if (values instanceof Float32Array) return withRows(matrix, (held) => gramOfHeldColumns(held, centre));
  return symmetricProducts(sharedHeap(), columns, rows, (x, length, kernels) => {
    const deviations = kernels.f64(x, columns * length); // such as centroids: few rows
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) {
        deviations[i * length + row] = (values[row * columns + i] as number) - (centre[i] as number);
      }
    }
  });
}

/** As `gramOfColumns`, of rows that are held, with the centre as they are held. */
export function gramOfHeldColumns(held: HeldRows, centre: Float64Array): Float64Array {
  const { kernels, address, rows, columns } = held;
  return symmetricProducts(kernels, columns, rows, (x, length) => {
    const roots = kernels.place(new Float64Array(rows).fill(1));
    kernels.run.fillColumns(address, 0, rows, columns, rowBytes(held), placeColumns(held, centre), roots, x, length);
  });
}

/**
 * All products of `count` vectors of `length` values with each other.
 * @param fill writes the vectors from the address `x` on, vector i from i · stride values on; the rest is zero
 */
function symmetricProducts(
  kernels: KernelHeap,
  count: number,
  length: number,
  fill: (x: number, stride: number, kernels: KernelHeap) => void,
): Float64Array {
  const padded = Math.ceil(count / TILE) * TILE;
  const stride = length + (length % 2);
  return kernels.scoped(() => {
    const at = kernels.allocateF64(padded * stride);
    const to = kernels.allocateF64(padded * padded);
    const tile = kernels.allocateF64(TILE * TILE);
    if (padded !== count || stride !== length) kernels.f64(at, padded * stride).fill(0);
    fill(at, stride, kernels);
    kernels.run.gram(at, padded, stride, to, padded, tile);
    const lower = kernels.f64(to, padded * padded);
    const products = new Float64Array(count * count);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j <= i; j++) {
        const product = lower[i * padded + j] as number;
        products[i * count + j] = product;
        products[j * count + i] = product;
      }
    }
    return products;
  });
}
