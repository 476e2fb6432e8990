/** Products of one matrix with many vectors, from the kernels' memory: for methods that go through the rows again and again. */
import { factorIn, type FillLower, type Solve } from './cholesky.ts';
import { gramOfHeldColumns } from './gram.ts';
import { holdRows, holdVectors, LANES, padded } from './held-rows.ts';
import { KernelHeap } from './kernels.ts';
import type { Matrix } from './matrix.ts';

export interface MatrixProducts {
  /** X v, [rows]. */
  readonly multiply: (vector: Float64Array) => Float64Array;
  /** X v for each vector, [vectors][rows], in one buffer; the same to the last bit, in half the time of one after the other. */
  readonly multiplyAll: (vectors: readonly Float64Array[]) => Float64Array[];
  /** Xᵀ f, [columns]. */
  readonly combine: (factors: Float64Array) => Float64Array;
  /** Xᵀ t and Σ t, for t = weights · (X v + offset), in one pass over the rows. */
  readonly curvature: (vector: Float64Array, offset: number, weights: Float64Array) => CurvatureProduct;
  /** The logistic loss of the rows, whose labels (0 or 1) are held as well. */
  readonly logistic: (labels: Uint8Array) => LogisticPass;
  /** Xᵀ diag(w) X of some rows after `centre` is taken off; `roots` are of their weights. [columns, columns] */
  readonly gram: (places: Uint32Array, centre: Float64Array, roots: Float64Array) => Float64Array;
}

export interface CurvatureProduct {
  readonly sums: Float64Array; // [columns]
  readonly total: number;
}

/** Σ log(1 + exp(∓ margin)) for margins = X v + offset, with p = σ(margin). */
export interface LogisticSums {
  readonly loss: number;
  readonly total: number; // Σ (p − labels)
}

/** One pass over the rows. Fills `curvature` [rows] with p (1 − p), and `sums` [columns] with Xᵀ (p − labels). */
export type LogisticPass = (
  vector: Float64Array,
  offset: number,
  curvature: Float64Array,
  sums: Float64Array,
) => LogisticSums;

/** Products of one matrix, and of others that are held beside it. */
export interface HeldProducts extends MatrixProducts {
  /** Holds another matrix until these products end. */
  readonly beside: (matrix: Matrix) => MatrixProducts;
  /** Holds the factor of a symmetric positive definite matrix. @throws LabError as `withFactor` */
  readonly factor: (size: number, fill: FillLower) => Solve;
}

let heap: KernelHeap | null = null;

/**
 * Runs `work` with the products of a matrix, or of several one below the other, whose rows are in the kernels' memory until it ends.
 * Values are taken in float32, as activations are; sums run in float64.
 */
export function withProducts<T>(matrix: Matrix | readonly Matrix[], work: (products: HeldProducts) => T): T {
  heap ??= new KernelHeap();
  const kernels = heap;
  return kernels.scoped(() =>
    work({
      ...hold(kernels, [matrix].flat()),
      beside: (other) => hold(kernels, [other]),
      factor: (size, fill) => factorIn(kernels, size, fill),
    }),
  );
}

function hold(kernels: KernelHeap, matrices: readonly Matrix[]): MatrixProducts {
  const { run } = kernels;
  const held = holdRows(kernels, ...matrices);
  const { address: x, rows, columns, stride } = held;
  const ofColumns = kernels.allocate(stride * Float64Array.BYTES_PER_ELEMENT);
  const sum = kernels.allocate(stride * Float64Array.BYTES_PER_ELEMENT);
  const ofRows = kernels.allocate(padded(rows) * Float64Array.BYTES_PER_ELEMENT);
  const scratch = kernels.allocate(LANES * Float64Array.BYTES_PER_ELEMENT);
  kernels.f64(ofColumns, stride).fill(0);
  return {
    multiply: (vector) => {
      kernels.f64(ofColumns, columns).set(vector);
      run.rowProducts(x, ofColumns, rows, stride, 1, ofRows, 0);
      return kernels.f64(ofRows, rows).slice();
    },
    multiplyAll: (vectors) =>
      kernels.scoped(() => {
        const count = vectors.length;
        const at = holdVectors(held, vectors);
        const to = kernels.allocate(count * rows * Float64Array.BYTES_PER_ELEMENT);
        run.rowProducts(x, at, rows, stride, count, to, rows * Float64Array.BYTES_PER_ELEMENT);
        const products = kernels.f64(to, count * rows).slice();
        return vectors.map((_, index) => products.subarray(index * rows, (index + 1) * rows));
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
    gram: (places, centre, roots) => gramOfHeldColumns(held, places, centre, roots),
    logistic: (labels) => {
      const f64 = (count: number): number => kernels.allocate(count * Float64Array.BYTES_PER_ELEMENT);
      const [ofLabels, ofCurvature, totals] = [f64(padded(rows)), f64(padded(rows)), f64(2)];
      const [factors, room] = [f64(padded(rows) / LANES), f64(3 * LANES)];
      kernels.f64(ofLabels, padded(rows)).fill(0).set(labels);
      return (vector, offset, curvature, sums) => {
        kernels.f64(ofColumns, columns).set(vector);
        kernels.f64(sum, stride).fill(0);
        run.addLogistic(x, ofColumns, offset, ofLabels, rows, stride, sum, ofCurvature, totals, factors, room);
        curvature.set(kernels.f64(ofCurvature, rows));
        const [total = NaN, linear = NaN] = kernels.f64(totals, 2);
        let loss = linear;
        for (const factor of kernels.f64(factors, padded(rows) / LANES)) loss += Math.log(factor);
        sums.set(kernels.f64(sum, columns));
        return { loss, total };
      };
    },
  };
}
