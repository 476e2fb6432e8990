/** Matrices of activations: a row for each prompt, a column for each dimension. */
import { LabError } from '../errors.ts';
import { firstNotFinite, norm, type Vector } from './vectors.ts';

export interface Matrix {
  readonly values: Vector; // [rows, columns], row-major
  readonly rows: number;
  readonly columns: number;
}

/**
 * Values as a matrix, not copied.
 * @throws LabError `bad-request` when there is no whole row, or a value is NaN or infinite
 */
export function matrixOf(values: Vector, columns: number): Matrix {
  const rows = values.length / columns;
  if (!Number.isInteger(rows) || rows < 1) {
    throw new LabError(
      'bad-request',
      `${values.length} values are no matrix of ${columns} columns`,
      'Give one whole row for each prompt.',
    );
  }
  const at = firstNotFinite(values);
  if (at >= 0) {
    throw new LabError(
      'bad-request',
      `row ${Math.floor(at / columns)} is ${values[at]} at column ${at % columns}`,
      'Check the model and its precision: an overflow in float16 looks like this.',
    );
  }
  return { values, rows, columns };
}

/** Vectors of one length as the rows of a matrix, in float64. @throws LabError as `matrixOf`, or when lengths differ */
export function stackRows(vectors: readonly Vector[]): Matrix {
  const columns = vectors[0]?.length ?? 0;
  const values = new Float64Array(vectors.length * columns);
  for (const [i, vector] of vectors.entries()) {
    if (vector.length !== columns) {
      throw new LabError(
        'bad-request',
        `vector ${i} has ${vector.length} dimensions, the first ${columns}`,
        'Use vectors of the same model and site.',
      );
    }
    values.set(vector, i * columns);
  }
  return matrixOf(values, columns);
}

/** One row [columns], not copied. */
export function rowOf({ values, columns }: Matrix, row: number): Vector {
  return values.subarray(row * columns, (row + 1) * columns);
}

/** Some rows of a matrix, copied, in float32: those that follow each other at once. */
export function takeRows({ values, columns }: Matrix, rows: Uint32Array): Matrix {
  const taken = new Float32Array(rows.length * columns);
  for (let place = 0, end = 0; place < rows.length; place = end) {
    const first = rows[place] as number;
    for (end = place + 1; rows[end] === first + end - place;) end++;
    taken.set(values.subarray(first * columns, (first + end - place) * columns), place * columns);
  }
  return { values: taken, rows: rows.length, columns };
}

/** The means of the columns [columns]: the centroid of the rows. */
export function columnMeans(matrix: Matrix): Float64Array {
  const sums = weightedRowSum(matrix, new Float64Array(matrix.rows).fill(1));
  return sums.map((sum) => sum / matrix.rows);
}

/** Mean squared deviations of the columns from `means` [columns], divided by the rows, not one less. */
export function columnVariances({ values, rows, columns }: Matrix, means: Float64Array): Float64Array {
  const sums = new Float64Array(columns);
  for (let start = 0; start < values.length; start += columns) {
    for (let i = 0; i < columns; i++) {
      const deviation = (values[start + i] as number) - (means[i] as number);
      sums[i] = (sums[i] as number) + deviation * deviation;
    }
  }
  return sums.map((sum) => sum / rows);
}

/**
 * Probe scores row · d/‖d‖ [rows], as `projection` gives them one by one.
 * @param direction [columns]
 * @throws LabError `bad-request` when the dimensions differ or the direction points nowhere
 */
export function projections(matrix: Matrix, direction: Vector): Float64Array {
  checkColumns(matrix, direction);
  const length = norm(direction);
  if (!(length > 0 && Number.isFinite(length))) {
    throw new LabError(
      'bad-request',
      `a direction of norm ${length} points nowhere`,
      'Use a direction between two different classes, without NaN.',
    );
  }
  return rowProducts(matrix, direction).map((score) => score / length);
}

/** row · vector [rows]. Four rows at a time, so that the additions need not wait for each other. */
export function rowProducts(matrix: Matrix, vector: Vector): Float64Array {
  checkColumns(matrix, vector);
  const { values, rows, columns } = matrix;
  const products = new Float64Array(rows);
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    const a = row * columns;
    const b = a + columns;
    const c = b + columns;
    const d = c + columns;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let i = 0; i < columns; i++) {
      const factor = vector[i] as number;
      s0 += (values[a + i] as number) * factor;
      s1 += (values[b + i] as number) * factor;
      s2 += (values[c + i] as number) * factor;
      s3 += (values[d + i] as number) * factor;
    }
    products[row] = s0;
    products[row + 1] = s1;
    products[row + 2] = s2;
    products[row + 3] = s3;
  }
  for (; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += (values[row * columns + i] as number) * (vector[i] as number);
    products[row] = sum;
  }
  return products;
}

/** Σ factors[row] · row, [columns]. */
export function weightedRowSum({ values, rows, columns }: Matrix, factors: Vector): Float64Array {
  const sum = new Float64Array(columns);
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    const a = row * columns;
    const b = a + columns;
    const c = b + columns;
    const d = c + columns;
    const f0 = factors[row] as number;
    const f1 = factors[row + 1] as number;
    const f2 = factors[row + 2] as number;
    const f3 = factors[row + 3] as number;
    for (let i = 0; i < columns; i++) {
      sum[i] =
        (sum[i] as number) +
        (f0 * (values[a + i] as number) + f1 * (values[b + i] as number)) +
        (f2 * (values[c + i] as number) + f3 * (values[d + i] as number));
    }
  }
  for (; row < rows; row++) {
    const factor = factors[row] as number;
    for (let i = 0; i < columns; i++) {
      sum[i] = (sum[i] as number) + factor * (values[row * columns + i] as number);
    }
  }
  return sum;
}

function checkColumns({ columns }: Matrix, vector: Vector): void {
  if (vector.length === columns) return;
  throw new LabError(
    'bad-request',
    `a vector of ${vector.length} dimensions for rows of ${columns}`,
    'Use vectors of the same model and site.',
  );
}
