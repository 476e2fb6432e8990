import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.ts';
import { relativeL2 } from '../../../src/core/vectors.ts';
import { openNodeRuntime } from '../../../src/engine/runtime.node.ts';
import { GraphBuilder, type Precision } from '../../../src/engine/graph/builder.ts';
import { encodeWeight } from '../../../src/engine/graph/encode-weight.ts';
import { linear } from '../../../src/engine/graph/linear.ts';
import { writeOnnxModel } from '../../../src/formats/onnx.ts';
import { dequantiseQ4, Q4_BLOCK, quantiseInt8, quantiseQ4 } from '../../../src/formats/quantised-blocks.ts';

const { ort } = openNodeRuntime(1);

/** Values of roughly normal distribution. */
function noise(length: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random() + random() + random() - 1.5);
}

/** x [n, columns] · weightsᵀ [rows, columns] → [n, rows], in float64. */
function product(x: Float32Array, weights: ArrayLike<number>, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: (x.length / columns) * rows }, (_, index) => {
    const [i, row] = [Math.floor(index / rows), index % rows];
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += (x[i * columns + c] ?? 0) * (weights[row * columns + c] ?? 0);
    return sum;
  });
}

/** The same product as ONNX Runtime computes it from the encoded weights. */
async function runLinear(
  precision: Precision,
  x: Float32Array,
  weights: Float32Array,
  rows: number,
  columns: number,
): Promise<Float32Array> {
  const graph = new GraphBuilder();
  linear(graph, precision, 'y', 'x', 'w', { rows, columns });
  const initializers = graph.weights.flatMap((weight) => {
    const parts = encodeWeight(weight, weights);
    return weight.values.map((value, i) => ({ ...value, data: parts[i] ?? new Uint8Array() }));
  });
  const model = writeOnnxModel({
    graphName: 'linear',
    nodes: graph.nodes,
    inputs: [{ name: 'x', type: 'float32', shape: ['n', columns] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', rows] }],
    initializers,
    opsets: { '': 17, 'com.microsoft': 1 },
  });
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [x.length / columns, columns]) });
  await session.release();
  return y?.data as Float32Array;
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

  it('clips an outlier where that costs less than coarse steps for all the others', () => {
    const weights = noise(32, 4);
    weights[7] = 4;
    const { scales } = quantiseQ4(weights, 1, 32);
    const range = Math.max(...weights) - Math.min(...weights);
    expect(scales[0]).toBeLessThan(range / 15);
  });

  it('does not divide by a scale that underflows', () => {
    const tiny = new Float32Array(32).fill(1.5e-45);
    expect(dequantiseQ4(quantiseQ4(tiny, 1, 32), 1, 32).every(Number.isFinite)).toBe(true);
  });

  it.each(SHAPES)('means what MatMulNBits computes: $rows × $columns', async ({ rows, columns }) => {
    const weights = noise(rows * columns, 2);
    const x = noise(3 * columns, 3);
    const expected = product(x, dequantiseQ4(quantiseQ4(weights, rows, columns), rows, columns), rows, columns);
    expect(relativeL2(await runLinear('q4', x, weights, rows, columns), expected)).toBeLessThan(1e-6); // float32 sums
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

  it.each(SHAPES)('is what DynamicQuantizeMatMul reads: $rows × $columns', async ({ rows, columns }) => {
    const weights = noise(rows * columns, 5);
    const x = noise(3 * columns, 6);
    const { values, scales } = quantiseInt8(weights, rows, columns);
    const dequantised = Float32Array.from({ length: rows * columns }, (_, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      return (values[column * rows + row] ?? 0) * (scales[row] ?? 0);
    });
    const expected = product(x, dequantised, rows, columns);
    // The operator rounds x to 8 bits over its whole range: steps of range / 255, an error of 0.3 of a step.
    expect(relativeL2(await runLinear('int8', x, weights, rows, columns), expected)).toBeLessThan(0.02);
    expect(relativeL2(dequantised, weights)).toBeLessThan(0.01);
  });
});

describe('float32', () => {
  it.each(SHAPES)('multiplies by the weight as it is: $rows × $columns', async ({ rows, columns }) => {
    const weights = noise(rows * columns, 7);
    const x = noise(2 * columns, 8);
    const expected = product(x, weights, rows, columns);
    expect(relativeL2(await runLinear('float32', x, weights, rows, columns), expected)).toBeLessThan(1e-6);
  });
});
