/** Products of all rows, or all columns, with each other: n² d / 2 multiplications, in float64. */
import { holdRows, type HeldRows } from './held-rows.ts';
import { KernelHeap } from './kernels.ts';
import type { Matrix } from './matrix.ts';

const TILE = 3; // the kernel computes 3 × 3 products at once: each value loaded is used three times

let heap: KernelHeap | null = null;

function kernelHeap(): KernelHeap {
  heap ??= new KernelHeap();
  return heap;
}

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
  return symmetricProducts(kernelHeap(), rows, columns, (at, length, kernels) => {
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
 * Xᵀ diag(w) X after `centre` is taken off every row.
 * @param roots [rows], square roots of the weights w; null for weights of 1
 * @returns [columns, columns], symmetric
 */
export function gramOfColumns(
  { values, rows, columns }: Matrix,
  centre: Float64Array,
  roots: Float64Array | null = null,
): Float64Array {
  const ofRows = roots ?? new Float64Array(rows).fill(1);
  return symmetricProducts(kernelHeap(), columns, rows, (x, length, kernels) => {
    if (values instanceof Float32Array) {
      fillColumns(holdRows(kernels, { values, rows, columns }), null, centre, ofRows, x, length);
      return;
    }
    const deviations = kernels.f64(x, columns * length); // such as centroids: few rows
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) {
        const deviation = (values[row * columns + i] as number) - (centre[i] as number);
        deviations[i * length + row] = deviation * (ofRows[row] as number);
      }
    }
  });
}

/**
 * As `gramOfColumns`, of some rows that are held already.
 * @param places [used] of the rows
 * @param roots [used]
 */
export function gramOfHeldColumns(
  rows: HeldRows,
  places: Uint32Array,
  centre: Float64Array,
  roots: Float64Array,
): Float64Array {
  return symmetricProducts(rows.kernels, centre.length, places.length, (x, length) => {
    fillColumns(rows, places, centre, roots, x, length);
  });
}

function fillColumns(
  { kernels, address, stride }: HeldRows,
  places: Uint32Array | null, // null: all, one after the other
  centre: Float64Array,
  roots: Float64Array,
  x: number,
  length: number,
): void {
  const [rows, columns] = [roots.length, centre.length];
  const ofRows = kernels.allocate(rows * Float64Array.BYTES_PER_ELEMENT);
  const middle = kernels.allocate(columns * Float64Array.BYTES_PER_ELEMENT);
  const at = places === null ? 0 : kernels.allocate(places.byteLength);
  kernels.f64(ofRows, rows).set(roots);
  kernels.f64(middle, columns).set(centre);
  if (places !== null) kernels.u32(at, rows).set(places);
  const step = stride * Float32Array.BYTES_PER_ELEMENT;
  kernels.run.fillColumns(address, at, rows, columns, step, middle, ofRows, x, length);
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
    const at = kernels.allocate(padded * stride * Float64Array.BYTES_PER_ELEMENT);
    const to = kernels.allocate(padded * padded * Float64Array.BYTES_PER_ELEMENT);
    const tile = kernels.allocate(TILE * TILE * Float64Array.BYTES_PER_ELEMENT);
    kernels.f64(at, padded * stride).fill(0);
    fill(at, stride, kernels);
    kernels.run.gram(at, padded, stride, to, tile);
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
