import type { Vector } from '../linalg/vectors.ts';

/** log Σ exp(logits). −Infinity when nothing has any mass, NaN when a logit is. */
export function logSumExp(logits: Vector): number {
  const largest = maximum(logits);
  return largest === -Infinity ? -Infinity : largest + logMass(logits, largest);
}

/** Natural logarithms of the probabilities [vocab], in float64. A logit of −Infinity is a probability of zero. */
export function logSoftmax(logits: Vector): Float64Array {
  const largest = maximum(logits);
  const mass = logMass(logits, largest);
  return Float64Array.from(logits, (logit) => logit - largest - mass); // in this order: large logits cancel exactly
}

/** Probabilities [vocab], in float64. */
export function softmax(logits: Vector): Float64Array {
  return logSoftmax(logits).map(Math.exp);
}

/** log Σ exp(logits − largest), which neither overflows nor vanishes. */
function logMass(logits: Vector, largest: number): number {
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return Math.log(sum);
}

function maximum(logits: Vector): number {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit); // NaN once is NaN for good
  return largest;
}
