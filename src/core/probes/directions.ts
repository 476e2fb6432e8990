/** Difference-of-means directions, as in the study: d(c, l, k) = μ(harmful category k) − μ(safe). */
import { LabError } from '../errors.ts';
import { dot, norm, scale, subtract, type Vector } from '../linalg/vectors.ts';

/**
 * The direction from the safe to the harmful centroid, neither unit length nor whitened: λ = 1 moves a safe activation
 * by as much as the classes are apart.
 * @param harmful [hidden], centroid of one harm category or of all
 * @param safe [hidden], centroid of the safe prompts
 * @throws LabError `bad-request` when the dimensions differ
 */
export function meanDifference(harmful: Float64Array, safe: Float64Array): Float64Array {
  return subtract(harmful, safe);
}

/** Of the length of what it lies between: a shorter difference of float32 activations is their rounding. */
const LEAST_SHARE = 1e-6;

/** Whether the difference of two centroids is one, not the rounding of activations that are all the same, and finite. */
export function isDirection(direction: Vector, from: Vector, to: Vector): boolean {
  const length = norm(direction);
  return Number.isFinite(length) && length > 0 && length >= LEAST_SHARE * Math.max(norm(from), norm(to));
}

/**
 * @param said what the error names: `where` the activations were read, and `of` which prompts they are
 * @throws LabError `bad-request` where two classes have the same mean activation, or it is not finite
 */
export function checkDirection(
  direction: Vector,
  from: Vector,
  to: Vector,
  said: { readonly where: string; readonly of: string },
): void {
  if (isDirection(direction, from, to)) return;
  const length = norm(direction);
  const problem = Number.isFinite(length)
    ? `${said.where}: ${said.of} have the same mean activation, so the direction between them points nowhere.`
    : `${said.where}: the mean activation of ${said.of} is not finite.`;
  const nextStep = Number.isFinite(length)
    ? 'Use prompts of two different classes, and a checkpoint that tells them apart.'
    : 'A weight may be damaged: fetch the checkpoint again.';
  throw new LabError('bad-request', problem, nextStep);
}

/** The direction with length 1. @throws LabError `bad-request` when it has no length, or holds NaN or infinity */
export function unit(direction: Vector): Float64Array {
  return scale(direction, 1 / usableNorm(direction));
}

/** The probe score a·d/‖d‖, in the units of the residual stream. @throws LabError as `unit` */
export function projection(activation: Vector, direction: Vector): number {
  return dot(activation, direction) / usableNorm(direction);
}

function usableNorm(direction: Vector): number {
  const length = norm(direction);
  if (length > 0 && Number.isFinite(length)) return length;
  throw new LabError(
    'bad-request',
    `a direction of norm ${length} points nowhere`,
    'Use a direction between two different classes, without NaN.',
  );
}
