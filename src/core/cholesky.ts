import { CholeskyDecomposition, Matrix as Dense } from 'ml-matrix';
import { LabError } from './errors.ts';
import type { Vector } from './vectors.ts';

/** Solves A x = b for any number of b. */
export type Solve = (b: Vector) => Float64Array;

/**
 * Factors a symmetric positive definite matrix.
 * @param a [size, size]
 * @throws LabError `bad-request` when it is not positive definite
 */
export function factorSymmetric(a: Float64Array, size: number): Solve {
  const factors = new CholeskyDecomposition(Dense.from1DArray(size, size, a));
  if (!factors.isPositiveDefinite()) {
    throw new LabError(
      'bad-request',
      `a covariance of ${size} dimensions cannot be inverted`,
      'Use shrinkage above 0 or more prompts; a dimension that never varies has no covariance.',
    );
  }
  return (b) => Float64Array.from(factors.solve(Dense.columnVector(b)).to1DArray());
}
