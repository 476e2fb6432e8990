/** Position and spread of the classes of the training prompts. */
import { matrixOf } from '../../../core/linalg/matrix.ts';
import { rowSquares } from '../../../core/kernels/row-products.ts';
import { cosineMatrix, harmCoordinates, spreadOfSquares } from '../../../core/probes/class-spread.ts';
import { norm } from '../../../core/linalg/vectors.ts';
import { GENERAL, NEGATIVE, type ClassGeometry, type DirectionGeometry } from '../../../formats/study/study-results.ts';
import type { TrainingClasses } from './training-classes.ts';

/** The geometry of `negative` and of each direction's class. Harm score and deviation are those of the centroid, with the negative centroid as origin. */
export function classGeometry(training: TrainingClasses, names: readonly string[]): ClassGeometry[] {
  const general = training.direction(GENERAL);
  return [NEGATIVE, ...names].map((name) => {
    const rows = training.of(name);
    const centroid = training.centroid(name);
    const { variance, meanDistance, centroidNorm } = spreadOfSquares(rowSquares(rows, centroid), centroid);
    const place = harmCoordinates(matrixOf(centroid, centroid.length), training.centroid(NEGATIVE), general);
    const [score = 0, deviation = 0] = [place.harmScores[0], place.deviations[0]];
    return { name, count: rows.rows, centroidNorm, variance, meanDistance, score, deviation };
  });
}

export function directionGeometry(
  training: TrainingClasses,
  names: readonly string[],
): { readonly directions: DirectionGeometry[]; readonly cosines: number[][] } {
  return {
    directions: names.map((name) => ({ name, norm: norm(training.direction(name)) })),
    cosines: cosineMatrix(orZeros(names.map((name) => training.usableDirection(name)))),
  };
}

/** Directions, with zeros for those of length 0, which have no cosine. */
export function orZeros(directions: readonly (Float64Array | null)[]): Float64Array[] {
  const hidden = directions.find((direction) => direction !== null)?.length ?? 0;
  return directions.map((direction) => direction ?? new Float64Array(hidden));
}
