/**
 * Weights in 8 bits, in blocks along a row that share a scale: what ONNX Runtime's `MatMulNBits` with `bits` = 8 reads. Without zero
 * points it takes 128 for zero. Source: onnxruntime docs/ContribOperators.md, `MatMulNBits`.
 */
import type { BlockSize } from './quantised-blocks.ts';

const ZERO = 128;
const LARGEST = 127; // −128 stays unused, so that a block and its negative are rounded alike

export interface Q8Blocks {
  readonly values: Uint8Array<ArrayBuffer>; // [rows, blocks, block]
  readonly scales: Float32Array<ArrayBuffer>; // [rows, blocks]; NaN where a block holds something that is not finite
}

/**
 * Quantises `weights` [rows, columns] to 8 bits: w ≈ (q − 128) · scale, the largest weight of a block at ±127, and the scale then the
 * best for the levels chosen. A last, shorter block is padded with zeros.
 */
export function quantiseQ8(weights: Float32Array, rows: number, columns: number, blockSize: BlockSize): Q8Blocks {
  const blocks = Math.ceil(columns / blockSize);
  const values = new Uint8Array(rows * blocks * blockSize).fill(ZERO);
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = row * columns + block * blockSize;
      const index = row * blocks + block;
      const end = Math.min(start + blockSize, (row + 1) * columns);
      scales[index] = packBlock(weights, start, end, values, index * blockSize);
    }
  }
  return { values, scales };
}

/** Writes the levels of one block and returns its scale. */
function packBlock(weights: Float32Array, start: number, end: number, out: Uint8Array, at: number): number {
  let largest = 0;
  let sum = 0;
  for (let i = start; i < end; i++) {
    const magnitude = Math.abs(weights[i] as number);
    if (magnitude > largest) largest = magnitude;
    sum += magnitude;
  }
  if (!Number.isFinite(sum)) return NaN;
  const scale = Math.fround(largest / LARGEST) || 1;
  const inverse = 1 / scale;
  let dot = 0;
  let norm = 0;
  for (let i = start; i < end; i++) {
    const weight = weights[i] as number;
    let level = (weight * inverse + ZERO + 0.5) | 0;
    level = level < 1 ? 1 : level > 255 ? 255 : level;
    out[at + i - start] = level;
    dot += (level - ZERO) * weight;
    norm += (level - ZERO) * (level - ZERO);
  }
  return norm > 0 ? Math.fround(dot / norm) || scale : scale;
}

/** The weights [rows, columns] that `blocks` stand for. */
export function dequantiseQ8(blocks: Q8Blocks, rows: number, columns: number, blockSize: BlockSize): Float32Array {
  const perRow = Math.ceil(columns / blockSize);
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const index = row * perRow + Math.floor(column / blockSize);
    return ((blocks.values[index * blockSize + (column % blockSize)] ?? 0) - ZERO) * (blocks.scales[index] ?? 0);
  });
}
