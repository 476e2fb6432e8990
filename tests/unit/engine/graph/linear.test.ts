/** What ONNX Runtime computes from the encoded weights, against the same product in float64. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/sampling/random.ts';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import { GraphBuilder, WHOLE_WEIGHTS, type WeightLayout } from '../../../../src/engine/graph/builder.ts';
import type { ProductEncoding } from '../../../../src/engine/graph/precisions.ts';
import { encodeWeight } from '../../../../src/engine/graph/encode-weight.ts';
import { linear } from '../../../../src/engine/graph/linear.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import { float16ToFloat32, float32ToFloat16 } from '../../../../src/formats/bytes/half-precision.ts';
import { writeOnnxModel } from '../../../../src/formats/bytes/onnx.ts';
import { dequantiseQ8, quantiseQ8 } from '../../../../src/formats/weights/q8-blocks.ts';
import { BLOCK_SIZES, dequantiseQ4, quantiseQ4 } from '../../../../src/formats/weights/quantised-blocks.ts';
import { quantiseInt8 } from '../../../../src/formats/weights/transposed-weights.ts';

const { ort } = openNodeRuntime(1);

const SHAPES = [
  { rows: 5, columns: 32 },
  { rows: 7, columns: 96 }, // an odd number of blocks
  { rows: 3, columns: 128 },
  { rows: 4, columns: 80 }, // a last block of 16
  { rows: 6, columns: 24 }, // less than a block
];

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
  encoding: ProductEncoding,
  x: Float32Array,
  weights: Float32Array,
  rows: number,
  columns: number,
  layout: WeightLayout = WHOLE_WEIGHTS,
): Promise<Float32Array> {
  const graph = new GraphBuilder(layout);
  linear(graph, encoding, 'y', 'x', 'w', { rows, columns });
  const initializers = graph.weights.flatMap((weight) => {
    const [from, to] = weight.rows ?? [0, rows];
    const parts = encodeWeight(weight, weights.subarray(from * columns, to * columns));
    return weight.values.map((value, i) => ({ ...value, data: parts[i] ?? new Uint8Array() }));
  });
  const model = writeOnnxModel({
    graphName: 'linear',
    nodes: graph.nodes,
    inputs: [{ name: 'x', type: 'float32', shape: ['n', columns] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', rows] }],
    initializers: [...graph.constants, ...initializers],
    opsets: { '': 17, 'com.microsoft': 1 },
  });
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [x.length / columns, columns]) });
  await session.release();
  return y?.data as Float32Array;
}

describe.each(SHAPES)('a product with weights of $rows × $columns', ({ rows, columns }) => {
  const weights = noise(rows * columns, 2);
  const x = noise(3 * columns, 3);

  it('in float32 is the weights’ own', async () => {
    expect(
      relativeL2(await runLinear('float32', x, weights, rows, columns), product(x, weights, rows, columns)),
    ).toBeLessThan(1e-6);
  });

  it('in float16 is that of the rounded weights, activations unrounded', async () => {
    const expected = product(x, float16ToFloat32(float32ToFloat16(weights)), rows, columns);
    expect(relativeL2(await runLinear('float16', x, weights, rows, columns), expected)).toBeLessThan(1e-6);
  });

  it.each(BLOCK_SIZES)('in q4 and q8 is that of the dequantised blocks of %i', async (blockSize) => {
    const layout = { ...WHOLE_WEIGHTS, blockSize };
    const q4 = dequantiseQ4(quantiseQ4(weights, rows, columns, blockSize), rows, columns, blockSize);
    const q8 = dequantiseQ8(quantiseQ8(weights, rows, columns, blockSize), rows, columns, blockSize);
    for (const [precision, stoodFor] of [
      ['q4', q4],
      ['q8', q8],
    ] as const) {
      const actual = await runLinear(precision, x, weights, rows, columns, layout);
      expect(relativeL2(actual, product(x, stoodFor, rows, columns)), precision).toBeLessThan(1e-6); // float32 sums
    }
  });

  it.each([
    ['int8', 0.01], // steps of a 127th of a row's largest magnitude, an error of 0.3 of a step
    ['int8-fine', 5e-5],
  ] as const)('in %s is near that of the rounded weights', async (encoding, bound) => {
    const { values, scales } = quantiseInt8(weights, rows, columns);
    const stoodFor = Float32Array.from({ length: rows * columns }, (_, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      return (values[column * rows + row] ?? 0) * (scales[row] ?? 0);
    });
    const expected = product(x, stoodFor, rows, columns);
    expect(relativeL2(await runLinear(encoding, x, weights, rows, columns), expected)).toBeLessThan(bound);
    expect(relativeL2(stoodFor, weights)).toBeLessThan(0.01);
  });

  it.each(['int8', 'int8-fine'] as const)('in %s gives a row the same beside any other row', async (encoding) => {
    const alone = await runLinear(encoding, x.subarray(0, columns), weights, rows, columns);
    const loud = x.slice(columns, 2 * columns).map((value) => value * 5000); // as the first token of a real model
    const beside = Float32Array.of(...x.subarray(0, columns), ...loud, ...new Float32Array(columns));
    const together = await runLinear(encoding, beside, weights, rows, columns);
    expect(together.subarray(0, rows)).toEqual(alone);
    expect(together.subarray(2 * rows)).toEqual(new Float32Array(rows)); // zeros stay zeros
  });

  it.each(['float32', 'float16', 'int8', 'int8-fine'] as const)('in %s is the same from parts', async (precision) => {
    const whole = await runLinear(precision, x, weights, rows, columns);
    for (const partWeights of [columns, 2 * columns, 1]) {
      const parts = await runLinear(precision, x, weights, rows, columns, { ...WHOLE_WEIGHTS, partWeights });
      expect(relativeL2(parts, whole)).toBeLessThan(1e-6);
    }
  });
});

describe('encodeWeight', () => {
  it.each(['q4', 'q8', 'int8', 'float16'] as const)(
    'refuses what %s cannot hold, and names the tensor',
    (precision) => {
      const graph = new GraphBuilder();
      linear(graph, precision, 'y', 'x', 'model.layers.3.mlp.up_proj.weight', { rows: 2, columns: 32 });
      const weights = noise(64, 4);
      weights[40] = Infinity;
      const [weight] = graph.weights;
      expect(() => weight && encodeWeight(weight, weights)).toThrow(/model\.layers\.3\.mlp\.up_proj\.weight/);
    },
  );
});
