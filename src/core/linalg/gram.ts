/** Products of all rows, or all columns, with each other: n² d / 2 multiplications, in float64 where nothing else is said. */
import { placeColumns, rowBytes, withRows, type HeldRows } from '../kernels/kernel-rows.ts';
import { sharedHeap, type KernelHeap } from '../kernels/kernels.ts';
import type { Matrix } from './matrix.ts';

export const TILE = 3; // the kernel computes 3 × 3 products at once: each value loaded is used three times

/**
 * X Xᵀ of the rows after `centre` is taken off and each column is multiplied by its factor.
 * @param centre [columns]
 * @param factors [columns]
 * @returns [rows, rows], symmetric
 */
export function gramOfRows(matrix: Matrix, centre: Float64Array, factors: Float64Array): Float64Array {
  return symmetricProducts(sharedHeap(), matrix.rows, matrix.columns, (at, stride, kernels) => {
    fillDeviations(kernels.f64(at, matrix.rows * stride), stride, matrix, centre, factors);
  });
}

/** As `gramOfRows`, with products and sums in float32, in less than half the time; the lower triangle alone, zeros above it. */
export function coarseGramOfRows(matrix: Matrix, centre: Float64Array, factors: Float64Array): Float64Array {
  const fill: FillVectors = (at, stride, kernels) => {
    fillDeviations(kernels.f32(at, matrix.rows * stride), stride, matrix, centre, factors);
  };
  return lowerProducts(sharedHeap(), matrix.rows, matrix.columns, fill, COARSE);
}

function fillDeviations(
  x: Float32Array | Float64Array,
  stride: number,
  { values, rows, columns }: Matrix,
  centre: Float64Array,
  factors: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      const deviation = (values[row * columns + i] as number) - (centre[i] as number);
      x[row * stride + i] = deviation * (factors[i] as number);
    }
  }
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
function symmetricProducts(kernels: KernelHeap, count: number, length: number, fill: FillVectors): Float64Array {
  return mirrored(lowerProducts(kernels, count, length, fill), count);
}

function mirrored(lower: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) lower[j * size + i] = lower[i * size + j] as number;
  }
  return lower;
}

/** Writes vectors from the address `x` on, vector i from i · stride values on; the rest is zero. */
type FillVectors = (x: number, stride: number, kernels: KernelHeap) => void;

/** How many values a kernel takes at once, and their size in bytes. */
const EXACT = { kernel: 'gram', lanes: 2, bytes: 8 } as const;
const COARSE = { kernel: 'coarseGram', lanes: 4, bytes: 4 } as const;

/** All products of `count` vectors of `length` values with each other, [count, count], of which the lower triangle is filled. */
function lowerProducts(
  kernels: KernelHeap,
  count: number,
  length: number,
  fill: FillVectors,
  { kernel, lanes, bytes }: typeof EXACT | typeof COARSE = EXACT,
): Float64Array {
  const padded = Math.ceil(count / TILE) * TILE;
  const stride = Math.ceil(length / lanes) * lanes;
  return kernels.scoped(() => {
    const at = kernels.allocate(padded * stride * bytes);
    const to = kernels.allocateF64(padded * padded);
    const tile = kernels.allocateF64(TILE * TILE);
    if (padded !== count || stride !== length) kernels.f32(at, (padded * stride * bytes) / 4).fill(0);
    fill(at, stride, kernels);
    kernels.run[kernel](at, padded, stride, to, padded, tile);
    const lower = kernels.f64(to, padded * padded);
    const products = new Float64Array(count * count);
    for (let i = 0; i < count; i++) products.set(lower.subarray(i * padded, i * padded + i + 1), i * count);
    return products;
  });
}
