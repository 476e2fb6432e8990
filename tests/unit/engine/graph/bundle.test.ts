import { packRows } from '../../../../src/engine/run/packing.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import { CheckpointTensors } from '../../../../src/engine/checkpoint/checkpoint-tensors.ts';
import { requireJson, type CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { parseConfig, type OlmoConfig } from '../../../../src/engine/checkpoint/config.ts';
import { EmbeddingTable } from '../../../../src/engine/checkpoint/embedding-table.ts';
import { bundleWithInputs } from '../../../../src/engine/graph/bundle.ts';
import { buildDecoder, type DecoderGraph, type DecoderOptions } from '../../../../src/engine/graph/decoder.ts';
import { encodeWeight } from '../../../../src/engine/graph/encode-weight.ts';
import type { OlmoModel } from '../../../../src/engine/run/model.ts';
import { residPost } from '../../../../src/engine/run/residual-sites.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import type { Tensor } from '../../../../src/engine/device/runtime.ts';
import { goldenFiles, openModel } from '../../../support/checkpoint-fixtures.ts';

const { ort } = openNodeRuntime(1);
const IDS = [7, 3, 99, 41, 3, 8, 110, 64, 5]; // longer than the fixture's window of 5
const CAPACITY = 16;

/** What a graph whose weights are inputs gives for one row of tokens. */
async function runWithInputs(
  config: OlmoConfig,
  tensors: CheckpointTensors,
  options: Omit<DecoderOptions, 'capacity'>,
  x: Float32Array, // [tokens, hidden]
  steering: Float32Array, // [layers of the graph, 1, hidden]
): Promise<Record<string, Float32Array>> {
  const graph: DecoderGraph = buildDecoder(config, { ...options, capacity: CAPACITY });
  const session = await ort.InferenceSession.create(bundleWithInputs(graph), { executionProviders: ['wasm'] });
  const feeds: Record<string, Tensor> = {};
  for (const weight of graph.weights) {
    const parts = encodeWeight(weight, await tensors.read(weight.tensor, weight.shape));
    for (const [i, { name, shape }] of weight.values.entries()) {
      const part = parts[i] ?? new Uint8Array();
      feeds[name] = new ort.Tensor(
        'float32',
        new Float32Array(part.buffer, part.byteOffset, part.byteLength / 4),
        shape,
      );
    }
  }
  const cacheShape = [1, config.kvHeads, CAPACITY, config.headDim];
  for (const { name } of graph.inputs) {
    if (!name.startsWith('past.')) continue;
    feeds[name] = new ort.Tensor('float32', new Float32Array(CAPACITY * config.kvHeads * config.headDim), cacheShape);
  }
  const [first] = graph.inputs;
  feeds[first?.name ?? ''] = new ort.Tensor('float32', x, [IDS.length, config.hiddenSize]);
  feeds['seqlens_k'] = new ort.Tensor('int32', Int32Array.of(IDS.length - 1), [1]);
  feeds['total_sequence_length'] = new ort.Tensor('int32', Int32Array.of(IDS.length), [1]);
  feeds['steering'] = new ort.Tensor('float32', steering, [steering.length / config.hiddenSize, 1, config.hiddenSize]);
  const order = BigInt64Array.from(IDS, (_id, position) => BigInt(position));
  feeds['place_tokens'] = new ort.Tensor('int64', order, [1, IDS.length]);
  feeds['token_places'] = new ort.Tensor('int64', order, [IDS.length]);
  feeds['token_rows'] = new ort.Tensor('int64', new BigInt64Array(IDS.length), [IDS.length]);
  if (session.inputNames.includes('position_ids')) {
    feeds['position_ids'] = new ort.Tensor('int64', order, [1, IDS.length]);
  }
  if (session.inputNames.includes('logit_rows')) {
    feeds['logit_rows'] = new ort.Tensor('int64', BigInt64Array.of(BigInt(IDS.length - 1)), [1]);
  }
  const outputs = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, tensor.data as Float32Array]));
}

describe('a graph whose weights are inputs', () => {
  let files: CheckpointFiles;
  let config: OlmoConfig;
  let tensors: CheckpointTensors;
  let model: OlmoModel;
  let full: { logits: Float32Array; residuals: ReadonlyMap<number, Float32Array> };
  let steering: Float32Array; // [layers, 1, hidden]

  beforeAll(async () => {
    files = await goldenFiles('olmo3-yarn');
    config = parseConfig(await requireJson(files, 'config.json'));
    tensors = await CheckpointTensors.open(files);
    model = await openModel(files);
    steering = Float32Array.from({ length: config.layers * config.hiddenSize }, (_, i) => Math.sin(i) / 4);
    const cache = model.createCache(1, CAPACITY);
    const layers = Array.from({ length: config.layers }, (_, layer) => layer);
    const { logits, residuals } = await model.forward({
      ids: [IDS],
      cache,
      steering,
      logits: 'last',
      residuals: layers,
    });
    cache.dispose();
    full = { logits: logits ?? new Float32Array(), residuals };
  });
  afterAll(() => model.dispose());

  const residual = (layer: number): Float32Array => full.residuals.get(layer) ?? new Float32Array();
  const pushes = (from: number, to: number): Float32Array =>
    steering.subarray(from * config.hiddenSize, to * config.hiddenSize);

  it('gives what the same weights give as initializers', async () => {
    const { hiddenSize, vocabSize } = config;
    const table = new EmbeddingTable(await tensors.locate('model.embed_tokens.weight', [vocabSize, hiddenSize]));
    const x = await table.embed([IDS], packRows([IDS.length]));
    const outputs = await runWithInputs(config, tensors, { precision: 'float32' }, x, steering);
    expect(relativeL2(outputs['logits'] ?? new Float32Array(), full.logits)).toBeLessThan(1e-6);
    for (let layer = 0; layer < config.layers; layer++) {
      expect(relativeL2(outputs[residPost(layer)] ?? new Float32Array(), residual(layer))).toBeLessThan(1e-6);
    }
  });

  it.each(['in-place', 'appended'] as const)(
    'runs some of the layers, from what the layer before them handed on, cache %s',
    async (cache) => {
      const options = { precision: 'float32', layers: [2, 4], head: false, cache } as const;
      const outputs = await runWithInputs(config, tensors, options, residual(1), pushes(2, 4));
      expect(outputs['logits']).toBeUndefined();
      expect(outputs[residPost(1)]).toBeUndefined();
      expect(relativeL2(outputs[residPost(2)] ?? new Float32Array(), residual(2))).toBeLessThan(1e-6);
      expect(relativeL2(outputs[residPost(3)] ?? new Float32Array(), residual(3))).toBeLessThan(1e-6);
    },
  );

  it('declares only the tensors of its layers, so that no others are fetched', () => {
    const names = (options: Partial<DecoderOptions>): string[] =>
      buildDecoder(config, { precision: 'float32', capacity: CAPACITY, ...options }).weights.map(
        ({ tensor }) => tensor,
      );
    expect(names({ layers: [1, 2] }).every((name) => name.startsWith('model.layers.1.'))).toBe(true);
    expect(names({ layers: [1, 2] }).length).toBe(11);
    expect(names({ layers: [3, 4] })).toEqual(expect.arrayContaining(['model.norm.weight', 'lm_head.weight']));
    expect(names({})).not.toContain('model.embed_tokens.weight');
  });

  it('runs one layer at a time through to the logits', async () => {
    let x = residual(0);
    for (let layer = 1; layer < config.layers; layer++) {
      const options = { precision: 'float32', layers: [layer, layer + 1] } as const;
      const outputs = await runWithInputs(config, tensors, options, x, pushes(layer, layer + 1));
      x = outputs[residPost(layer)] ?? new Float32Array();
      const { logits } = outputs;
      if (logits) expect(relativeL2(logits, full.logits)).toBeLessThan(1e-6);
      expect(logits !== undefined).toBe(layer === config.layers - 1);
    }
  });
});
