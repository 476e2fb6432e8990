import type { KernelHeap } from './kernels.ts';
import type { Matrix } from './matrix.ts';

export const LANES = 8; // the kernels take so many columns, and so many rows, at once

/** A matrix in the kernels' memory, its rows and columns padded with zeros to whole lanes. */
export interface HeldRows {
  readonly kernels: KernelHeap;
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number; // values from one row to the next
}

/** Copies matrices there, one below the other, in float32, until what was allocated is taken back. */
export function holdRows(kernels: KernelHeap, ...matrices: readonly Matrix[]): HeldRows {
  const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
  const columns = matrices[0]?.columns ?? 0;
  const stride = padded(columns);
  const address = kernels.allocate(padded(rows) * stride * Float32Array.BYTES_PER_ELEMENT);
  const to = kernels.f32(address, padded(rows) * stride);
  let row = 0;
  for (const matrix of matrices) {
    copyRows(matrix, to.subarray(row * stride), stride);
    row += matrix.rows;
  }
  to.fill(0, rows * stride);
  return { kernels, address, rows, columns, stride };
}

/** The next multiple of `LANES`. */
export const padded = (count: number): number => Math.ceil(count / LANES) * LANES;

function copyRows({ values, rows, columns }: Matrix, to: Float32Array, stride: number): void {
  if (stride === columns) {
    to.set(values);
    return;
  }
  to.fill(0, 0, rows * stride);
  for (let row = 0; row < rows; row++) to.set(values.subarray(row * columns, (row + 1) * columns), row * stride);
}

/** Puts vectors [columns] side by side as the kernels take them; returns their address. */
export function holdVectors({ kernels, columns, stride }: HeldRows, vectors: readonly Float64Array[]): number {
  const address = kernels.allocate(vectors.length * stride * Float64Array.BYTES_PER_ELEMENT);
  const to = kernels.f64(address, vectors.length * stride);
  if (stride !== columns) to.fill(0);
  for (const [index, vector] of vectors.entries()) to.set(vector, index * stride);
  return address;
}

/** Where one of the vectors that `holdVectors` put there begins. */
export const addressOf = ({ stride }: HeldRows, vectors: number, index: number): number =>
  vectors + index * stride * Float64Array.BYTES_PER_ELEMENT;
