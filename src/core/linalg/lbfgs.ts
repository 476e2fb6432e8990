/**
 * Minimises a smooth convex function by preconditioned limited-memory BFGS (Nocedal 1980; Nocedal and Wright 2006, section 7.2). Vectors
 * are filled in place: a study makes some hundred thousand steps, and each new one would have to be collected.
 */
import type { Solve } from './cholesky.ts';
import { addScaled, dot, largestMagnitude } from './vectors.ts';

export interface Objective {
  /** The value at a point; fills its gradient. */
  readonly evaluate: (point: Float64Array, gradient: Float64Array) => number;
  /** About the inverse of the Hessian at the point that was evaluated last. */
  readonly approximateInverse: () => Solve;
}

export interface Minimisation {
  readonly tolerance: number; // on the largest component of the gradient
  readonly renewal: number; // steps after which the inverse is made anew, and what the steps told of the curvature forgotten
  readonly rounding?: number; // of the value, relative: a smaller difference says nothing
  readonly mostSteps?: number;
  /** What the first step is tried with, where the curvature is known to be overrated at the start; the inverse is then made anew. */
  readonly firstSize?: number;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly steps: number;
  readonly evaluations: number;
  readonly gradient: number; // its largest component
  readonly converged: boolean;
}

const SMALLEST_STEP = 2 ** -30; // of the line search: below, rounding decides
const DECREASE = 1e-4; // share of what the slope promises

export function minimise(
  { evaluate, approximateInverse }: Objective,
  start: Float64Array,
  { tolerance, renewal, rounding = 1e-12, mostSteps = 1000, firstSize = 1 }: Minimisation,
): Minimum {
  const vector = (): Float64Array => new Float64Array(start.length);
  let [point, tried] = [vector(), vector()];
  point.set(start);
  let [gradient, gradientThere] = [vector(), vector()];
  const descent = vector();
  let kept: Secants | null = null; // where there is a step at all
  let value = evaluate(point, gradient);
  let evaluations = 1;
  let solve: Solve | null = null;
  let age = 0; // of the inverse
  for (let steps = 0; ; steps++) {
    const largest = largestMagnitude(gradient);
    const converged = largest <= tolerance;
    if (converged || steps === mostSteps) return { point, steps, evaluations, gradient: largest, converged };
    const secants: Secants = (kept ??= new Secants(start.length));
    if (solve === null || age === renewal) {
      solve = approximateInverse();
      secants.forget();
      age = 0;
    }
    age++;
    secants.descentOf(gradient, solve, descent);
    const slope = -dot(descent, gradient);
    const { step, change } = secants.next;
    const isLong = steps === 0 && firstSize > 1;
    if (isLong) age = renewal;
    for (let size = isLong ? firstSize : 1; ; size /= 2) {
      if (size < SMALLEST_STEP) return { point, steps, evaluations, gradient: largest, converged: false };
      step.fill(0);
      addScaled(step, -size, descent);
      tried.set(point);
      addScaled(tried, 1, step);
      const valueThere = evaluate(tried, gradientThere);
      evaluations++;
      if (!isLower(value, valueThere, size * slope, dot(step, gradientThere), rounding)) continue;
      change.set(gradientThere);
      addScaled(change, -1, gradient);
      secants.keepNext();
      [point, tried] = [tried, point];
      [gradient, gradientThere] = [gradientThere, gradient];
      value = valueThere;
      break;
    }
  }
}

/**
 * Armijo's condition; where the values differ by no more than rounding, the slope has to be less steep instead (Hager and Zhang 2005).
 * @param slope along the whole step where it begins
 * @param slopeThere where it ends
 */
function isLower(value: number, valueThere: number, slope: number, slopeThere: number, rounding: number): boolean {
  const change = valueThere - value;
  return change <= DECREASE * slope || (change <= rounding * Math.abs(value) && Math.abs(slopeThere) < -slope);
}

/** A step, and by how much the gradient changed over it. */
interface Secant {
  readonly step: Float64Array;
  readonly change: Float64Array;
  product: number; // of both
}

const MEMORY = 20; // secants

/** The last steps, which correct an approximate inverse of the Hessian. */
class Secants {
  readonly #ring: readonly Secant[];
  readonly #shares = new Float64Array(MEMORY);
  readonly #image: Float64Array;
  #first = 0; // of those that are kept
  #count = 0;

  constructor(size: number) {
    const room = new Float64Array((2 * MEMORY + 3) * size); // in one buffer: each has to be collected
    const vector = (index: number): Float64Array => room.subarray(index * size, (index + 1) * size);
    this.#ring = Array.from({ length: MEMORY + 1 }, (_, index) => ({
      step: vector(2 * index),
      change: vector(2 * index + 1),
      product: 0,
    }));
    this.#image = vector(2 * MEMORY + 2);
  }

  /** The next one, to be filled. */
  get next(): Secant {
    return this.#at(this.#count);
  }

  keepNext(): void {
    const { next } = this;
    next.product = dot(next.step, next.change);
    if (next.product <= 0) return; // rounding: the function is convex
    if (this.#count < MEMORY) this.#count++;
    else this.#first = (this.#first + 1) % this.#ring.length;
  }

  forget(): void {
    this.#count = 0;
  }

  /** The inverse times the gradient, as the secants correct it: two loops over them. */
  descentOf(gradient: Float64Array, solve: Solve, descent: Float64Array): void {
    const rest = this.#image;
    rest.set(gradient);
    for (let place = this.#count - 1; place >= 0; place--) {
      const { step, change, product } = this.#at(place);
      const share = dot(step, rest) / product;
      this.#shares[place] = share;
      addScaled(rest, -share, change);
    }
    solve(rest, descent);
    if (this.#count > 0) {
      const { change, product } = this.#at(this.#count - 1);
      const factor = product / dot(change, solve(change, this.#image)); // the curvature has changed since the inverse was made
      for (let i = 0; i < descent.length; i++) descent[i] = factor * (descent[i] as number);
    }
    for (let place = 0; place < this.#count; place++) {
      const { step, change, product } = this.#at(place);
      addScaled(descent, (this.#shares[place] as number) - dot(change, descent) / product, step);
    }
  }

  #at(place: number): Secant {
    return this.#ring[(this.#first + place) % this.#ring.length] as Secant;
  }
}
