/** A naive 4-bit rounding to compare with: each block takes the best of several clipped ranges, one weight after another. */
const PARTS = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7];

/** What the weights become. */
export function bestClippedRange(weights: Float32Array, blockSize: number): Float32Array {
  const out = new Float32Array(weights.length);
  for (let start = 0; start < weights.length; start += blockSize) {
    const block = weights.subarray(start, start + blockSize);
    const rounded = PARTS.map((part) => roundBlock(block, part));
    const errors = rounded.map((values) => values.reduce((sum, value, i) => sum + (value - (block[i] ?? 0)) ** 2, 0));
    out.set(rounded[errors.indexOf(Math.min(...errors))] ?? block, start);
  }
  return out;
}

function roundBlock(block: Float32Array, part: number): number[] {
  const [low, high] = [Math.min(0, ...block), Math.max(0, ...block)];
  const scale = Math.fround(((high - low) * part) / 15);
  const zero = Math.round((-low * part) / scale);
  return Array.from(block, (value) => (Math.min(15, Math.max(0, Math.round(value / scale) + zero)) - zero) * scale);
}
