/** Within-class covariance, shrunk so that it can be inverted with fewer prompts than dimensions. */
import { LabError } from '../errors.ts';
import { coarseGramOfRows, gramOfHeldColumns } from './gram.ts';
import { heldMatrix, type HeldRows } from '../kernels/kernel-rows.ts';
import { addMatrix, addOuter, type FillLower } from './lower-triangle.ts';
import { columnVariances } from './matrix.ts';
import { curvatureProduct, fromHeldCentre, rowMean, rowSquares, type Exactness } from '../kernels/row-products.ts';
import { addScaled, dot, subtract } from './vectors.ts';

/** Up to so many dimensions the covariance is held as a matrix; beyond, only its products with vectors are computed. */
const DENSE_DIMENSIONS = 512; // 2 MB; at 4,096 it would be 134 MB, and its Cholesky factor cost 11 G multiplications

/**
 * How strongly a class's covariance S (divided by n) is drawn towards a simpler one:
 * `ledoit-wolf` takes the columns as standardised and draws them towards the identity, as strongly as Ledoit and Wolf
 * (2004) find best; so S is drawn towards its own diagonal. A share s gives (1 − s) S + s · mean variance · I.
 * Both as scikit-learn's LinearDiscriminantAnalysis does.
 */
export type Shrinkage = 'ledoit-wolf' | number;

/** Mean and covariance of rows, as they are. */
export interface SampleMoments {
  readonly count: number; // rows
  readonly mean: Float64Array; // [hidden]
  readonly covariance: Float64Array | null; // divided by the rows, lower triangle of [hidden, hidden]; null beyond `DENSE_DIMENSIONS`
}

/** What a class of prompts gives to a discriminant: its shrunk covariance is `keep` · S + diag(`ridge`). */
export interface ClassMoments extends SampleMoments {
  readonly rows: HeldRows; // products with S are taken from them where it is not dense
  readonly variance: Float64Array; // [hidden], the diagonal of S
  readonly shrinkage: number; // 0 to 1
  readonly keep: number; // 1 − shrinkage
  readonly ridge: Float64Array; // [hidden]
}

/** @param mean of the rows, where it is known */
export function sampleMoments(rows: HeldRows, mean = rowMean(rows)): SampleMoments {
  const covariance = rows.columns <= DENSE_DIMENSIONS ? gramOfHeldColumns(rows, fromHeldCentre(rows, mean)) : null;
  if (covariance !== null) divide(covariance, rows.rows);
  return { count: rows.rows, mean, covariance };
}

function divide(values: Float64Array, divisor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) / divisor;
}

/** Of the rows of all parts together, without reading them again. */
export function jointMoments(parts: readonly SampleMoments[]): SampleMoments {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const hidden = parts[0]?.mean.length ?? 0;
  const mean = new Float64Array(hidden);
  for (const part of parts) addScaled(mean, part.count / count, part.mean);
  const fill = jointCovariance(parts, mean);
  if (fill === null) return { count, mean, covariance: null };
  const covariance = new Float64Array(hidden * hidden);
  fill(covariance, hidden);
  return { count, mean, covariance };
}

/**
 * The covariance of the rows of all parts together, times a factor. Null where a part has none.
 * @param mean of all of them [hidden]
 */
export function jointCovariance(parts: readonly SampleMoments[], mean: Float64Array, factor = 1): FillLower | null {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  if (parts.some(({ covariance }) => covariance === null)) return null;
  return (rows, stride) => {
    for (let row = 0; row < mean.length; row++) rows.fill(0, row * stride, row * stride + row + 1);
    for (const part of parts) {
      const share = (factor * part.count) / count;
      addMatrix(rows, stride, part.covariance as Float64Array, mean.length, share);
      addOuter(rows, stride, subtract(part.mean, mean), share);
    }
  };
}

/**
 * Computed once for each class, then good for every pair of classes.
 * @param rows [prompts, hidden] of one class
 * @param moments of these rows, where they are known
 * @throws LabError `bad-request` for a shrinkage that is not from 0 to 1
 */
export function classMoments(
  rows: HeldRows,
  shrinkage: Shrinkage = 'ledoit-wolf',
  { count, mean, covariance }: SampleMoments = sampleMoments(rows),
): ClassMoments {
  if (typeof shrinkage === 'number' && !(shrinkage >= 0 && shrinkage <= 1)) {
    throw new LabError('bad-request', `shrinkage ${shrinkage} is not from 0 to 1`, 'Give a share or ledoit-wolf.');
  }
  const { columns } = rows;
  const variance =
    covariance === null
      ? columnVariances(heldMatrix(rows), fromHeldCentre(rows, mean))
      : Float64Array.from({ length: columns }, (_, i) => covariance[i * (columns + 1)] as number);
  const moments = { rows, count, mean, variance, covariance };
  if (typeof shrinkage === 'number') {
    const average = variance.reduce((sum, value) => sum + value, 0) / columns;
    const ridge = new Float64Array(columns).fill(shrinkage * average);
    return { ...moments, shrinkage, keep: 1 - shrinkage, ridge };
  }
  const scales = variance.map((value) => (value > 0 ? 1 / Math.sqrt(value) : 1)); // a constant column stays as it is
  const varying = variance.reduce((total, value) => total + (value > 0 ? 1 : 0), 0);
  const found = ledoitWolf(moments, scales, varying);
  // The scaler turns the identity into the variances; a constant column keeps a scale of 1.
  const ridge = variance.map((value) => found * (varying / columns) * (value > 0 ? value : 1));
  return { ...moments, shrinkage: found, keep: 1 - found, ridge };
}

/** (keep · S + diag(ridge)) v, of which no matrix is made. */
export function covarianceProduct(
  { rows, mean, keep, ridge }: ClassMoments,
  vector: Float64Array,
  exactness: Exactness = 'exact',
): Float64Array {
  const middle = fromHeldCentre(rows, mean);
  const share = new Float64Array(rows.rows).fill(1 / rows.rows);
  const { sums, total } = curvatureProduct(rows, vector, -dot(middle, vector), share, exactness);
  for (let i = 0; i < sums.length; i++) {
    const covariance = (sums[i] as number) - total * (middle[i] as number);
    sums[i] = keep * covariance + (ridge[i] as number) * (vector[i] as number);
  }
  return sums;
}

/** Ledoit and Wolf's shrinkage of the standardised columns. ‖R‖² is taken from rows or columns, whichever are fewer. */
function ledoitWolf(
  { rows, mean, covariance }: Pick<ClassMoments, 'rows' | 'mean' | 'covariance'>,
  scales: Float64Array,
  varying: number,
): number {
  const { rows: count, columns } = rows;
  const fourth = rowSquares(rows, mean, scales).reduce((sum, square) => sum + square * square, 0); // Σ ‖z‖⁴ over the standardised rows z
  let frobenius = 0; // ‖R‖² for the correlation matrix R
  if (covariance !== null) {
    frobenius = squaresOfCorrelations(covariance, scales);
  } else {
    const products = coarseGramOfRows(heldMatrix(rows), fromHeldCentre(rows, mean), scales);
    frobenius = squaresOfLower(products, count) / (count * count);
  }
  const average = varying / columns; // of R's diagonal
  const distance = (frobenius - 2 * average * varying + columns * average * average) / columns;
  const noise = Math.min((fourth / count - frobenius) / (count * columns), distance);
  return noise <= 0 ? 0 : noise / distance;
}

/** Sum of the squares of a symmetric matrix [size, size], of its lower triangle. */
function squaresOfLower(products: Float64Array, size: number): number {
  let total = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) total += 2 * (products[i * size + j] as number) ** 2;
    total += (products[i * size + i] as number) ** 2;
  }
  return total;
}

/** ‖R‖², of which every entry off the diagonal is there twice. */
function squaresOfCorrelations(covariance: Float64Array, scales: Float64Array): number {
  let total = 0;
  for (let i = 0; i < scales.length; i++) {
    const from = i * scales.length;
    let inRow = 0;
    for (let j = 0; j <= i; j++) {
      const scaled = (covariance[from + j] as number) * (scales[j] as number);
      inRow += (j < i ? 2 : 1) * scaled * scaled;
    }
    total += inRow * (scales[i] as number) * (scales[i] as number);
  }
  return total;
}
