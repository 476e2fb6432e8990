/** Products of all rows, or all columns, with each other: n² d / 2 multiplications, in float64. */
import { KernelHeap } from './kernels.ts';
import type { Matrix } from './matrix.ts';

const TILE = 3; // the kernel computes 3 × 3 products at once: each value loaded is used three times
const BLOCK = 16; // rows that are turned into columns at once

let heap: KernelHeap | null = null;

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
  return symmetricProducts(rows, columns, (x, length) => {
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) {
        const deviation = (values[row * columns + i] as number) - (centre[i] as number);
        x[row * length + i] = deviation * (factors[i] as number);
      }
    }
  });
}

/**
 * Xᵀ diag(w) X of every `stride`-th row after `centre` is taken off.
 * @param roots [rows], square roots of the weights w; null for weights of 1
 * @returns [columns, columns], symmetric
 */
export function gramOfColumns(
  { values, rows, columns }: Matrix,
  centre: Float64Array,
  roots: Float64Array | null = null,
  stride = 1,
): Float64Array {
  const used = Math.ceil(rows / stride);
  return symmetricProducts(columns, used, (x, length) => {
    // Sixteen rows at a time: what is written to a column then fills whole lines of the cache.
    for (let from = 0; from < used; from += BLOCK) {
      const to = Math.min(from + BLOCK, used);
      for (let i = 0; i < columns; i++) {
        const middle = centre[i] as number;
        for (let row = from; row < to; row++) {
          const root = roots === null ? 1 : (roots[row * stride] as number);
          x[i * length + row] = ((values[row * stride * columns + i] as number) - middle) * root;
        }
      }
    }
  });
}

/**
 * All products of `count` vectors of `length` values with each other.
 * @param fill writes the vectors into `x`, vector i from i · stride on; the rest of `x` is zero
 */
function symmetricProducts(
  count: number,
  length: number,
  fill: (x: Float64Array, stride: number) => void,
): Float64Array {
  const padded = Math.ceil(count / TILE) * TILE;
  const stride = length + (length % 2);
  heap ??= new KernelHeap();
  const { run } = heap;
  const kernels = heap;
  return heap.scoped(() => {
    const at = kernels.allocate(padded * stride * Float64Array.BYTES_PER_ELEMENT);
    const to = kernels.allocate(padded * padded * Float64Array.BYTES_PER_ELEMENT);
    const tile = kernels.allocate(TILE * TILE * Float64Array.BYTES_PER_ELEMENT);
    const x = kernels.f64(at, padded * stride);
    x.fill(0);
    fill(x, stride);
    run.gram(at, padded, stride, to, tile);
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
