/** Lower triangles of symmetric matrices, row i from place i · stride on. Loops of their own, since all of them run some million times a study. */

/** Writes a lower triangle. */
export type FillLower = (rows: Float64Array, stride: number) => void;

/** That of a matrix [size, size]. */
export const lowerOf =
  (a: Float64Array, size: number): FillLower =>
  (rows, stride) => {
    for (let row = 0; row < size; row++) rows.set(a.subarray(row * size, row * size + row + 1), row * stride);
  };

/** rows += factor · a, for a [size, size] */
export function addMatrix(rows: Float64Array, stride: number, a: Float64Array, size: number, factor: number): void {
  for (let i = 0; i < size; i++) {
    const from = i * size;
    const to = i * stride;
    for (let j = 0; j <= i; j++) rows[to + j] = (rows[to + j] as number) + factor * (a[from + j] as number);
  }
}

/** rows += factor · v vᵀ */
export function addOuter(rows: Float64Array, stride: number, v: Float64Array, factor: number): void {
  for (let i = 0; i < v.length; i++) {
    const to = i * stride;
    const share = factor * (v[i] as number);
    for (let j = 0; j <= i; j++) rows[to + j] = (rows[to + j] as number) + share * (v[j] as number);
  }
}

/** The diagonal += factor · v, or the same number everywhere. */
export function addDiagonal(rows: Float64Array, stride: number, v: Float64Array, factor: number): void {
  for (let i = 0; i < v.length; i++)
    rows[i * (stride + 1)] = (rows[i * (stride + 1)] as number) + factor * (v[i] as number);
}
