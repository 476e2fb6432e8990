/**
 * Approximate inverses of A = (X − means)ᵀ diag(w) (X − means) + ridge · I, the curvature of a linear model: what conjugate gradients
 * are preconditioned by. From a sample of the rows, so that they cost far less than the products that they save.
 */
import type { Solve } from './cholesky.ts';
import { gramOfColumns, gramOfRows } from './gram.ts';
import type { HeldProducts } from './matrix-products.ts';
import type { Matrix } from './matrix.ts';

/** Rows [rows, columns] with the point that they are seen from and a weight each. */
export interface WeightedRows {
  readonly matrix: Matrix;
  readonly means: Float64Array; // [columns]
  readonly weights: Float64Array; // [rows]
}

const ROWS_A_COLUMN = 4; // sampled where the columns are few

/** For few columns: A of every so many rows is held whole and factored. */
export function inverseOfSampledColumns(
  { matrix, means, weights }: WeightedRows,
  ridge: number,
  { factor }: HeldProducts,
): Solve {
  const { rows, columns } = matrix;
  const stride = Math.max(1, Math.floor(rows / (ROWS_A_COLUMN * columns)));
  const gram = gramOfColumns(matrix, means, weights.map(Math.sqrt), stride);
  for (let i = 0; i < gram.length; i++) gram[i] = (gram[i] as number) * stride;
  for (let i = 0; i < columns; i++) gram[i * columns + i] = (gram[i * columns + i] as number) + ridge;
  return factor(gram, columns);
}

const SAMPLED_ROWS = 256; // in all
const DIAGONAL_SHARE = 0.25; // that A of the sample is drawn towards its diagonal: the sample spans only so many dimensions

/**
 * For many columns: A of a few rows, drawn towards its diagonal, is inverted by Woodbury's identity, of which only a matrix of the
 * sampled rows is factored.
 * @param parts such as two classes with means of their own
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
  const solve = factor(gram, sample.rows);
  const { multiply, combine } = beside(sample);
  return (b) => {
    const scaled = base.map((value, i) => value * (b[i] as number));
    const within = combine(solve(multiply(scaled)));
    return scaled.map((value, i) => value - (base[i] as number) * (within[i] as number));
  };
}

/** Every so many rows, centred, each with the weight of those that it stands for. */
function sampleOf(parts: readonly WeightedRows[]): Matrix {
  const all = parts.reduce((sum, { matrix }) => sum + matrix.rows, 0);
  const stride = Math.max(1, Math.ceil(all / SAMPLED_ROWS));
  const columns = parts[0]?.matrix.columns ?? 0;
  const rows = parts.reduce((sum, { matrix }) => sum + Math.ceil(matrix.rows / stride), 0);
  const values = new Float32Array(rows * columns);
  let at = 0;
  for (const { matrix, means, weights } of parts) {
    for (let row = 0; row < matrix.rows; row += stride) {
      const factor = Math.sqrt((1 - DIAGONAL_SHARE) * stride * (weights[row] as number));
      const start = row * columns;
      for (let i = 0; i < columns; i++) {
        values[at++] = factor * ((matrix.values[start + i] as number) - (means[i] as number));
      }
    }
  }
  return { values, rows, columns };
}
