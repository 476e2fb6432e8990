/** Minimises a smooth convex function by preconditioned limited-memory BFGS (Nocedal 1980; Nocedal and Wright 2006, section 7.2). */
import type { Solve } from './cholesky.ts';
import { addScaled, dot } from './vectors.ts';

export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface Objective {
  readonly evaluate: (point: Float64Array) => Evaluation;
  /** About the inverse of the Hessian at the point that was evaluated last. */
  readonly approximateInverse: () => Solve;
}

export interface Minimisation {
  readonly tolerance: number; // on the largest component of the gradient
  readonly renewal: number; // steps after which the inverse is made anew, and what the steps told of the curvature forgotten
}

export interface Minimum {
  readonly point: Float64Array;
  readonly steps: number;
  readonly evaluations: number;
  readonly gradient: number; // its largest component
  readonly converged: boolean;
}

/** A step, and by how much the gradient changed over it. */
interface Secant {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly product: number; // of both
}

const MEMORY = 20; // secants
const MAX_STEPS = 1000;
const SMALLEST_STEP = 2 ** -30; // of the line search: below, rounding decides
const DECREASE = 1e-4; // share of what the slope promises
const ROUNDING = 1e-12; // of the value

export function minimise(
  { evaluate, approximateInverse }: Objective,
  start: Float64Array,
  { tolerance, renewal }: Minimisation,
): Minimum {
  let point = start;
  let now = evaluate(point);
  let evaluations = 1;
  let solve = approximateInverse();
  let secants: Secant[] = [];
  let age = 0; // of the inverse
  for (let steps = 0; ; steps++) {
    const gradient = now.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const converged = gradient <= tolerance;
    if (converged || steps === MAX_STEPS) return { point, steps, evaluations, gradient, converged };
    if (age++ === renewal) [solve, secants, age] = [approximateInverse(), [], 1];
    const descent = descentOf(now.gradient, secants, solve);
    const slope = -dot(descent, now.gradient);
    let size = 1;
    for (; ; size /= 2) {
      if (size < SMALLEST_STEP) return { point, steps, evaluations, gradient, converged: false };
      const step = descent.map((value) => -size * value);
      const tried = point.map((value, i) => value + (step[i] as number));
      const there = evaluate(tried);
      evaluations++;
      if (!isLower(now, there, size * slope, dot(step, there.gradient))) continue;
      const change = there.gradient.map((value, i) => value - (now.gradient[i] as number));
      const product = dot(step, change);
      if (product > 0) secants = [...secants, { step, change, product }].slice(-MEMORY); // else rounding: the function is convex
      [point, now] = [tried, there];
      break;
    }
  }
}

/**
 * Armijo's condition; where the values differ by no more than rounding, the slope has to be less steep instead (Hager and Zhang 2005).
 * @param slope along the whole step where it begins
 * @param slopeThere where it ends
 */
function isLower(before: Evaluation, there: Evaluation, slope: number, slopeThere: number): boolean {
  const change = there.value - before.value;
  return change <= DECREASE * slope || (change <= ROUNDING * Math.abs(before.value) && Math.abs(slopeThere) < -slope);
}

/** The inverse Hessian, as the secants correct it, times the gradient: two loops over them. */
function descentOf(gradient: Float64Array, secants: readonly Secant[], solve: Solve): Float64Array {
  const rest = gradient.slice();
  const shares = new Float64Array(secants.length);
  for (const [place, { step, change, product }] of [...secants.entries()].reverse()) {
    const share = dot(step, rest) / product;
    shares[place] = share;
    addScaled(rest, -share, change);
  }
  const descent = solve(rest);
  const last = secants.at(-1);
  if (last !== undefined) {
    const scale = last.product / dot(last.change, solve(last.change)); // the curvature has changed since the inverse was made
    for (let i = 0; i < descent.length; i++) descent[i] = scale * (descent[i] as number);
  }
  for (const [place, { step, change, product }] of secants.entries()) {
    addScaled(descent, (shares[place] as number) - dot(change, descent) / product, step);
  }
  return descent;
}
