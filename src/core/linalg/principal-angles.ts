import { Matrix as Dense, QrDecomposition, SingularValueDecomposition } from 'ml-matrix';
import { LabError } from '../errors.ts';
import { stackRows } from './matrix.ts';
import type { Vector } from './vectors.ts';

/**
 * The principal angles between the subspaces that two sets of directions span, in radians, the largest first; as many as the
 * smaller subspace has dimensions. Small angles come from sines, large ones from cosines, so that both are
 * exact (Knyazev and Argentati 2002, as `scipy.linalg.subspace_angles`).
 * @param first directions [hidden]; `second` likewise. Dependent ones count once
 * @throws LabError `bad-request` when a set is empty, only zeros, or the dimensions differ
 */
export function principalAngles(first: readonly Vector[], second: readonly Vector[]): Float64Array {
  return anglesBetween(subspaceOf(first), subspaceOf(second));
}

/** The space that directions span, worked out once. */
export interface Subspace {
  readonly basis: Dense; // [hidden, rank], orthonormal
}

/** @throws LabError as `principalAngles` */
export const subspaceOf = (directions: readonly Vector[]): Subspace => ({ basis: orthonormalBasis(directions) });

/** As `principalAngles`. */
export function anglesBetween({ basis: one }: Subspace, { basis: other }: Subspace): Float64Array {
  if (one.rows !== other.rows) {
    throw new LabError(
      'bad-request',
      `subspaces of ${one.rows} and ${other.rows} dimensions`,
      'Use directions of the same model and site.',
    );
  }
  const [large, small] = one.columns >= other.columns ? [one, other] : [other, one];
  const inLarge = large.transpose().mmul(small);
  const outside = Dense.sub(small, large.mmul(inLarge));
  const cosines = singularValues(inLarge).slice(0, small.columns); // descending: the smallest angle first
  const sines = singularValues(outside).slice(0, small.columns).reverse();
  const angles = cosines.map((cosine, i) => (cosine * cosine >= 0.5 ? Math.asin(sines[i] ?? 0) : Math.acos(cosine)));
  return Float64Array.from(angles.reverse());
}

/** [hidden, rank], from the left singular vectors. */
function orthonormalBasis(directions: readonly Vector[]): Dense {
  if (directions.length === 0) {
    throw new LabError('bad-request', 'the subspace of no directions', 'Give at least one direction.');
  }
  const { values, rows, columns } = stackRows(directions);
  const spanning = Dense.from1DArray(rows, columns, values).transpose();
  const { tall, small } = factored(spanning);
  const decomposition = new SingularValueDecomposition(small, { autoTranspose: true });
  const [largest = 0] = decomposition.diagonal;
  const threshold = largest * Math.max(rows, columns) * Number.EPSILON; // numpy's and scipy's
  const rank = decomposition.diagonal.filter((value) => value > threshold).length;
  if (rank === 0) {
    throw new LabError('bad-request', 'directions of zeros span nothing', 'Use directions between different classes.');
  }
  const left = decomposition.leftSingularVectors.subMatrix(0, small.rows - 1, 0, rank - 1);
  return tall === null ? left : tall.mmul(left);
}

/** A tall matrix as Q R: R has its singular values and is small, so that their decomposition costs nothing by comparison. */
function factored(matrix: Dense): { readonly tall: Dense | null; readonly small: Dense } {
  if (matrix.rows <= matrix.columns) return { tall: null, small: matrix };
  const { orthogonalMatrix, upperTriangularMatrix } = new QrDecomposition(matrix);
  return { tall: orthogonalMatrix, small: upperTriangularMatrix };
}

function singularValues(matrix: Dense): number[] {
  const { diagonal } = new SingularValueDecomposition(factored(matrix).small, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  });
  return diagonal.map((value) => Math.min(1, value)); // rounding can leave [0, 1] by 1e-16
}
