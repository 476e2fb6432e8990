/**
 * Approximate inverses of A = Σ w (x − centre) (x − centre)ᵀ + ridge · I over the rows x, the curvature of a linear model. From a
 * sample of the rows, so that they cost far less than the passes over all rows that they save.
 */
import { lowerOf, type Solve } from './cholesky.ts';
import { gramOfRows } from './gram.ts';
import type { HeldProducts } from './matrix-products.ts';
import type { Matrix } from './matrix.ts';
import { sampleByWeight } from './sample-by-weight.ts';

const ROWS_A_COLUMN = 3; // sampled where the columns are few

/**
 * For few columns: A of a sample is held whole and factored.
 * @param weights [rows], of the rows that are held
 */
export function inverseOfColumns(
  weights: Float64Array,
  centre: Float64Array,
  ridge: number,
  { gram, factor }: HeldProducts,
): Solve {
  const columns = centre.length;
  const sample = sampleByWeight(weights, ROWS_A_COLUMN * columns);
  const curvature = gram(sample.places, centre, sample.weights.map(Math.sqrt));
  for (let i = 0; i < columns; i++) curvature[i * (columns + 1)] = (curvature[i * (columns + 1)] as number) + ridge;
  return factor(columns, lowerOf(curvature, columns));
}

const SAMPLED_ROWS = 256; // in all
const DIAGONAL_SHARE = 0.25; // that A of the sample is drawn towards its diagonal: the sample spans only so many dimensions

/** Rows [rows, columns] that are seen from a point, with a weight each. */
export interface WeightedRows {
  readonly matrix: Matrix;
  readonly centre: Float64Array; // [columns]
  readonly weights: Float64Array; // [rows]
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
  parts: readonly WeightedRows[],
  diagonal: Float64Array,
  ridge: Float64Array,
  { beside, factor }: HeldProducts,
): Solve {
  const sample = sampleOf(parts);
  const base = diagonal.map((value, i) => 1 / (DIAGONAL_SHARE * value + (ridge[i] as number) || 1)); // 1: a column that never varies
  const gram = gramOfRows(sample, new Float64Array(sample.columns), base.map(Math.sqrt));
  for (let i = 0; i < sample.rows; i++) gram[i * sample.rows + i] = (gram[i * sample.rows + i] as number) + 1;
  const solve = factor(sample.rows, lowerOf(gram, sample.rows));
  const { multiply, combine } = beside(sample);
  return (b, x = new Float64Array(base.length)) => {
    for (let i = 0; i < x.length; i++) x[i] = (base[i] as number) * (b[i] as number);
    const within = combine(solve(multiply(x)));
    for (let i = 0; i < x.length; i++) x[i] = (x[i] as number) - (base[i] as number) * (within[i] as number);
    return x;
  };
}

/** A few rows of each part, centred and times the roots of their weights. */
function sampleOf(parts: readonly WeightedRows[]): Matrix {
  const all = parts.reduce((sum, { matrix }) => sum + matrix.rows, 0);
  const columns = parts[0]?.matrix.columns ?? 0;
  const samples = parts.map((part) => ({
    ...part,
    ...sampleByWeight(part.weights, Math.ceil((SAMPLED_ROWS * part.matrix.rows) / all)),
  }));
  const rows = samples.reduce((sum, { places }) => sum + places.length, 0);
  const values = new Float32Array(rows * columns);
  let at = 0;
  for (const { matrix, centre, places, weights } of samples) {
    for (const [index, row] of places.entries()) {
      const factor = Math.sqrt((1 - DIAGONAL_SHARE) * (weights[index] as number));
      const start = row * columns;
      for (let i = 0; i < columns; i++) {
        values[at++] = factor * ((matrix.values[start + i] as number) - (centre[i] as number));
      }
    }
  }
  return { values, rows, columns };
}
