/**
 * Approximate inverses of A = Σ w (x − centre) (x − centre)ᵀ + ridge · I over the rows x, the curvature of a linear model. From a
 * sample of the rows, so that they cost far less than the passes over all rows that they save.
 */
import type { Solve } from './cholesky.ts';
import { gramOfColumns, gramOfRows } from './gram.ts';
import type { HeldProducts } from './matrix-products.ts';
import { takeRows, type Matrix } from './matrix.ts';
import { sampleByWeight } from './sample-by-weight.ts';

/** Rows [rows, columns] with a weight each. */
export interface WeightedRows {
  readonly matrix: Matrix;
  readonly weights: Float64Array; // [rows]
}

const ROWS_A_COLUMN = 3; // sampled where the columns are few

/** Some of the rows, with the weights of all: as many as a matrix of the columns can be told from. */
export function sampleForColumns({ matrix, weights }: WeightedRows): WeightedRows {
  return sampled({ matrix, weights }, ROWS_A_COLUMN * matrix.columns);
}

/** For few columns: A is held whole and factored. */
export function inverseOfColumns(
  { matrix, weights }: WeightedRows,
  centre: Float64Array,
  ridge: number,
  { factor }: HeldProducts,
): Solve {
  const { columns } = matrix;
  const gram = gramOfColumns(matrix, centre, weights.map(Math.sqrt));
  for (let i = 0; i < columns; i++) gram[i * columns + i] = (gram[i * columns + i] as number) + ridge;
  return factor(gram, columns);
}

const SAMPLED_ROWS = 256; // in all
const DIAGONAL_SHARE = 0.25; // that A of the sample is drawn towards its diagonal: the sample spans only so many dimensions

/** Rows that are seen from a point of their own. */
export interface CentredRows extends WeightedRows {
  readonly centre: Float64Array; // [columns]
}

/**
 * For many columns: A of a few rows, drawn towards its diagonal, is inverted by Woodbury's identity, of which only a matrix of the
 * sampled rows is factored.
 * @param parts such as two classes
 * @param diagonal of A without the ridge [columns]
 * @param ridge [columns]
 * @param held where what the inverse needs is held
 */
export function inverseOfSampledRows(
  parts: readonly CentredRows[],
  diagonal: Float64Array,
  ridge: Float64Array,
  { beside, factor }: HeldProducts,
): Solve {
  const sample = sampleOf(parts);
  const base = diagonal.map((value, i) => 1 / (DIAGONAL_SHARE * value + (ridge[i] as number) || 1)); // 1: a column that never varies
  const gram = gramOfRows(sample, new Float64Array(sample.columns), base.map(Math.sqrt));
  for (let i = 0; i < sample.rows; i++) gram[i * sample.rows + i] = (gram[i * sample.rows + i] as number) + 1;
  const solve = factor(gram, sample.rows);
  const { multiply, combine } = beside(sample);
  return (b) => {
    const scaled = base.map((value, i) => value * (b[i] as number));
    const within = combine(solve(multiply(scaled)));
    return scaled.map((value, i) => value - (base[i] as number) * (within[i] as number));
  };
}

/** A few rows of each part, centred and times the roots of their weights. */
function sampleOf(parts: readonly CentredRows[]): Matrix {
  const all = parts.reduce((sum, { matrix }) => sum + matrix.rows, 0);
  const samples = parts.map((part) => ({
    ...sampled(part, Math.ceil((SAMPLED_ROWS * part.matrix.rows) / all)),
    centre: part.centre,
  }));
  const rows = samples.reduce((sum, { matrix }) => sum + matrix.rows, 0);
  const columns = parts[0]?.matrix.columns ?? 0;
  const values = new Float32Array(rows * columns);
  let at = 0;
  for (const { matrix, weights, centre } of samples) {
    for (let row = 0; row < matrix.rows; row++) {
      const factor = Math.sqrt((1 - DIAGONAL_SHARE) * (weights[row] as number));
      const start = row * columns;
      for (let i = 0; i < columns; i++) {
        values[at++] = factor * ((matrix.values[start + i] as number) - (centre[i] as number));
      }
    }
  }
  return { values, rows, columns };
}

function sampled({ matrix, weights }: WeightedRows, count: number): WeightedRows {
  if (count >= matrix.rows) return { matrix, weights };
  const { places, weights: taken } = sampleByWeight(weights, count);
  return { matrix: takeRows(matrix, places), weights: taken };
}
