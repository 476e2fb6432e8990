import { EigenvalueDecomposition, Matrix as Dense } from 'ml-matrix';
import { LabError } from '../errors.ts';
import { gramOfColumns, gramOfRows } from './gram.ts';
import { columnMeans, rowProducts, weightedRowSum, type Matrix } from './matrix.ts';
import { norm } from './vectors.ts';

export interface Pca {
  readonly mean: Float64Array; // [hidden]
  readonly components: readonly Float64Array[]; // unit vectors [hidden], orthogonal, by falling variance
  readonly scores: readonly Float64Array[]; // for each component the rows' coordinates [rows]
  readonly explainedVariance: Float64Array; // [components], divided by rows − 1
  readonly explainedVarianceRatio: Float64Array; // [components], share of the variance of all dimensions
}

/**
 * Principal components of the rows, such as centroids over training, by eigenvalues of the smaller of the two Gram matrices:
 * fast where rows or dimensions are a few hundred. The sign is that which makes a component's largest loading positive (as
 * scikit-learn's), so that a new checkpoint does not turn the picture.
 * @param count how many components at most; fewer come where there is no more variance
 * @throws LabError `bad-request` with fewer than two rows, or when all are the same
 */
export function pca(rows: Matrix, count: number): Pca {
  const mean = columnMeans(rows);
  const byRows = rows.rows <= rows.columns;
  const ones = new Float64Array(rows.columns).fill(1);
  const gram = byRows ? gramOfRows(rows, mean, ones) : gramOfColumns(rows, mean);
  const size = byRows ? rows.rows : rows.columns;
  const decomposition = new EigenvalueDecomposition(Dense.from1DArray(size, size, gram), { assumeSymmetric: true });
  const eigenvalues = Float64Array.from(decomposition.realEigenvalues, (value) => Math.max(0, value)); // ascending
  const total = eigenvalues.reduce((sum, value) => sum + value, 0);
  const largest = eigenvalues[size - 1] ?? 0;
  const negligible = 4 * size * Number.EPSILON * largest; // what rounding leaves of an eigenvalue of 0
  if (rows.rows < 2 || largest === 0) {
    throw new LabError(
      'bad-request',
      `principal components of ${rows.rows} rows without variance`,
      'Give at least two different vectors.',
    );
  }
  const found = Math.min(count, eigenvalues.filter((value) => value > negligible).length, rows.rows - 1);
  const order = Array.from({ length: found }, (_, i) => size - 1 - i);
  const vectors = decomposition.eigenvectorMatrix;
  const components = order.map((column) => {
    const vector = Float64Array.from(vectors.getColumn(column));
    return oriented(byRows ? centredRowSum(rows, mean, vector) : vector);
  });
  return {
    mean,
    components,
    scores: components.map((component) => centredProducts(rows, mean, component)),
    explainedVariance: Float64Array.from(order, (column) => (eigenvalues[column] as number) / (rows.rows - 1)),
    explainedVarianceRatio: Float64Array.from(order, (column) => (eigenvalues[column] as number) / total),
  };
}

function centredRowSum(rows: Matrix, mean: Float64Array, factors: Float64Array): Float64Array {
  const total = factors.reduce((sum, factor) => sum + factor, 0);
  return weightedRowSum(rows, factors).map((sum, i) => sum - total * (mean[i] as number));
}

function centredProducts(rows: Matrix, mean: Float64Array, component: Float64Array): Float64Array {
  const offset = mean.reduce((sum, value, i) => sum + value * (component[i] as number), 0);
  return rowProducts(rows, component).map((product) => product - offset);
}

function oriented(vector: Float64Array): Float64Array {
  const loading = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  const factor = Math.sign(loading) / norm(vector);
  return vector.map((value) => value * factor);
}
