import type { Vector } from './vectors.ts';

/** A symmetric positive definite system A x = b, of which only the products with vectors are known. */
interface SymmetricSystem {
  readonly multiply: (vector: Float64Array) => Float64Array; // A v
  readonly precondition: (vector: Float64Array) => Float64Array; // an approximation of A⁻¹ v
}

export interface Solution {
  readonly x: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Preconditioned conjugate gradients (Hestenes and Stiefel 1952) from x = 0: as many products as needed, no matrix. Stopped early, x is
 * still a direction of descent for ½ xᵀAx − bᵀx.
 * @param tolerance on ‖b − A x‖ / ‖b‖
 */
function conjugateGradient(
  { multiply, precondition }: SymmetricSystem,
  b: Vector,
  tolerance: number,
  maxIterations: number,
): Solution {
  const x = new Float64Array(b.length);
  const residual = Float64Array.from(b);
  let z = precondition(residual);
  const direction = z.slice();
  let descent = product(residual, z);
  const goal = tolerance * Math.sqrt(product(residual, residual));
  let iterations = 0;
  while (Math.sqrt(product(residual, residual)) > goal) {
    if (iterations === maxIterations) return { x, iterations, converged: false };
    const image = multiply(direction);
    const step = descent / product(direction, image);
    for (let i = 0; i < x.length; i++) {
      x[i] = (x[i] as number) + step * (direction[i] as number);
      residual[i] = (residual[i] as number) - step * (image[i] as number);
    }
    z = precondition(residual);
    const next = product(residual, z);
    for (let i = 0; i < x.length; i++) direction[i] = (z[i] as number) + (next / descent) * (direction[i] as number);
    descent = next;
    iterations++;
  }
  return { x, iterations, converged: true };
}

/** A system with products that are a little off, and cost less. */
export interface RefinedSystem extends SymmetricSystem {
  readonly coarseMultiply: (vector: Float64Array) => Float64Array;
}

const COARSE_TOLERANCE = 1e-6; // of a round: products in float32 go no further for sure

/**
 * The same with coarse products for most of the way: each round solves for what is left, by an exact product, of the one before
 * (iterative refinement, Wilkinson 1963). Where a round leaves more than half, the rest is solved with exact products.
 * @param maxIterations of each round
 */
export function refinedConjugateGradient(
  { multiply, coarseMultiply, precondition }: RefinedSystem,
  b: Vector,
  tolerance: number,
  maxIterations: number,
): Solution {
  const x = new Float64Array(b.length);
  const size = Math.sqrt(product(Float64Array.from(b), Float64Array.from(b)));
  let rest = Float64Array.from(b);
  let left = 1; // ‖rest‖ / ‖b‖
  let iterations = 0;
  const round = (by: SymmetricSystem['multiply'], least: number): boolean => {
    const goal = Math.max(least, tolerance / (2 * left));
    const step = conjugateGradient({ multiply: by, precondition }, rest, goal, maxIterations);
    iterations += step.iterations;
    if (!step.x.every(Number.isFinite)) return false; // beyond what float32 can hold
    for (let i = 0; i < x.length; i++) x[i] = (x[i] as number) + (step.x[i] as number);
    return step.converged;
  };
  while (left > tolerance) {
    const before = left;
    round(coarseMultiply, COARSE_TOLERANCE);
    const image = multiply(x);
    rest = rest.map((_, i) => (b[i] as number) - (image[i] as number));
    left = Math.sqrt(product(rest, rest)) / size;
    if (!(left <= before / 2)) return { x, converged: round(multiply, 0), iterations };
  }
  return { x, iterations, converged: true };
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
