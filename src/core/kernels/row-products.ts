/** Sums over held rows, in float64: products with vectors, combinations of rows, distances. */
import { LANES, padded, placeCoarseVectors, placeColumns, placeVectors, type HeldRows } from './kernel-rows.ts';
import type { HeldScores } from './kernel-scores.ts';
import type { LinearProbe } from '../probes/linear-probe.ts';
import { addScaled, dot } from '../linalg/vectors.ts';

/**
 * weights · row + intercept for each row and probe, [probes][rows]; equal rows have equal scores wherever they stand.
 * @throws LabError `bad-request` when the dimensions differ
 */
export function heldScores(held: HeldRows, probes: readonly LinearProbe[]): Float64Array[] {
  const { kernels } = held;
  return kernels.scoped(() =>
    placeScoresOf(held, probes).map(({ address, count }) => kernels.f64(address, count).slice()),
  );
}

/** As `heldScores`, held for as long as the caller's scope. */
export function placeScoresOf(held: HeldRows, probes: readonly LinearProbe[]): HeldScores[] {
  const { kernels, address, rows, stride, centre } = held;
  const bytes = rows * Float64Array.BYTES_PER_ELEMENT;
  const to = kernels.allocateF64(probes.length * rows);
  kernels.scoped(() => {
    const vectors = placeVectors(held, probes.map(({ weights }) => weights)); // prettier-ignore
    kernels.run.rowProducts(address, vectors, rows, stride, probes.length, to, bytes);
  });
  return probes.map(({ weights, intercept }, index) => {
    const scores = { address: to + index * bytes, count: rows };
    add(kernels.f64(scores.address, rows), dot(centre, weights) + intercept);
    return scores;
  });
}

/** row · vector for each row as it is held, less its centre, in float32 [rows]. */
export function coarseProductsOf(held: HeldRows, vector: Float64Array): Float64Array {
  const { kernels, address, rows, stride } = held;
  return kernels.scoped(() => {
    const to = kernels.allocateF64(rows);
    kernels.run.coarseProducts(address, placeCoarseVectors(held, [vector]), rows, stride, 1, to, 0);
    return kernels.f64(to, rows).slice();
  });
}

function add(values: Float64Array, addend: number): void {
  if (addend !== 0) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + addend;
}

/** Σ factors[row] · row [columns], of the rows as they are held, less their centre. @param factors [rows] */
export function combineHeld(held: HeldRows, factors: Float64Array): Float64Array {
  const { kernels, address, rows, columns, stride } = held;
  return kernels.scoped(() => {
    const sum = kernels.allocateF64(stride);
    kernels.f64(sum, stride).fill(0);
    kernels.run.addRows(address, kernels.place(factors), rows, stride, sum);
    return kernels.f64(sum, columns).slice();
  });
}

/** As `combineHeld`, of which sums over eight rows run in float32. @param fill writes the factors [rows], which are zeros before */
export function combineCoarsely(held: HeldRows, fill: (factors: Float64Array) => void): Float64Array {
  const { kernels, address, rows, columns, stride } = held;
  return kernels.scoped(() => {
    const [sum, factors] = [kernels.allocateF64(stride), kernels.allocateF64(padded(rows))];
    kernels.f64(sum, stride).fill(0);
    kernels.f64(factors, padded(rows)).fill(0);
    fill(kernels.f64(factors, rows));
    kernels.run.addCoarseRows(address, factors, rows, stride, sum);
    return kernels.f64(sum, columns).slice();
  });
}

/** The mean of the rows [columns]: their centroid. */
export function rowMean(held: HeldRows): Float64Array {
  const mean = combineHeld(held, new Float64Array(held.rows).fill(1 / held.rows));
  addScaled(mean, 1, held.centre);
  return mean;
}

/** Σ ((row − centre) · scales)² of each row [rows]. @param scales [columns]; ones, by default */
export function rowSquares(held: HeldRows, centre: Float64Array, scales: Float64Array | null = null): Float64Array {
  const { kernels, address, rows, columns, stride } = held;
  return kernels.scoped(() => {
    const middle = placeColumns(held, fromHeldCentre(held, centre));
    const factors = placeColumns(held, scales ?? new Float64Array(columns).fill(1));
    const out = kernels.allocateF64(rows);
    kernels.run.rowSquares(address, rows, stride, middle, factors, out);
    return kernels.f64(out, rows).slice();
  });
}

/** A point [columns] as the rows are held. */
export function fromHeldCentre({ centre }: HeldRows, point: Float64Array): Float64Array {
  return point.map((value, i) => value - (centre[i] as number));
}

export interface CurvatureProduct {
  readonly sums: Float64Array; // [columns]
  readonly total: number;
}

/** How exactly sums over rows are taken: in float64, or partly in float32, in less than half the time. */
export type Exactness = 'exact' | 'coarse';

/** Xᵀ t and Σ t for t = weights · (X v + offset), with the rows X as they are held, in one pass over them. */
export function curvatureProduct(
  held: HeldRows,
  vector: Float64Array,
  offset: number,
  weights: Float64Array,
  exactness: Exactness = 'exact',
): CurvatureProduct {
  const { kernels, address, rows, columns, stride } = held;
  return kernels.scoped(() => {
    const sum = kernels.allocateF64(stride);
    const scratch = kernels.allocateF64(LANES);
    const w = kernels.allocateF64(padded(rows));
    kernels.f64(sum, stride).fill(0);
    kernels.f64(w, padded(rows)).fill(0).set(weights);
    const total =
      exactness === 'exact'
        ? kernels.run.addCurvature(address, placeColumns(held, vector), offset, w, rows, stride, sum, scratch)
        : kernels.run.addCoarseCurvature(address, placeCoarseVectors(held, [vector]), offset, w, rows, stride, sum, scratch); // prettier-ignore
    return { sums: kernels.f64(sum, columns).slice(), total };
  });
}
