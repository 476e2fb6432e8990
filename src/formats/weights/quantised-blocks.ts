/**
 * Weights in 4 bits, in blocks along a row that share a scale and a zero point: what ONNX Runtime's `MatMulNBits` reads.
 * Source: onnxruntime docs/ContribOperators.md, `MatMulNBits`.
 */

/** Weights per scale: 32 costs 5.1 bits a weight with its scale and zero point, 64 costs 4.6. */
export type BlockSize = 32 | 64;
export const BLOCK_SIZES = [32, 64] as const satisfies readonly BlockSize[];
export const Q4_BLOCK: BlockSize = 32; // by default

const LEVELS = 15;
const ROUND = 0.5;
/**
 * Parts of its range that a block's scale starts from. The full range and one clipped start, each fitted by least squares, and the
 * better one fitted once more, err less than the best of seven clipped ranges without fitting, at many times the speed.
 */
const CLIPPED_START = 0.9;

export interface Q4Blocks {
  readonly packed: Uint8Array<ArrayBuffer>; // [rows, blocks, block / 2]: two weights a byte, the first in the low half
  readonly scales: Float32Array<ArrayBuffer>; // [rows, blocks]; NaN where a block holds something that is not finite
  readonly zeroPoints: Uint8Array<ArrayBuffer>; // [rows, ceil(blocks / 2)]: two a byte
}

/**
 * Quantises `weights` [rows, columns] to 4 bits in blocks along a row: w ≈ (q − zero) · scale. Scale and zero point start from a
 * block's range and are refined by least squares. A last, shorter block is padded with zeros.
 */
export function quantiseQ4(
  weights: Float32Array,
  rows: number,
  columns: number,
  blockSize: BlockSize = Q4_BLOCK,
): Q4Blocks {
  const blocks = Math.ceil(columns / blockSize);
  const zeroBytes = Math.ceil(blocks / 2);
  const packed = new Uint8Array((rows * blocks * blockSize) / 2);
  const scales = new Float32Array(rows * blocks);
  const zeroPoints = new Uint8Array(rows * zeroBytes);
  const padded = new Float32Array(blockSize);
  const fit: BlockFit = { scale: 1, zero: 8, gain: -1 };
  const whole = Math.floor(columns / blockSize); // blocks without padding
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      let values = weights;
      let start = row * columns + block * blockSize;
      if (block === whole) {
        padded.fill(0).set(weights.subarray(start, (row + 1) * columns));
        [values, start] = [padded, 0];
      }
      fitBlock(values, start, blockSize, fit);
      const index = row * blocks + block;
      scales[index] = fit.scale;
      const at = row * zeroBytes + (block >> 1);
      zeroPoints[at] = (zeroPoints[at] as number) | (fit.zero << (block % 2 === 0 ? 0 : 4));
      packBlock(values, start, blockSize, fit, packed, (index * blockSize) / 2);
    }
  }
  return { packed, scales, zeroPoints };
}

interface BlockFit {
  scale: number; // a float32
  zero: number; // 0 … 15
  gain: number; // how much of Σw² the block explains; the squared error is what remains
}

/** Sets `fit` for the `size` values from `start`. */
function fitBlock(values: Float32Array, start: number, size: number, fit: BlockFit): void {
  let low = 0;
  let high = 0;
  let even = 0; // Σw in two chains, which the processor adds side by side
  let odd = 0;
  for (let i = start; i < start + size; i += 2) {
    const a = values[i] as number;
    const b = values[i + 1] as number;
    if (a < low) low = a;
    if (a > high) high = a;
    if (b < low) low = b;
    if (b > high) high = b;
    even += a;
    odd += b;
  }
  const sum = even + odd;
  const scale = (high - low) / LEVELS;
  fit.gain = -1;
  fit.scale = Number.isFinite(sum) ? Math.fround(scale) || 1 : NaN;
  fit.zero = scale > 0 ? Math.round(-low / scale) : 8;
  if (!(fit.scale > 0) || !(scale > 0)) return;
  const zero = fit.zero;
  refine(values, start, size, sum, scale, zero, fit);
  refine(values, start, size, sum, scale * CLIPPED_START, zero, fit);
  refine(values, start, size, sum, fit.scale, fit.zero, fit);
}

/**
 * Takes the levels q that `scale` and `zero` give, and of all scales and zero points for these levels the best, where that betters
 * `fit`. For a zero point z the best scale is Σw(q−z) / Σ(q−z)², and it explains (Σw(q−z))² / Σ(q−z)² of Σw²; the regression line of w
 * on q says which z to look at.
 */
function refine(
  values: Float32Array,
  start: number,
  size: number,
  sum: number, // Σw
  scale: number,
  zero: number,
  fit: BlockFit,
): void {
  const inverse = 1 / scale;
  const offset = zero + ROUND;
  let q1 = 0; // Σq
  let q2 = 0; // Σq²
  let qEven = 0; // Σqw
  let qOdd = 0;
  for (let i = start; i < start + size; i += 2) {
    const a = values[i] as number;
    const b = values[i + 1] as number;
    let x = (a * inverse + offset) | 0;
    let y = (b * inverse + offset) | 0;
    x = x < 0 ? 0 : x > LEVELS ? LEVELS : x;
    y = y < 0 ? 0 : y > LEVELS ? LEVELS : y;
    q1 += x + y;
    q2 += x * x + y * y;
    qEven += x * a;
    qOdd += y * b;
  }
  const qw = qEven + qOdd;
  const slope = (qw - (q1 * sum) / size) / (q2 - (q1 * q1) / size);
  const near = Math.floor((q1 - sum / slope) / size);
  for (let z = near; z <= near + 1; z++) {
    if (!(z >= 0 && z <= LEVELS)) continue;
    const dot = qw - z * sum;
    const norm = q2 - 2 * z * q1 + z * z * size;
    const gain = (dot * dot) / norm;
    const best = Math.fround(dot / norm);
    if (!(gain > fit.gain) || !(best > 0)) continue;
    fit.gain = gain;
    fit.scale = best;
    fit.zero = z;
  }
}

function packBlock(
  values: Float32Array,
  start: number,
  size: number,
  { scale, zero }: BlockFit,
  out: Uint8Array,
  at: number,
): void {
  const inverse = 1 / scale;
  const offset = zero + ROUND;
  for (let i = 0; i < size / 2; i++) {
    let x = ((values[start + 2 * i] as number) * inverse + offset) | 0;
    let y = ((values[start + 2 * i + 1] as number) * inverse + offset) | 0;
    x = x < 0 ? 0 : x > LEVELS ? LEVELS : x;
    y = y < 0 ? 0 : y > LEVELS ? LEVELS : y;
    out[at + i] = x | (y << 4);
  }
}

/** The weights [rows, columns] that `blocks` stand for. */
export function dequantiseQ4(
  blocks: Q4Blocks,
  rows: number,
  columns: number,
  blockSize: BlockSize = Q4_BLOCK,
): Float32Array {
  const perRow = Math.ceil(columns / blockSize);
  const zeroBytes = Math.ceil(perRow / 2);
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = Math.floor(column / blockSize);
      const index = row * perRow + block;
      const byte = blocks.packed[(index * blockSize + (column % blockSize)) >> 1] ?? 0;
      const zeroByte = blocks.zeroPoints[row * zeroBytes + (block >> 1)] ?? 0;
      const q = column % 2 === 0 ? byte & 15 : byte >> 4;
      const zero = block % 2 === 0 ? zeroByte & 15 : zeroByte >> 4;
      out[row * columns + column] = (q - zero) * (blocks.scales[index] ?? 0);
    }
  }
  return out;
}
