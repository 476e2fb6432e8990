/** Where the classes of the training prompts lie, and how far they spread. */
import type { Matrix } from '../../core/matrix.ts';
import { cosine, dot, norm, subtract } from '../../core/vectors.ts';
import { GENERAL, NEGATIVE, type ClassGeometry, type DirectionGeometry } from '../../formats/study-results.ts';
import type { TrainingClasses } from './probes.ts';

/** `negative`, then each direction's class. Harm score and deviation are of the centroid, with the negative one at the origin. */
export function classGeometry(training: TrainingClasses, names: readonly string[]): ClassGeometry[] {
  const general = training.direction(GENERAL);
  const length = norm(general);
  return [NEGATIVE, ...names].map((name) => {
    const rows = training.of(name);
    const centroid = training.centroid(name);
    const offset = subtract(centroid, training.centroid(NEGATIVE));
    const score = length === 0 ? 0 : dot(offset, general) / length;
    return {
      name,
      count: rows.rows,
      centroidNorm: norm(centroid),
      ...spread(rows, centroid),
      score,
      deviation: Math.sqrt(Math.max(0, dot(offset, offset) - score * score)),
    };
  });
}

export function directionGeometry(
  training: TrainingClasses,
  names: readonly string[],
): { readonly directions: DirectionGeometry[]; readonly cosines: number[][] } {
  const vectors = names.map((name) => training.direction(name));
  return {
    directions: names.map((name, index) => ({ name, norm: norm(vectors[index] ?? new Float64Array()) })),
    cosines: vectors.map((a) => vectors.map((b) => cosine(a, b))),
  };
}

function spread({ values, rows, columns }: Matrix, centroid: Float64Array): { variance: number; meanDistance: number } {
  let squares = 0;
  let distances = 0;
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (let i = 0; i < columns; i++) square += ((values[row * columns + i] as number) - (centroid[i] as number)) ** 2;
    squares += square;
    distances += Math.sqrt(square);
  }
  return { variance: squares / rows, meanDistance: distances / rows };
}
