/** Products of one matrix with many vectors, from the kernels' memory: for methods that go through the rows again and again. */
import { factorIn, type Solve } from './cholesky.ts';
import { KernelHeap } from './kernels.ts';
import type { Matrix } from './matrix.ts';

const LANES = 8; // the kernels take so many columns, and so many rows, at once

export interface MatrixProducts {
  /** X v, [rows]. */
  readonly multiply: (vector: Float64Array) => Float64Array;
  /** X v for each vector, [vectors][rows], the same to the last bit: half the time of one after the other. */
  readonly multiplyAll: (vectors: readonly Float64Array[]) => Float64Array[];
  /** Xᵀ f, [columns]. */
  readonly combine: (factors: Float64Array) => Float64Array;
  /** Xᵀ t and Σ t, for t = weights · (X v + offset), in one pass over the rows. */
  readonly curvature: CurvatureOf;
  /** The same in float32, in half the time: for whoever needs a few digits. */
  readonly roughCurvature: CurvatureOf;
}

export interface CurvatureProduct {
  readonly sums: Float64Array; // [columns]
  readonly total: number;
}

type CurvatureOf = (vector: Float64Array, offset: number, weights: Float64Array) => CurvatureProduct;

/** Products of one matrix, and of others that are held beside it. */
export interface HeldProducts extends MatrixProducts {
  /** Holds another matrix until these products end. */
  readonly beside: (matrix: Matrix) => MatrixProducts;
  /** Holds the factor of a symmetric positive definite matrix [size, size]. @throws LabError as `withFactor` */
  readonly factor: (a: Float64Array, size: number) => Solve;
}

let heap: KernelHeap | null = null;

/**
 * Runs `work` with the products of a matrix, whose rows are in the kernels' memory until it ends. Values are taken in
 * float32, as activations are; sums run in float64.
 */
export function withProducts<T>(matrix: Matrix, work: (products: HeldProducts) => T): T {
  heap ??= new KernelHeap();
  const kernels = heap;
  return kernels.scoped(() =>
    work({
      ...hold(kernels, matrix),
      beside: (other) => hold(kernels, other),
      factor: (a, size) => factorIn(kernels, a, size),
    }),
  );
}

function hold(kernels: KernelHeap, { values, rows, columns }: Matrix): MatrixProducts {
  const { run } = kernels;
  const stride = Math.ceil(columns / LANES) * LANES;
  const padded = Math.ceil(rows / LANES) * LANES;
  const x = kernels.allocate(padded * stride * Float32Array.BYTES_PER_ELEMENT);
  const ofColumns = kernels.allocate(stride * Float64Array.BYTES_PER_ELEMENT);
  const sum = kernels.allocate(stride * Float64Array.BYTES_PER_ELEMENT);
  const ofRows = kernels.allocate(padded * Float64Array.BYTES_PER_ELEMENT);
  const scratch = kernels.allocate(LANES * Float64Array.BYTES_PER_ELEMENT);
  copyRows(values, columns, kernels.f32(x, padded * stride), stride);
  kernels.f64(ofColumns, stride).fill(0);
  return {
    multiply: (vector) => {
      kernels.f64(ofColumns, columns).set(vector);
      run.rowProducts(x, ofColumns, rows, stride, 1, ofRows);
      return kernels.f64(ofRows, rows).slice();
    },
    multiplyAll: (vectors) =>
      kernels.scoped(() => {
        const count = vectors.length;
        const at = kernels.allocate(count * stride * Float64Array.BYTES_PER_ELEMENT);
        const to = kernels.allocate(count * rows * Float64Array.BYTES_PER_ELEMENT);
        const side = kernels.f64(at, count * stride).fill(0);
        for (const [index, vector] of vectors.entries()) side.set(vector, index * stride);
        run.rowProducts(x, at, rows, stride, count, to);
        return vectors.map((_, index) => kernels.f64(to, count * rows).slice(index * rows, (index + 1) * rows));
      }),
    combine: (factors) => {
      kernels.f64(ofRows, rows).set(factors);
      kernels.f64(sum, stride).fill(0);
      run.addRows(x, ofRows, rows, stride, sum);
      return kernels.f64(sum, columns).slice();
    },
    curvature: (vector, offset, weights) => {
      kernels.f64(ofColumns, columns).set(vector);
      kernels.f64(ofRows, rows).set(weights);
      kernels.f64(sum, stride).fill(0);
      const total = run.addCurvature(x, ofColumns, offset, ofRows, rows, stride, sum, scratch);
      return { sums: kernels.f64(sum, columns).slice(), total };
    },
    roughCurvature: (vector, offset, weights) => {
      const rough = kernels.f32(ofColumns, stride);
      rough.fill(0, columns);
      rough.set(vector);
      kernels.f64(ofRows, padded).fill(0, rows);
      kernels.f64(ofRows, rows).set(weights);
      kernels.f32(sum, stride).fill(0);
      const total = run.addRoughCurvature(x, ofColumns, offset, ofRows, padded, stride, sum, scratch);
      kernels.f64(ofColumns, stride).fill(0);
      return { sums: Float64Array.from(kernels.f32(sum, columns)), total };
    },
  };
}

function copyRows(values: Matrix['values'], columns: number, to: Float32Array, stride: number): void {
  if (stride === columns) {
    to.set(values);
    to.fill(0, values.length);
    return;
  }
  to.fill(0);
  for (let row = 0; row * columns < values.length; row++) {
    to.set(values.subarray(row * columns, (row + 1) * columns), row * stride);
  }
}
