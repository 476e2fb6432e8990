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
  if (values instanceof Float32Array) return mirrored(withRows(matrix, (held) => gramOfHeldColumns(held, centre)), columns); // prettier-ignore
  return symmetricProducts(sharedHeap(), columns, rows, (x, length, kernels) => {
    const deviations = kernels.f64(x, columns * length); // such as centroids: few rows
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) {
        deviations[i * length + row] = (values[row * columns + i] as number) - (centre[i] as number);
      }
    }
  });
}

/** As `gramOfColumns`, of rows that are held, with the centre as they are held; the lower triangle alone, zeros above it. */
export function gramOfHeldColumns(held: HeldRows, centre: Float64Array): Float64Array {
  const { kernels, address, rows, columns } = held;
  return lowerProducts(kernels, columns, rows, (x, length) => {
    const roots = kernels.place(new Float64Array(rows).fill(1));
    kernels.run.fillColumns(address, 0, rows, columns, rowBytes(held), placeColumns(held, centre), roots, x, length);
  });
}

/** As `lowerProducts`, both triangles. */
function symmetricProducts(...inputs: Parameters<typeof lowerProducts>): Float64Array {
  return mirrored(lowerProducts(...inputs), inputs[1]);
}

function mirrored(lower: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) lower[j * size + i] = lower[i * size + j] as number;
  }
  return lower;
}

/**
 * All products of `count` vectors of `length` values with each other, [count, count], of which the lower triangle is filled.
 * @param fill writes the vectors from the address `x` on, vector i from i · stride values on; the rest is zero
 */
function lowerProducts(
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
    for (let i = 0; i < count; i++) products.set(lower.subarray(i * padded, i * padded + i + 1), i * count);
    return products;
  });
}
