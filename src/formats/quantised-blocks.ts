/**
 * Weights in few bits, in the layouts that ONNX Runtime's operators read.
 * Sources: onnxruntime docs/ContribOperators.md, `MatMulNBits` and `DynamicQuantizeMatMul`.
 */

export const Q4_BLOCK = 32; // weights that share a scale
const Q4_LEVELS = 15;
/** Ranges tried for a block, as parts of its full range: clipping an outlier often costs less than coarser steps. */
const Q4_RANGES = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7];

export interface Q4Blocks {
  readonly packed: Uint8Array; // [rows, blocks, 16]: two weights a byte, the first in the low half
  readonly scales: Float32Array; // [rows, blocks]
  readonly zeroPoints: Uint8Array; // [rows, ceil(blocks / 2)]: two a byte
}

/**
 * Quantises `weights` [rows, columns] to 4 bits in blocks of 32 along a row: w ≈ (q − zero) · scale. Of several ranges a block
 * takes the one with the least squared error. A last, shorter block is padded with zeros.
 */
export function quantiseQ4(weights: Float32Array, rows: number, columns: number): Q4Blocks {
  const blocks = Math.ceil(columns / Q4_BLOCK);
  const zeroBytes = Math.ceil(blocks / 2);
  const packed = new Uint8Array((rows * blocks * Q4_BLOCK) / 2);
  const scales = new Float32Array(rows * blocks);
  const zeroPoints = new Uint8Array(rows * zeroBytes);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = row * columns + block * Q4_BLOCK;
      const values = weights.subarray(start, Math.min(start + Q4_BLOCK, (row + 1) * columns));
      const { scale, zero } = fitBlock(values);
      const index = row * blocks + block;
      scales[index] = scale;
      const at = row * zeroBytes + (block >> 1);
      zeroPoints[at] = (zeroPoints[at] ?? 0) | (zero << (block % 2 === 0 ? 0 : 4));
      packBlock(values, scale, zero, packed.subarray((index * Q4_BLOCK) / 2, ((index + 1) * Q4_BLOCK) / 2));
    }
  }
  return { packed, scales, zeroPoints };
}

interface BlockFit {
  readonly scale: number;
  readonly zero: number; // 0 … 15
}

const level = (value: number, { scale, zero }: BlockFit): number =>
  Math.min(Q4_LEVELS, Math.max(0, Math.round(value / scale) + zero));

function fitBlock(values: Float32Array): BlockFit {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  if (low === high) return { scale: 1, zero: 8 };
  let best: BlockFit = { scale: 1, zero: 8 };
  let bestError = Infinity;
  for (const part of Q4_RANGES) {
    const scale = Math.fround(((high - low) * part) / Q4_LEVELS);
    const fit = {
      scale,
      zero: Math.min(Q4_LEVELS, Math.max(0, Math.round((-low * part) / scale))),
    };
    let error = 0;
    for (const value of values) error += (value - (level(value, fit) - fit.zero) * scale) ** 2;
    if (error < bestError) [best, bestError] = [fit, error];
  }
  return best;
}

function packBlock(values: Float32Array, scale: number, zero: number, out: Uint8Array): void {
  const fit = { scale, zero };
  for (let i = 0; i < out.length; i++) {
    const first = level(values[2 * i] ?? 0, fit);
    const second = level(values[2 * i + 1] ?? 0, fit);
    out[i] = first | (second << 4);
  }
}

/** The weights [rows, columns] that `blocks` stand for. */
export function dequantiseQ4(blocks: Q4Blocks, rows: number, columns: number): Float32Array {
  const perRow = Math.ceil(columns / Q4_BLOCK);
  const zeroBytes = Math.ceil(perRow / 2);
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = Math.floor(column / Q4_BLOCK);
      const index = row * perRow + block;
      const byte = blocks.packed[(index * Q4_BLOCK + (column % Q4_BLOCK)) >> 1] ?? 0;
      const zeroByte = blocks.zeroPoints[row * zeroBytes + (block >> 1)] ?? 0;
      const q = column % 2 === 0 ? byte & 15 : byte >> 4;
      const zero = block % 2 === 0 ? zeroByte & 15 : zeroByte >> 4;
      out[row * columns + column] = (q - zero) * (blocks.scales[index] ?? 0);
    }
  }
  return out;
}

export interface Int8Columns {
  readonly values: Int8Array; // [columns, rows]: transposed, as MatMul wants its right side
  readonly scales: Float32Array; // [rows]: one an output
}

/** Quantises `weights` [rows, columns] to int8 with one symmetric scale a row, and transposes: w ≈ q · scale. */
export function quantiseInt8(weights: Float32Array, rows: number, columns: number): Int8Columns {
  const values = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let column = 0; column < columns; column++) {
      largest = Math.max(largest, Math.abs(weights[row * columns + column] ?? 0));
    }
    const scale = Math.fround(largest / 127) || 1;
    scales[row] = scale;
    for (let column = 0; column < columns; column++) {
      values[column * rows + row] = Math.round((weights[row * columns + column] ?? 0) / scale);
    }
  }
  return { values, scales };
}
