import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/sampling/random.ts';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import { BLOCK_SIZES, dequantiseQ4, Q4_BLOCK, quantiseQ4 } from '../../../../src/formats/weights/quantised-blocks.ts';
import { dequantiseQ8, quantiseQ8 } from '../../../../src/formats/weights/q8-blocks.ts';
import { quantiseInt8, transpose } from '../../../../src/formats/weights/transposed-weights.ts';
import { bestClippedRange } from '../../../support/clipped-ranges.ts';

/** Values of roughly normal distribution. */
function noise(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random() + random() + random() - 1.5);
}

const SHAPES = [
  { rows: 5, columns: 32 },
  { rows: 7, columns: 96 }, // an odd number of blocks
  { rows: 3, columns: 128 },
  { rows: 4, columns: 80 }, // a last block of 16
  { rows: 6, columns: 24 }, // less than a block
];

describe('quantiseQ4', () => {
  it.each(SHAPES)('errs by at most the clipped range and half a step: $rows × $columns', ({ rows, columns }) => {
    const weights = noise(rows * columns, 1);
    const back = dequantiseQ4(quantiseQ4(weights, rows, columns), rows, columns);
    for (let row = 0; row < rows; row++) {
      for (let start = 0; start < columns; start += Q4_BLOCK) {
        const block = weights.subarray(row * columns + start, row * columns + Math.min(columns, start + Q4_BLOCK));
        const range = Math.max(0, ...block) - Math.min(0, ...block);
        // Full range: steps of range / 15, rounded at most half a step off, the zero point another half.
        const fullRangeSquares = block.length * (range / 15) ** 2;
        const squares = block.reduce((sum, w, i) => sum + (w - (back[row * columns + start + i] ?? 0)) ** 2, 0);
        expect(squares).toBeLessThanOrEqual(fullRangeSquares);
      }
    }
    expect(relativeL2(back, weights)).toBeLessThan(0.1); // 4 bits of a bell-shaped block: 0.07 to 0.08
  });

  it('keeps zeros, and weights of 16 equal steps, exactly', () => {
    const steps = Float32Array.from({ length: 32 }, (_, i) => ((i % 16) - 8) / 4);
    expect(dequantiseQ4(quantiseQ4(steps, 1, 32), 1, 32)).toEqual(steps);
    expect(dequantiseQ4(quantiseQ4(new Float32Array(64), 2, 32), 2, 32)).toEqual(new Float32Array(64));
  });

  it.each(BLOCK_SIZES)('errs like the best of seven clipped ranges or less, over blocks of %i', (blockSize) => {
    const shapes: readonly ((i: number) => number)[] = [
      (i) => bell[i] ?? 0,
      (i) => (bell[i] ?? 0) ** 3, // a few large weights
      (i) => (bell[i] ?? 0) + 0.8, // not around zero
    ];
    const bell = noise(64 * 1024, 4);
    for (const shape of shapes) {
      const weights = Float32Array.from(bell, (_, i) => shape(i));
      const back = dequantiseQ4(quantiseQ4(weights, 64, 1024, blockSize), 64, 1024, blockSize);
      const naive = relativeL2(bestClippedRange(weights, blockSize), weights);
      // Less on all shapes at 32; at 64 0.7 % more where the weights lie to one side of zero.
      expect(relativeL2(back, weights)).toBeLessThan(naive * (blockSize === 32 ? 1 : 1.01));
    }
  });

  it.each([NaN, Infinity, -Infinity])('marks the block that holds %f', (bad) => {
    const weights = noise(96, 5);
    weights[40] = bad;
    expect([...quantiseQ4(weights, 1, 96).scales].map(Number.isFinite)).toEqual([true, false, true]);
    expect([...quantiseQ8(weights, 1, 96, 32).scales].map(Number.isFinite)).toEqual([true, false, true]);
    expect([...quantiseInt8(weights, 3, 32).scales].map(Number.isFinite)).toEqual([true, false, true]);
  });

  it('does not divide by a scale that underflows', () => {
    const tiny = new Float32Array(32).fill(1.5e-45);
    expect(dequantiseQ4(quantiseQ4(tiny, 1, 32), 1, 32).every(Number.isFinite)).toBe(true);
  });
});

describe('quantiseQ8', () => {
  it.each(SHAPES)('errs by at most half a step: $rows × $columns', ({ rows, columns }) => {
    for (const blockSize of BLOCK_SIZES) {
      const weights = noise(rows * columns, 9);
      const blocks = quantiseQ8(weights, rows, columns, blockSize);
      const back = dequantiseQ8(blocks, rows, columns, blockSize);
      const perRow = Math.ceil(columns / blockSize);
      for (const [i, weight] of weights.entries()) {
        const block = Math.floor(i / columns) * perRow + Math.floor((i % columns) / blockSize);
        const step = blocks.scales[block] ?? 0;
        expect(Math.abs(weight - (back[i] ?? 0))).toBeLessThanOrEqual(step * 0.51 + 128 * step * 1e-3); // the scale is refitted after
      }
      expect(relativeL2(back, weights)).toBeLessThan(0.006);
    }
  });

  it('keeps zeros and tiny weights finite', () => {
    expect(dequantiseQ8(quantiseQ8(new Float32Array(64), 2, 32, 32), 2, 32, 32)).toEqual(new Float32Array(64));
    const tiny = new Float32Array(32).fill(1.5e-45);
    expect(dequantiseQ8(quantiseQ8(tiny, 1, 32, 32), 1, 32, 32).every(Number.isFinite)).toBe(true);
  });
});

describe('quantiseInt8', () => {
  it('scales each row to ±127 and transposes', () => {
    const { values, scales } = quantiseInt8(Float32Array.of(1, -2, 0.5, 4, 0, -1), 2, 3);
    expect(scales).toEqual(Float32Array.of(2 / 127, 4 / 127));
    expect(values).toEqual(Int8Array.of(64, 127, -127, 0, 32, -32));
  });

  it('gives a row of zeros a usable scale', () => {
    const { values, scales } = quantiseInt8(new Float32Array(4), 1, 4);
    expect(scales[0]).toBeGreaterThan(0);
    expect([...values]).toEqual([0, 0, 0, 0]);
  });
});

describe('transpose', () => {
  it('swaps rows and columns, over the borders of its tiles', () => {
    const data = Float32Array.from({ length: 70 * 130 }, (_, i) => i);
    const back = transpose(data, new Float32Array(data.length), 70, 130);
    expect(back[0 * 70 + 69]).toBe(69 * 130);
    expect(back[129 * 70 + 3]).toBe(3 * 130 + 129);
    expect(transpose(back, new Float32Array(data.length), 130, 70)).toEqual(data);
  });
});
