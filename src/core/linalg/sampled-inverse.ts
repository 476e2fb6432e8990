/**
 * Approximate inverses of A = Σ w (x − centre) (x − centre)ᵀ + ridge · I over the rows x, the curvature of a linear model. From a
 * sample of the rows, so that they cost far less than the passes over all rows that they save. Rows and centres are as the rows are
 * held; what an inverse needs stays on the kernels' heap for as long as its caller's scope.
 */
import { lowest } from '../statistics/min-max.ts';
import { factorHeld, factorIn, strideOfFactor, type Solve } from './cholesky.ts';
import { coarseGramOfRows, TILE } from './gram.ts';
import { holdRows, placeColumns, rowBytes, type HeldRows } from '../kernels/kernel-rows.ts';
import { addDiagonal, lowerOf } from './lower-triangle.ts';
import type { Matrix } from './matrix.ts';
import { coarseProductsOf, combineCoarsely } from '../kernels/row-products.ts';
import { sampleByWeight } from '../sampling/sample-by-weight.ts';
import { addScaled, dot, subtract, sumOf } from './vectors.ts';

/** Rows that are seen from a point, with a weight each. */
export interface WeightedRows {
  readonly rows: HeldRows;
  readonly centre: Float64Array; // [columns]
  readonly weights: Float64Array; // [rows]
}

const ROWS_A_COLUMN = 3; // sampled where the columns are few
const COARSE_LANES = 4; // float32 that the kernel multiplies at once

/**
 * For few columns: that of a sample is held whole and factored.
 * @param parts ranges of the same held rows
 * @param weights [rows] of all of them
 * @returns of [columns + 1], the intercept last, for inputs that are seen from `origin` [columns]
 */
export function inverseOfColumns(
  parts: readonly HeldRows[],
  weights: Float64Array,
  origin: Float64Array,
  ridge: number,
): Solve {
  const [first] = parts as readonly [HeldRows];
  const { kernels, columns } = first;
  const base = lowest(parts.map(({ address }) => address));
  const sample = sampleByWeight(weights, ROWS_A_COLUMN * columns);
  const total = sumOf(weights);
  const centre = weightedMean(parts, weights, total);
  const count = Math.ceil(columns / TILE) * TILE;
  const stride = strideOfFactor(count);
  const lower = kernels.allocateF64(count * stride);
  kernels.scoped(() => {
    const used = sample.places.length;
    const length = Math.ceil(used / COARSE_LANES) * COARSE_LANES;
    const x = kernels.allocate(count * length * Float32Array.BYTES_PER_ELEMENT);
    if (count !== columns || length !== used) kernels.f32(x, count * length).fill(0);
    const at = kernels.place(placesFrom(base, parts, sample.places));
    const [middle, roots] = [placeColumns(first, centre), kernels.place(sample.weights.map(Math.sqrt))];
    kernels.run.fillCoarseColumns(base, at, used, columns, rowBytes(first), middle, roots, x, length);
    kernels.run.coarseGram(x, count, length, lower, stride, kernels.allocateF64(TILE * TILE));
  });
  addDiagonal(kernels.f64(lower, count * stride), stride, new Float64Array(columns).fill(1), ridge);
  return bordered(factorHeld(kernels, columns, lower, stride), subtract(centre, origin), total);
}

function weightedMean(parts: readonly HeldRows[], weights: Float64Array, total: number): Float64Array {
  const mean = new Float64Array(parts[0]?.columns ?? 0);
  let passed = 0;
  for (const part of parts) {
    const ofPart = weights.subarray(passed, passed + part.rows);
    addScaled(mean, 1 / total, combineCoarsely(part, (factors) => { factors.set(ofPart); })); // prettier-ignore
    passed += part.rows;
  }
  return mean;
}

const SMALLEST_TOTAL = 1e-12; // of weights: where every row is sure

/**
 * The inverse of a curvature with that of the intercept, by Schur's complement.
 * @param solve of the columns alone, with rows that are seen from their weighted mean
 * @param shift from what the inputs are seen from to that mean [columns]
 * @param total of the weights
 */
export function bordered(solve: Solve, shift: Float64Array, total: number): Solve {
  const columns = shift.length;
  const rest = new Float64Array(columns);
  return (b, x = new Float64Array(columns + 1)) => {
    const ofIntercept = b[columns] as number;
    rest.set(b.subarray(0, columns));
    addScaled(rest, -ofIntercept, shift);
    const weights = solve(rest, x.subarray(0, columns));
    x[columns] = ofIntercept / Math.max(total, SMALLEST_TOTAL) - dot(shift, weights);
    return x;
  };
}

/** Which row after `base` each sampled one is. */
function placesFrom(base: number, parts: readonly HeldRows[], sampled: Uint32Array): Uint32Array {
  const places = sampled.slice();
  let [at, passed] = [0, 0];
  for (const part of parts) {
    const move = (part.address - base) / rowBytes(part) - passed;
    passed += part.rows;
    for (; at < places.length && (sampled[at] as number) < passed; at++) places[at] = (sampled[at] as number) + move;
  }
  return places;
}

const SAMPLED_ROWS = 256; // in all
const DIAGONAL_SHARE = 0.25; // that A of the sample is drawn towards its diagonal: the sample spans only so many dimensions

/**
 * For many columns: A of a few rows, drawn towards its diagonal, is inverted by Woodbury's identity, of which only a matrix of the
 * sampled rows is factored.
 * @param parts such as two classes
 * @param diagonal of A without the ridge [columns]
 * @param ridge [columns]
 */
export function inverseOfSampledRows(
  parts: readonly WeightedRows[],
  diagonal: Float64Array,
  ridge: Float64Array,
): Solve {
  const [{ rows: first }] = parts as readonly [WeightedRows];
  const sample = sampleOf(parts);
  const base = diagonal.map((value, i) => 1 / (DIAGONAL_SHARE * value + (ridge[i] as number) || 1)); // 1: a column that never varies
  const gram = coarseGramOfRows(sample, new Float64Array(sample.columns), base.map(Math.sqrt));
  for (let i = 0; i < sample.rows; i++) gram[i * sample.rows + i] = (gram[i * sample.rows + i] as number) + 1;
  const solve = factorIn(first.kernels, sample.rows, lowerOf(gram, sample.rows));
  const held = holdRows(first.kernels, sample);
  return (b, x = new Float64Array(base.length)) => {
    for (let i = 0; i < x.length; i++) x[i] = (base[i] as number) * (b[i] as number);
    const ofSample = solve(coarseProductsOf(held, x));
    const within = combineCoarsely(held, (factors) => { factors.set(ofSample); }); // prettier-ignore
    for (let i = 0; i < x.length; i++) x[i] = (x[i] as number) - (base[i] as number) * (within[i] as number);
    return x;
  };
}

/** A few rows of each part, centred and times the roots of their weights. */
function sampleOf(parts: readonly WeightedRows[]): Matrix {
  const all = parts.reduce((sum, { rows: { rows } }) => sum + rows, 0);
  const columns = parts[0]?.centre.length ?? 0;
  const samples = parts.map((part) => ({
    ...part,
    ...sampleByWeight(part.weights, Math.ceil((SAMPLED_ROWS * part.rows.rows) / all)),
  }));
  const rows = samples.reduce((sum, { places }) => sum + places.length, 0);
  const values = new Float32Array(rows * columns);
  let at = 0;
  for (const { rows: held, centre, places, weights } of samples) {
    const from = held.kernels.f32(held.address, held.rows * held.stride);
    for (const [index, row] of places.entries()) {
      const factor = Math.sqrt((1 - DIAGONAL_SHARE) * (weights[index] as number));
      const start = row * held.stride;
      for (let i = 0; i < columns; i++) values[at++] = factor * ((from[start + i] as number) - (centre[i] as number));
    }
  }
  return { values, rows, columns };
}
