/** How a class of activations lies around its centroid and along a direction. */
import { unit } from './directions.ts';
import { LabError } from '../errors.ts';
import { withRows } from '../kernels/kernel-rows.ts';
import type { Matrix } from '../linalg/matrix.ts';
import { rowSquares } from '../kernels/row-products.ts';
import { dot, norm, subtract, type Vector } from '../linalg/vectors.ts';

export interface Spread {
  readonly variance: number; // mean squared distance to the centroid: the sum over dimensions
  readonly variancePerDimension: number;
  readonly meanDistance: number; // mean L2 distance to the centroid
  readonly centroidNorm: number;
}

/**
 * @param rows [prompts, hidden] of one class
 * @param centroid [hidden], mostly their own
 * @throws LabError `bad-request` when the dimensions differ
 */
export function spreadAround(rows: Matrix, centroid: Float64Array): Spread {
  checkDimensions(rows.columns, centroid);
  return spreadOfSquares(
    withRows(rows, (held) => rowSquares(held, centroid)),
    centroid,
  );
}

/** @param squares squared distances of the rows to the centroid [prompts] */
export function spreadOfSquares(squares: Float64Array, centroid: Float64Array): Spread {
  const variance = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  return {
    variance,
    variancePerDimension: variance / centroid.length,
    meanDistance: squares.reduce((sum, square) => sum + Math.sqrt(square), 0) / squares.length,
    centroidNorm: norm(centroid),
  };
}

/** ‖μ − μ′‖ between the centroids of two checkpoints. @throws LabError `bad-request` when the dimensions differ */
export function drift(centroid: Vector, other: Vector): number {
  return norm(subtract(centroid, other));
}

/** Where each prompt lies on the map with the safe centroid at the origin. */
export interface HarmCoordinates {
  readonly harmScores: Float64Array; // [rows], (a − μ_safe) · d/‖d‖
  readonly deviations: Float64Array; // [rows], distance from the line through μ_safe along d
}

/**
 * @param rows [prompts, hidden]
 * @param origin [hidden], the safe centroid
 * @param direction [hidden], mostly the general direction
 * @throws LabError `bad-request` when the dimensions differ or the direction points nowhere
 */
export function harmCoordinates({ values, rows, columns }: Matrix, origin: Vector, direction: Vector): HarmCoordinates {
  checkDimensions(columns, origin);
  checkDimensions(columns, direction);
  const along = unit(direction);
  const harmScores = new Float64Array(rows);
  const deviations = new Float64Array(rows);
  const offset = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    let score = 0;
    for (let i = 0; i < columns; i++) {
      const value = (values[row * columns + i] as number) - (origin[i] as number);
      offset[i] = value;
      score += value * (along[i] as number);
    }
    let square = 0; // of the rest itself: ‖a‖² − score² would cancel near the line
    for (let i = 0; i < columns; i++) square += ((offset[i] as number) - score * (along[i] as number)) ** 2;
    harmScores[row] = score;
    deviations[row] = Math.sqrt(square);
  }
  return { harmScores, deviations };
}

/**
 * Cosines of all directions with each other [count][count], exactly symmetric, with ones on the diagonal. A direction of zeros has
 * no angle: NaN, which a chart leaves out.
 * @throws LabError `bad-request` when the dimensions differ
 */
export function cosineMatrix(directions: readonly Vector[]): number[][] {
  const count = directions.length;
  const norms = directions.map(norm);
  const cosines = Array.from({ length: count }, () => new Array<number>(count));
  for (const [i, first] of directions.entries()) {
    for (const [j, second] of directions.slice(0, i + 1).entries()) {
      const lengths = (norms[i] as number) * (norms[j] as number);
      const value = lengths === 0 ? NaN : i === j ? 1 : Math.min(1, Math.max(-1, dot(first, second) / lengths));
      (cosines[i] as number[])[j] = value;
      (cosines[j] as number[])[i] = value;
    }
  }
  return cosines;
}

function checkDimensions(columns: number, vector: Vector): void {
  if (vector.length === columns) return;
  throw new LabError(
    'bad-request',
    `a vector of ${vector.length} dimensions for rows of ${columns}`,
    'Use vectors of the same model and site.',
  );
}
