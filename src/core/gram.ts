/** Products of all rows with all rows, the costliest sums of the analysis: n² d / 2 multiplications, in float64. */
import type { Matrix } from './matrix.ts';

const TILE = 4; // 4 × 4 sums at once: each value loaded is used four times

/**
 * X Xᵀ of the rows after `centre` is taken off and each column is multiplied by its factor.
 * @param centre [columns]
 * @param factors [columns]
 * @returns [rows, rows], symmetric
 */
export function gramOfRows(matrix: Matrix, centre: Float64Array, factors: Float64Array): Float64Array {
  const { values, rows, columns } = matrix;
  const padded = new Float64Array(padding(rows) * columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      const at = row * columns + i;
      padded[at] = ((values[at] as number) - (centre[i] as number)) * (factors[i] as number);
    }
  }
  return symmetricProducts(padded, rows, columns);
}

/**
 * Xᵀ diag(w) X of every `stride`-th row after `centre` is taken off.
 * @param roots [rows], square roots of the weights w; null for weights of 1
 * @returns [columns, columns], symmetric
 */
export function gramOfColumns(
  { values, rows, columns }: Matrix,
  centre: Float64Array,
  roots: Float64Array | null = null,
  stride = 1,
): Float64Array {
  const used = Math.ceil(rows / stride);
  const transposed = new Float64Array(padding(columns) * used);
  for (let row = 0; row < used; row++) {
    const start = row * stride * columns;
    const root = roots === null ? 1 : (roots[row * stride] as number);
    for (let i = 0; i < columns; i++) {
      transposed[i * used + row] = ((values[start + i] as number) - (centre[i] as number)) * root;
    }
  }
  return symmetricProducts(transposed, columns, used);
}

function padding(count: number): number {
  return Math.ceil(count / TILE) * TILE;
}

/** All products of `count` vectors of `length`, of which `x` holds a multiple of TILE. */
function symmetricProducts(x: Float64Array, count: number, length: number): Float64Array {
  const padded = padding(count);
  const products = new Float64Array(count * count);
  const tile = new Float64Array(TILE * TILE);
  for (let i = 0; i < padded; i += TILE) {
    for (let j = 0; j <= i; j += TILE) {
      multiplyTile(x, i * length, j * length, length, tile);
      for (let p = i; p < Math.min(i + TILE, count); p++) {
        for (let q = j; q < Math.min(j + TILE, count); q++) {
          const product = tile[(p - i) * TILE + q - j] as number;
          products[p * count + q] = product;
          products[q * count + p] = product;
        }
      }
    }
  }
  return products;
}

/** The products of the TILE vectors from `at` on with the TILE vectors from `to` on. */
function multiplyTile(x: Float64Array, at: number, to: number, length: number, tile: Float64Array): void {
  const [a1, a2, a3] = [at + length, at + 2 * length, at + 3 * length];
  const [b1, b2, b3] = [to + length, to + 2 * length, to + 3 * length];
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [s20, s21, s22, s23, s30, s31, s32, s33] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < length; k++) {
    const p = x[at + k] as number;
    const q = x[a1 + k] as number;
    const r = x[a2 + k] as number;
    const s = x[a3 + k] as number;
    const t = x[to + k] as number;
    s00 += p * t;
    s10 += q * t;
    s20 += r * t;
    s30 += s * t;
    const u = x[b1 + k] as number;
    s01 += p * u;
    s11 += q * u;
    s21 += r * u;
    s31 += s * u;
    const v = x[b2 + k] as number;
    s02 += p * v;
    s12 += q * v;
    s22 += r * v;
    s32 += s * v;
    const w = x[b3 + k] as number;
    s03 += p * w;
    s13 += q * w;
    s23 += r * w;
    s33 += s * w;
  }
  tile.set([s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33]);
}
