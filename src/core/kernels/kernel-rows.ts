/** Rows of activations in the kernels' memory. */
import { LabError } from '../errors.ts';
import { sharedHeap, type KernelHeap } from './kernels.ts';
import type { Matrix } from '../linalg/matrix.ts';
import { sumOf, type Vector } from '../linalg/vectors.ts';

export const LANES = 8; // the kernels take so many columns, and so many rows, at once

/** Float32 rows, seen from a centre: what lies there is the row less the centre. Columns are padded with zeros to whole lanes. */
export interface HeldRows {
  readonly kernels: KernelHeap;
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number; // values from one row to the next
  readonly centre: Float64Array; // [columns]
}

/** What can be held: activations, or whatever is counted of each prompt. */
export type HoldableRows = Omit<Matrix, 'values'> & { readonly values: Vector | Uint8Array };

/**
 * Copies matrices there, one below the other, in float32 and seen from the origin, until what was allocated is taken back. After the
 * last row come rows of zeros, so that whole lanes of rows can be read from any row on.
 */
export function holdRows(kernels: KernelHeap, ...matrices: readonly HoldableRows[]): HeldRows {
  const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
  return holdSomeRows(kernels, matrices, Uint32Array.of(0), Uint32Array.of(rows));
}

/** As `holdRows`, some of the rows: runs of them, from each of `first` up to, but without, its `end`. */
export function holdSomeRows(
  kernels: KernelHeap,
  matrices: readonly HoldableRows[],
  first: Uint32Array,
  end: Uint32Array,
): HeldRows {
  const rows = sumOf(end) - sumOf(first);
  const columns = matrices[0]?.columns ?? 0;
  const stride = padded(columns);
  const room = (rows + LANES) * stride;
  const address = kernels.allocate(room * Float32Array.BYTES_PER_ELEMENT);
  const to = kernels.f32(address, room);
  if (stride !== columns) to.fill(0);
  let row = 0;
  for (let run = 0; run < first.length; run++) {
    let passed = 0; // rows of the matrices before
    for (const matrix of matrices) {
      const [from, until] = [Math.max(first[run] as number, passed), Math.min(end[run] as number, passed + matrix.rows)]; // prettier-ignore
      if (matrix.columns !== columns) throw otherColumns(matrix.columns, columns);
      if (from < until) {
        copyRows(matrix, from - passed, until - from, to.subarray(row * stride), stride);
        row += until - from;
      }
      passed += matrix.rows;
    }
  }
  to.fill(0, rows * stride);
  return { kernels, address, rows, columns, stride, centre: new Float64Array(columns) };
}

/** Runs `work` with the rows of a matrix, or of several one below the other, which are held until it ends. */
export function withRows<T>(matrix: HoldableRows | readonly HoldableRows[], work: (rows: HeldRows) => T): T {
  const kernels = sharedHeap();
  return kernels.scoped(() => work(holdRows(kernels, ...[matrix].flat())));
}

/** Some of the rows that follow each other: not copied. */
export function rangeOf(held: HeldRows, first: number, rows: number): HeldRows {
  return { ...held, address: held.address + first * rowBytes(held), rows };
}

/** A copy of the rows as they are held, less their centre. */
export function heldMatrix({ kernels, address, rows, columns, stride }: HeldRows): Matrix {
  const held = kernels.f32(address, rows * stride);
  if (stride === columns) return { values: held.slice(), rows, columns };
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) values.set(held.subarray(row * stride, row * stride + columns), row * columns);
  return { values, rows, columns };
}

/** Bytes from one row to the next. */
export const rowBytes = ({ stride }: HeldRows): number => stride * Float32Array.BYTES_PER_ELEMENT;

/**
 * The same rows, in the same place, seen from another centre [columns]. What they were before no longer is.
 * @returns the rows as they are now
 */
export function seenFrom(held: HeldRows, centre: Float64Array): HeldRows {
  const { kernels, address, rows, stride } = held;
  kernels.scoped(() => {
    const move = centre.map((value, i) => value - (held.centre[i] as number));
    kernels.run.centreRows(address, rows, stride, placeColumns(held, move));
  });
  return { ...held, centre };
}

/** The next multiple of `LANES`. */
export const padded = (count: number): number => Math.ceil(count / LANES) * LANES;

function copyRows(
  { values, columns }: HoldableRows,
  first: number,
  count: number,
  to: Float32Array,
  stride: number,
): void {
  if (stride === columns) {
    to.set(values.subarray(first * columns, (first + count) * columns));
    return;
  }
  for (let row = 0; row < count; row++) {
    to.set(values.subarray((first + row) * columns, (first + row + 1) * columns), row * stride);
  }
}

/** Puts a vector [columns] where the kernels take it, padded with zeros; returns its address. */
export function placeColumns(rows: HeldRows, vector: Float64Array): number {
  return placeVectors(rows, [vector]);
}

/** Puts vectors [columns] one behind the other; returns their address. @throws LabError `bad-request` when the dimensions differ */
export function placeVectors({ kernels, columns, stride }: HeldRows, vectors: readonly Float64Array[]): number {
  const address = kernels.allocateF64(vectors.length * stride);
  fillVectors(kernels.f64(address, vectors.length * stride), vectors, columns, stride);
  return address;
}

/** As `placeVectors`, in float32: for the coarse kernels. */
export function placeCoarseVectors({ kernels, columns, stride }: HeldRows, vectors: readonly Float64Array[]): number {
  const address = kernels.allocate(vectors.length * stride * Float32Array.BYTES_PER_ELEMENT);
  fillVectors(kernels.f32(address, vectors.length * stride), vectors, columns, stride);
  return address;
}

function fillVectors(
  to: Float32Array | Float64Array,
  vectors: readonly Float64Array[],
  columns: number,
  stride: number,
): void {
  if (stride !== columns) to.fill(0);
  for (const [index, vector] of vectors.entries()) {
    if (vector.length !== columns) throw otherColumns(vector.length, columns);
    to.set(vector, index * stride);
  }
}

const otherColumns = (given: number, columns: number): LabError =>
  new LabError(
    'bad-request',
    `a vector of ${given} dimensions for rows of ${columns}`,
    'Use vectors of the same model and site.',
  );
