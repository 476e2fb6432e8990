/**
 * Streamed extraction in float16. ONNX Runtime’s CPU has no products in float16: it takes the casts around them away and computes in
 * float32 with the rounded weights, so the numbers here say that the graph is right, not what a GPU’s rounding costs.
 */
import { packRows } from '../../../../src/engine/run/packing.ts';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/sampling/random.ts';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import { parseConfig } from '../../../../src/engine/checkpoint/config.ts';
import type { Runtime, Tensor } from '../../../../src/engine/device/runtime.ts';
import { extractStreamed } from '../../../../src/engine/streamed/extract-streamed.ts';
import type { StreamedRequest } from '../../../../src/engine/streamed/streamed-request.ts';
import { buildStage } from '../../../../src/engine/streamed/stage-graph.ts';
import { StageProgram } from '../../../../src/engine/streamed/stage-program.ts';
import { float16ToFloat32, float32ToFloat16 } from '../../../../src/formats/bytes/half-precision.ts';
import { writeSafetensors } from '../../../../src/formats/bytes/safetensors.ts';
import { MADE_UP_CONFIG, madeUpFiles, madeUpTensors, memoryFiles } from '../../../support/checkpoint-fixtures.ts';
import { runtime, TIMEOUT } from '../../../support/streamed-golden.ts';

const config = parseConfig(MADE_UP_CONFIG, 'made up');
const MLP = 1; // the stage of layer 0 that is its MLP
const { hiddenSize: hidden, intermediateSize: inner } = config;
const TOKENS = 8;

const random = createRandom(7);
const numbers = (size: number, scale: number): Float32Array =>
  Float32Array.from({ length: size }, () => (random() - 0.5) * scale);
const rounded = (values: Float32Array): Float32Array => float16ToFloat32(float32ToFloat16(values));
const same = (values: Float32Array): Float32Array => values;

const x = numbers(TOKENS * hidden, 4);
const weights = {
  gate_proj: numbers(hidden * inner, 0.7), // [in, out], as the graph takes them
  up_proj: numbers(hidden * inner, 0.7),
  down_proj: numbers(inner * hidden, 0.7),
};
const norm = numbers(hidden, 0.4).map((value) => value + 1);

/** [TOKENS, rows] · [rows, columns], summed in float64. */
function product(left: Float32Array, right: Float32Array, columns: number): Float32Array {
  const rows = right.length / columns;
  return Float32Array.from({ length: TOKENS * columns }, (_, i) => {
    const [token, column] = [Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let k = 0; k < rows; k++) sum += (left[token * rows + k] ?? NaN) * (right[k * columns + column] ?? NaN);
    return sum;
  });
}

/** x + norm(down(silu(gate(x)) · up(x))), every matrix put through `round`. */
function mlp(round: (values: Float32Array) => Float32Array): Float32Array {
  const times = (left: Float32Array, right: Float32Array, columns: number): Float32Array =>
    product(left, round(right), columns);
  const gate = times(x, weights.gate_proj, inner);
  const up = times(x, weights.up_proj, inner);
  const gated = gate.map((value, i) => (value / (1 + Math.exp(-value))) * (up[i] ?? NaN));
  const down = times(gated, weights.down_proj, hidden);
  return x.map((value, i) => {
    const token = down.subarray(i - (i % hidden), i - (i % hidden) + hidden);
    const scale = Math.sqrt(token.reduce((sum, each) => sum + each ** 2, 0) / hidden + MADE_UP_CONFIG.rms_norm_eps);
    return value + ((down[i] ?? NaN) / scale) * (norm[i % hidden] ?? NaN);
  });
}

async function runMlp(): Promise<Float32Array> {
  const { ort } = runtime;
  const program = await StageProgram.compile(runtime, config, MLP, TOKENS, 'float16');
  const feeds = Object.fromEntries(
    program.weights.map(({ tensor, values: [value] }): [string, Tensor] => {
      if (value === undefined) throw new Error(`${tensor} is no input`);
      const matrix = Object.entries(weights).find(([name]) => tensor.includes(name))?.[1];
      const dims = [...value.shape];
      if (matrix === undefined) return [value.name, new ort.Tensor('float32', norm, dims)];
      return [value.name, new ort.Tensor('float16', float32ToFloat16(matrix), dims)];
    }),
  );
  const batch = { indices: [0], ...packRows([TOKENS]) };
  const input = new ort.Tensor('float32', x, [TOKENS, hidden]);
  const output = await program.run(input, batch, feeds, null);
  await program.dispose();
  return output.data as Float32Array;
}

describe('products in float16', { timeout: TIMEOUT }, () => {
  it('compute, on a CPU, what float32 does with rounded weights', async () => {
    const actual = await runMlp();
    expect(relativeL2(actual, mlp(rounded))).toBeLessThan(1e-6); // float32 against float64
    expect(relativeL2(actual, mlp(same))).toBeGreaterThan(5e-5);
  });

  it('are all of a layer’s, and no norm is among them', () => {
    for (const stage of [0, 1]) {
      const graph = buildStage(config, stage, { capacity: 8, cache: 'appended', precision: 'float16' });
      const products = graph.nodes.filter(({ op }) => op === 'MatMul');
      expect(products).toHaveLength(stage === 0 ? 4 : 3);
      for (const { inputs, outputs } of products) {
        for (const name of [...inputs, ...outputs]) expect(name).toMatch(/\.float16$/);
      }
      const types = graph.weights.map(({ shape, values }) => [shape.length, values[0]?.type]);
      expect(new Set(types.map(String))).toEqual(new Set(['2,float16', '1,float32']));
    }
  });

  const request: StreamedRequest = { prompts: [[5, 9, 40]], layers: [0], pooling: 'last', precision: 'float16' };
  const checkpoint = (tensor: string, scale: number): ReturnType<typeof memoryFiles> => {
    const tensors = madeUpTensors();
    const scaled = tensors[tensor];
    if (scaled === undefined) throw new Error(`no ${tensor}`);
    const changed = { ...tensors, [tensor]: { ...scaled, data: scaled.data.map((value) => value * scale) } };
    return memoryFiles({ ...madeUpFiles(), 'model.safetensors': writeSafetensors(changed) });
  };

  it('are refused where a weight lies beyond float16, by the tensor’s name', async () => {
    const tensor = 'model.layers.0.mlp.up_proj.weight';
    await expect(extractStreamed(checkpoint(tensor, 1e6), runtime, request)).rejects.toThrow(tensor);
  });

  it('are refused where activations lie beyond float16', async () => {
    const large = checkpoint('model.embed_tokens.weight', 1e38); // beyond float32 too: on a CPU only that shows
    await expect(extractStreamed(large, runtime, request)).rejects.toThrow(/too large for float16, at layer 0/);
  });

  it('are refused on a GPU without 16-bit floats, before anything is fetched', async () => {
    const gpu = { features: new Set<string>() } as unknown as GPUDevice;
    const without: Runtime = { ...runtime, provider: 'webgpu', gpu };
    await expect(extractStreamed(memoryFiles(madeUpFiles()), without, request)).rejects.toMatchObject({
      code: 'device',
      nextStep: 'Extract in float32.',
    });
  });
});
