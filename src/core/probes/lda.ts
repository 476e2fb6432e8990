/** Linear discriminant analysis: the difference of means, seen through the inverse of the pooled covariance. */
import { inverseOfSampledRows } from '../linalg/sampled-inverse.ts';
import { withFactor } from '../linalg/cholesky.ts';
import { refinedConjugateGradient } from '../linalg/conjugate-gradient.ts';
import { covarianceProduct, type ClassMoments } from '../linalg/covariance.ts';
import { LabError } from '../errors.ts';
import type { LinearProbe } from './linear-probe.ts';
import { addDiagonal, addMatrix, type FillLower } from '../linalg/lower-triangle.ts';
import { fromHeldCentre, type Exactness } from '../kernels/row-products.ts';
import { subtract } from '../linalg/vectors.ts';

const RESIDUAL_TOLERANCE = 1e-8; // relative; directions then agree with a direct solution to a cosine distance below 1e-12
const MAX_ITERATIONS = 2000;

/**
 * Σ⁻¹(μ₊ − μ₋) with the intercept that makes decision values log odds (as scikit-learn's LinearDiscriminantAnalysis
 * with `lsqr` or `eigen`; the mass-mean probe with covariance of Marks and Tegmark 2023). Σ is the mean of both classes' shrunk
 * covariances, weighted by their numbers of prompts. Up to 512 dimensions by Cholesky, beyond by conjugate gradients, to a
 * relative residual of 1e-8.
 * @throws LabError `bad-request` when the dimensions differ or Σ cannot be inverted
 */
export function lda(harmful: ClassMoments, safe: ClassMoments): LinearProbe {
  const size = harmful.mean.length;
  const difference = subtract(harmful.mean, safe.mean); // checks the dimensions
  const total = harmful.rows.rows + safe.rows.rows;
  const [toHarmful, toSafe] = [harmful.rows.rows / total, safe.rows.rows / total];
  const fill = meanOfCovariances(harmful, toHarmful, safe, toSafe);
  const weights =
    fill === null
      ? solveByProducts(harmful, toHarmful, safe, toSafe, difference)
      : withFactor(size, fill, (solve) => solve(difference));
  let middle = 0;
  for (let i = 0; i < size; i++) {
    middle += ((weights[i] as number) * ((harmful.mean[i] as number) + (safe.mean[i] as number))) / 2;
  }
  return { weights, intercept: Math.log(toHarmful / toSafe) - middle };
}

/** Of both shrunk covariances, where they are held. */
function meanOfCovariances(a: ClassMoments, toA: number, b: ClassMoments, toB: number): FillLower | null {
  const [ofA, ofB] = [a.covariance, b.covariance];
  if (ofA === null || ofB === null) return null;
  const size = a.mean.length;
  return (rows, stride) => {
    for (let row = 0; row < size; row++) rows.fill(0, row * stride, row * stride + row + 1);
    addMatrix(rows, stride, ofA, size, toA * a.keep);
    addMatrix(rows, stride, ofB, size, toB * b.keep);
    addDiagonal(rows, stride, a.ridge, toA);
    addDiagonal(rows, stride, b.ridge, toB);
  };
}

function solveByProducts(
  a: ClassMoments,
  toA: number,
  b: ClassMoments,
  toB: number,
  difference: Float64Array,
): Float64Array {
  const shares = [
    { moments: a, share: toA },
    { moments: b, share: toB },
  ];
  const sumOver = (part: (moments: ClassMoments, i: number) => number): Float64Array =>
    a.mean.map((_, i) => shares.reduce((sum, { moments, share }) => sum + share * part(moments, i), 0));
  const diagonal = sumOver(({ keep, variance }, i) => keep * (variance[i] as number));
  const ridge = sumOver((moments, i) => moments.ridge[i] as number);
  const parts = shares.map(({ moments: { rows, mean, keep }, share }) => ({
    rows,
    centre: fromHeldCentre(rows, mean),
    weights: new Float64Array(rows.rows).fill((share * keep) / rows.rows),
  }));
  const { kernels } = a.rows;
  const { x, converged } = kernels.scoped(() => {
    const precondition = inverseOfSampledRows(parts, diagonal, ridge);
    const multiplyBy = (exactness: Exactness) => (vector: Float64Array) => {
      const ofB = covarianceProduct(b, vector, exactness);
      return covarianceProduct(a, vector, exactness).map((value, i) => toA * value + toB * (ofB[i] as number));
    };
    const system = { multiply: multiplyBy('exact'), coarseMultiply: multiplyBy('coarse'), precondition };
    return refinedConjugateGradient(system, difference, RESIDUAL_TOLERANCE, MAX_ITERATIONS);
  });
  if (converged) return x;
  throw new LabError(
    'bad-request',
    `the covariance of ${a.mean.length} dimensions cannot be inverted`,
    'Use shrinkage above 0 or more prompts; a dimension that never varies has no covariance.',
  );
}
