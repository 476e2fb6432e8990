/** Linear algebra on single vectors. Inputs may be float32; every sum runs in float64. */
import { LabError } from '../errors.ts';

export type Vector = Float32Array | Float64Array; // [dimensions]

/** a·b. @throws LabError `bad-request` when the lengths differ */
export function dot(a: Vector, b: Vector): number {
  checkSameLength(a, b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i);
  return sum;
}

/** Σ aᵢ; 0 when empty. */
export function sumOf(a: Vector | Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] as number;
  return sum;
}

/** The index of the first value that is NaN or infinite; −1 where there is none. */
export function firstNotFinite(a: Vector): number {
  let check = 0; // NaN as soon as one value is not finite
  for (let i = 0; i < a.length; i++) check += at(a, i) * 0;
  return Number.isNaN(check) ? a.findIndex((value) => !Number.isFinite(value)) : -1;
}

/** ‖a‖₂. */
export function norm(a: Vector): number {
  return Math.sqrt(dot(a, a));
}

/** a·b / (‖a‖‖b‖), in [−1, 1]. @throws LabError `bad-request` for a zero vector, whose angle is undefined */
export function cosine(a: Vector, b: Vector): number {
  const lengths = norm(a) * norm(b);
  if (lengths === 0) {
    throw new LabError('bad-request', 'the cosine with a zero vector is undefined', 'Compare non-zero vectors.');
  }
  return Math.min(1, Math.max(-1, dot(a, b) / lengths)); // rounding can leave the interval by 1e-16
}

/** factor · a, as a new vector. */
export function scale(a: Vector, factor: number): Float64Array {
  const scaled = new Float64Array(a);
  for (let i = 0; i < scaled.length; i++) scaled[i] = at(scaled, i) * factor;
  return scaled;
}

/** target += factor · addend, in place. @throws LabError `bad-request` when the lengths differ */
export function addScaled(target: Vector, factor: number, addend: Vector): void {
  checkSameLength(target, addend);
  for (let i = 0; i < target.length; i++) target[i] = at(target, i) + factor * at(addend, i);
}

/** a − b, as a new vector. @throws LabError `bad-request` when the lengths differ */
export function subtract(a: Vector, b: Vector): Float64Array {
  checkSameLength(a, b);
  const difference = new Float64Array(a);
  for (let i = 0; i < difference.length; i++) difference[i] = at(difference, i) - at(b, i);
  return difference;
}

/**
 * ‖actual − expected‖ / ‖expected‖: the error measure of the parity tests. With an expected vector of zeros, 0 when
 * both are zero and Infinity otherwise; NaN anywhere gives NaN, which no tolerance accepts.
 */
export function relativeL2(actual: Vector, expected: Vector): number {
  const error = norm(subtract(actual, expected));
  return error === 0 ? 0 : error / norm(expected);
}

/** max |aᵢ|; 0 when empty. */
export function largestMagnitude(a: Vector): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(at(a, i)));
  return largest;
}

/** The index of the largest value, the lowest one of ties. −1 when empty or all NaN. */
export function argmax(values: Vector): number {
  let best = -1;
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    if (value > largest || (best < 0 && value === largest)) {
      largest = value;
      best = i;
    }
  }
  return best;
}

function checkSameLength(a: Vector, b: Vector): void {
  if (a.length !== b.length) {
    throw new LabError(
      'bad-request',
      `vectors of ${a.length} and ${b.length} dimensions`,
      'Use vectors of the same model and site.',
    );
  }
}

/** A typed array within its bounds always has a value; TypeScript cannot know the bounds. */
function at(vector: Vector, index: number): number {
  return vector[index] as number;
}
