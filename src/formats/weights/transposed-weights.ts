/** Weights as `MatMul` and `MatMulIntegerToFloat` want their right side: transposed, [columns, rows]. */

const TILE = 64; // rows and columns of a tile: both sides of the copy stay in the nearest cache

const SHIFT = 128; // makes every int8 level positive, since truncation rounds towards zero

/** Calls `copy` for tiles that cover [rows, columns]. */
function eachTile(
  rows: number,
  columns: number,
  copy: (fromRow: number, toRow: number, fromColumn: number, toColumn: number) => void,
): void {
  for (let row = 0; row < rows; row += TILE) {
    for (let column = 0; column < columns; column += TILE) {
      copy(row, Math.min(row + TILE, rows), column, Math.min(column + TILE, columns));
    }
  }
}

/** [rows, columns] → [columns, rows]. */
export function transpose<T extends Float32Array | Uint16Array>(data: T, out: T, rows: number, columns: number): T {
  eachTile(rows, columns, (fromRow, toRow, fromColumn, toColumn) => {
    for (let column = fromColumn; column < toColumn; column++) {
      for (let row = fromRow; row < toRow; row++) out[column * rows + row] = data[row * columns + column] as number;
    }
  });
  return out;
}

export interface Int8Columns {
  readonly values: Int8Array<ArrayBuffer>; // [columns, rows]
  readonly scales: Float32Array<ArrayBuffer>; // [rows]: one an output; NaN where a row holds something that is not finite
}

/** Quantises `weights` [rows, columns] to int8 with one symmetric scale a row, and transposes: w ≈ q · scale. */
export function quantiseInt8(weights: Float32Array, rows: number, columns: number): Int8Columns {
  const values = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  const inverses = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    let sum = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const magnitude = Math.abs(weights[i] as number);
      if (magnitude > largest) largest = magnitude;
      sum += magnitude;
    }
    const scale = Math.fround(largest / 127) || 1;
    scales[row] = Number.isFinite(sum) ? scale : NaN;
    inverses[row] = 1 / scale;
  }
  eachTile(rows, columns, (fromRow, toRow, fromColumn, toColumn) => {
    for (let column = fromColumn; column < toColumn; column++) {
      for (let row = fromRow; row < toRow; row++) {
        const level = (weights[row * columns + column] as number) * (inverses[row] as number);
        values[column * rows + row] = ((level + SHIFT + 0.5) | 0) - SHIFT; // Math.round, three times as fast
      }
    }
  });
  return { values, scales };
}
