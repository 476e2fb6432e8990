/** What a linear model needs of its inputs, so that activations and bags of words go through the same fit. */
import type { Features } from './fit-inputs.ts';
import type { LogisticLoss } from './fit-inputs.ts';
import { bordered, inverseOfColumns, inverseOfSampledRows } from '../linalg/sampled-inverse.ts';
import { factorIn, type Solve } from '../linalg/cholesky.ts';
import { jointCovariance, type SampleMoments } from '../linalg/covariance.ts';
import { heldMatrix, type HeldRows } from '../kernels/kernel-rows.ts';
import { addDiagonal } from '../linalg/lower-triangle.ts';
import { heldLogistic } from '../kernels/logistic-pass.ts';
import { columnVariances } from '../linalg/matrix.ts';
import { combineHeld } from '../kernels/row-products.ts';
import { sparseFeatures, type SparseRows } from './sparse-features.ts';
import { addScaled, scale, subtract, sumOf } from '../linalg/vectors.ts';

/** A factor of [320, 320] costs as much as some 5 passes over 2,000 rows. */
const GRAM_DIMENSIONS = 320;

/** Margins grow by about one a step, and rows that are sure weigh nothing any more: what is nearly exact is soon outdated. */
const RENEWAL = { gram: 6, sample: 20 } as const;

/** What to fit to: activations, in ranges of the same held rows, or bags of words. */
export type Inputs = HeldRows | readonly HeldRows[] | SparseRows;

/**
 * Runs `work` with the features of the inputs.
 * @param moments of each range, where they are known
 */
export function withFeatures<T>(
  inputs: Inputs,
  moments: readonly SampleMoments[] | null,
  work: (features: Features) => T,
): T {
  if ('starts' in inputs) return work(sparseFeatures(inputs));
  const parts = [inputs].flat() as readonly HeldRows[];
  const [first] = parts as readonly [HeldRows];
  return first.kernels.scoped(() => work(heldFeatures(parts, moments)));
}

function heldFeatures(parts: readonly HeldRows[], moments: readonly SampleMoments[] | null): Features {
  const [{ kernels, columns, centre: origin }] = parts as readonly [HeldRows];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const means = new Float64Array(columns);
  for (const part of parts) addScaled(means, 1, combineHeld(part, new Float64Array(part.rows).fill(1 / rows)));
  const ones = new Float64Array(columns).fill(1);
  const uniformInverse = (total: number, ridge: number): Solve | null => {
    const fill = jointCovariance(moments ?? [], means.map((mean, i) => mean + (origin[i] as number)), total); // prettier-ignore
    if (moments === null || fill === null) return null;
    const solve = factorIn(kernels, columns, (lower, stride) => {
      fill(lower, stride);
      addDiagonal(lower, stride, ones, ridge);
    });
    return bordered(solve, new Float64Array(columns), total);
  };
  let variances: Float64Array | null = null;
  const weightedInverse = (weights: Float64Array, ridge: number): Solve => {
    if (columns <= GRAM_DIMENSIONS) return inverseOfColumns(parts, weights, means, ridge);
    variances ??= variancesOf(parts, means);
    return inverseOfSample(parts, { means, variances }, weights, ridge);
  };
  const approximateInverse = (weights: Float64Array | number, ridge: number): Solve => {
    if (typeof weights !== 'number') return weightedInverse(weights, ridge);
    return uniformInverse(weights * rows, ridge) ?? weightedInverse(new Float64Array(rows).fill(weights), ridge);
  };
  const renewal = columns <= GRAM_DIMENSIONS ? RENEWAL.gram : RENEWAL.sample;
  const logistic = (labels: Uint8Array): LogisticLoss => heldLogistic(parts, labels);
  return { rows, columns, origin, means, logistic, approximateInverse, renewal };
}

/** Mean squared deviations from the means [columns], over the rows of all parts. */
function variancesOf(parts: readonly HeldRows[], means: Float64Array): Float64Array {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const variances = new Float64Array(means.length);
  for (const part of parts) addScaled(variances, part.rows / rows, columnVariances(heldMatrix(part), means));
  return variances;
}

function inverseOfSample(
  parts: readonly HeldRows[],
  { means, variances }: { readonly means: Float64Array; readonly variances: Float64Array },
  weights: Float64Array,
  ridge: number,
): Solve {
  let passed = 0;
  const weighted = parts.map((rows) => {
    const from = passed;
    passed += rows.rows;
    return { rows, weights: weights.subarray(from, passed) };
  });
  const total = sumOf(weights);
  const centre = new Float64Array(means.length);
  for (const { rows, weights: ofPart } of weighted) addScaled(centre, 1 / total, combineHeld(rows, ofPart));
  const all = weighted.map((part) => ({ ...part, centre }));
  const ridges = new Float64Array(means.length).fill(ridge);
  return bordered(inverseOfSampledRows(all, scale(variances, total), ridges), subtract(centre, means), total);
}
