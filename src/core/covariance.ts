/** Within-class covariance, shrunk so that it can be inverted with fewer prompts than dimensions. */
import { LabError } from './errors.ts';
import { gramOfColumns, gramOfRows } from './gram.ts';
import { withProducts, type HeldProducts } from './matrix-products.ts';
import { columnMeans, columnVariances, type Matrix } from './matrix.ts';
import { subtract } from './vectors.ts';

/** Up to so many dimensions the covariance is held as a matrix; beyond, only its products with vectors are computed. */
const DENSE_DIMENSIONS = 512; // 2 MB; at 4,096 it would be 134 MB, and its Cholesky factor cost 11 G multiplications

/**
 * How strongly a class's covariance S (divided by n) is drawn towards a simpler one:
 * `ledoit-wolf` takes the columns as standardised and draws them towards the identity, as strongly as Ledoit and Wolf
 * (2004) find best; so S is drawn towards its own diagonal. A share s gives (1 − s) S + s · mean variance · I.
 * Both as scikit-learn's LinearDiscriminantAnalysis does.
 */
export type Shrinkage = 'ledoit-wolf' | number;

/** What a class of prompts gives to a discriminant: its shrunk covariance is `keep` · S + diag(`ridge`). */
export interface ClassMoments {
  readonly rows: Matrix; // kept: products with S are taken from them where it is not dense
  readonly mean: Float64Array; // [hidden]
  readonly variance: Float64Array; // [hidden], the diagonal of S
  readonly covariance: Float64Array | null; // S [hidden, hidden], null beyond `DENSE_DIMENSIONS`
  readonly shrinkage: number; // 0 to 1
  readonly keep: number; // 1 − shrinkage
  readonly ridge: Float64Array; // [hidden]
}

/**
 * Computed once for each class, then good for every pair of classes.
 * @param rows [prompts, hidden] of one class
 * @throws LabError `bad-request` for a shrinkage that is not from 0 to 1
 */
export function classMoments(rows: Matrix, shrinkage: Shrinkage = 'ledoit-wolf'): ClassMoments {
  if (typeof shrinkage === 'number' && !(shrinkage >= 0 && shrinkage <= 1)) {
    throw new LabError('bad-request', `shrinkage ${shrinkage} is not from 0 to 1`, 'Give a share or ledoit-wolf.');
  }
  const mean = columnMeans(rows);
  const variance = columnVariances(rows, mean);
  const covariance = rows.columns <= DENSE_DIMENSIONS ? gramOfColumns(rows, mean).map((sum) => sum / rows.rows) : null;
  const moments = { rows, mean, variance, covariance };
  if (typeof shrinkage === 'number') {
    const average = variance.reduce((sum, value) => sum + value, 0) / rows.columns;
    const ridge = new Float64Array(rows.columns).fill(shrinkage * average);
    return { ...moments, shrinkage, keep: 1 - shrinkage, ridge };
  }
  const scales = variance.map((value) => (value > 0 ? 1 / Math.sqrt(value) : 1)); // a constant column stays as it is
  const varying = variance.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  const found = ledoitWolf(moments, scales, varying);
  // The scaler turns the identity into the variances; a constant column keeps a scale of 1.
  const ridge = variance.map((value) => found * (varying / rows.columns) * (value > 0 ? value : 1));
  return { ...moments, shrinkage: found, keep: 1 - found, ridge };
}

/** The covariance of the rows of both classes about their common mean [hidden, hidden], not shrunk; null where one's is not held. */
export function jointCovariance(a: ClassMoments, b: ClassMoments): Float64Array | null {
  if (a.covariance === null || b.covariance === null) return null;
  const ofB = b.covariance;
  const toA = a.rows.rows / (a.rows.rows + b.rows.rows);
  const toB = 1 - toA;
  const apart = subtract(a.mean, b.mean);
  const size = apart.length;
  const joint = a.covariance.map((value, at) => toA * value + toB * (ofB[at] as number));
  for (let i = 0; i < size; i++) {
    const factor = toA * toB * (apart[i] as number);
    for (let j = 0; j < size; j++)
      joint[i * size + j] = (joint[i * size + j] as number) + factor * (apart[j] as number);
  }
  return joint;
}

/** (keep · S + diag(ridge)) v. */
export type CovarianceProduct = (vector: Float64Array) => Float64Array;

/** Runs `work` with the products of a class's shrunk covariance, of which no matrix is made. */
export function withCovariance<T>(
  moments: ClassMoments,
  work: (multiply: CovarianceProduct, held: HeldProducts) => T,
): T {
  const { rows, mean, keep, ridge } = moments;
  const share = new Float64Array(rows.rows).fill(1 / rows.rows);
  return withProducts(rows, (held) =>
    work((vector) => {
      const offset = mean.reduce((sum, value, i) => sum + value * (vector[i] as number), 0);
      const { sums, total } = held.curvature(vector, -offset, share);
      for (let i = 0; i < sums.length; i++) {
        const covariance = (sums[i] as number) - total * (mean[i] as number);
        sums[i] = keep * covariance + (ridge[i] as number) * (vector[i] as number);
      }
      return sums;
    }, held),
  );
}

/** Ledoit and Wolf's shrinkage of the standardised columns. ‖R‖² is taken from rows or columns, whichever are fewer. */
function ledoitWolf(
  { rows, mean, covariance }: Pick<ClassMoments, 'rows' | 'mean' | 'covariance'>,
  scales: Float64Array,
  varying: number,
): number {
  const { values, rows: count, columns } = rows;
  let fourth = 0; // Σ ‖z‖⁴ over the standardised rows z
  for (let start = 0; start < values.length; start += columns) {
    let square = 0;
    for (let i = 0; i < columns; i++) {
      const z = ((values[start + i] as number) - (mean[i] as number)) * (scales[i] as number);
      square += z * z;
    }
    fourth += square * square;
  }
  let frobenius = 0; // ‖R‖² for the correlation matrix R
  if (covariance !== null) {
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        frobenius += ((covariance[i * columns + j] as number) * (scales[i] as number) * (scales[j] as number)) ** 2;
      }
    }
  } else {
    for (const product of gramOfRows(rows, mean, scales)) frobenius += product * product;
    frobenius /= count * count;
  }
  const average = varying / columns; // of R's diagonal
  const distance = (frobenius - 2 * average * varying + columns * average * average) / columns;
  const noise = Math.min((fourth / count - frobenius) / (count * columns), distance);
  return noise <= 0 ? 0 : noise / distance;
}
