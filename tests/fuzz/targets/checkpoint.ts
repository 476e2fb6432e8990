/** config.json, and the index of a checkpoint in shards. */
import fc from 'fast-check';
import { CheckpointTensors } from '../../../src/engine/checkpoint/checkpoint-tensors.ts';
import { parseConfig, type OlmoConfig } from '../../../src/engine/checkpoint/config.ts';
import { buildDecoder } from '../../../src/engine/graph/decoder.ts';
import { ropeCaches } from '../../../src/engine/run/rope.ts';
import { parseJsonObject } from '../../../src/formats/bytes/json.ts';
import { writeSafetensors } from '../../../src/formats/bytes/safetensors.ts';
import { memoryFiles } from '../../support/checkpoint-fixtures.ts';
import { anyJson, oddName, type Json } from '../harness/spoilt-json.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';
import { tensorName } from './safetensors.ts';

const yarn: Json = {
  ...{ rope_type: 'yarn', factor: 8, original_max_position_embeddings: 8192 },
  ...{ beta_fast: 32, beta_slow: 1, attention_factor: 1.2079 },
};
const plain: Json = { rope_type: 'default', rope_theta: 500_000 };
const rope = fc.constantFrom<Json>(null, yarn, plain, { full_attention: yarn, sliding_attention: plain });

const config: fc.Arbitrary<Json> = fc
  .record({
    family: fc.constantFrom('olmo', 'olmo2', 'olmo3'),
    layers: fc.integer({ min: 1, max: 6 }),
    heads: fc.constantFrom(1, 2, 4, 16),
    kvHeads: fc.constantFrom(1, 2),
    headDim: fc.constantFrom(16, 64, 128),
    context: fc.constantFrom(64, 4096, 65_536),
    parts: fc.subarray(['rope_scaling', 'rope_parameters', 'layer_types', 'head_dim', 'clip_qkv']),
    rope,
  })
  .map(({ family, layers, heads, kvHeads, headDim, context, parts, rope: rotary }) => {
    const has = (part: (typeof parts)[number]): boolean => parts.includes(part);
    const types = Array.from({ length: layers }, (_, layer) =>
      layer % 4 === 3 ? 'full_attention' : 'sliding_attention',
    );
    return {
      ...{ model_type: family, hidden_size: heads * headDim, intermediate_size: 256, num_hidden_layers: layers },
      ...{ num_attention_heads: heads, num_key_value_heads: Math.min(heads, kvHeads), vocab_size: 500 },
      ...{ max_position_embeddings: context, rms_norm_eps: 1e-6, rope_theta: 500_000, sliding_window: 4096 },
      ...{ tie_word_embeddings: false, hidden_act: 'silu', attention_bias: false, architectures: ['Olmo3ForCausalLM'] },
      ...(has('rope_scaling') && { rope_scaling: rotary }),
      ...(has('rope_parameters') && { rope_parameters: rotary }),
      ...(has('layer_types') && { layer_types: types }),
      ...(has('head_dim') && { head_dim: headDim }),
      ...(has('clip_qkv') && { clip_qkv: family === 'olmo' ? 8 : null }),
    };
  });

const LAYOUT = { blockSize: 32, partWeights: 1e9 } as const;

function checkConfig(text: string): void {
  const read = parseConfig(parseJsonObject('config.json', text));
  for (const [key, value] of Object.entries({ ...read, ...read.yarn })) {
    hold(typeof value !== 'number' || (Number.isFinite(value) && value >= 0), `${key} is a finite number from 0 up`);
  }
  hold(read.attention.length === read.layers, 'each layer has its attention');
  hold(Number.isInteger(read.headDim) && read.heads % read.kvHeads === 0, 'heads can be divided among');
  checkRope(read);
  if (read.layers <= 6 && read.hiddenSize <= 4096 && read.intermediateSize <= 16_384) {
    buildDecoder(read, { precision: 'float32', capacity: 1, layout: LAYOUT });
  }
}

function checkRope(read: OlmoConfig): void {
  if (read.headDim > 256) return;
  for (const scaling of [null, read.yarn]) {
    const { cos, sin } = ropeCaches(read, 3, scaling);
    hold(cos.every(Number.isFinite) && sin.every(Number.isFinite), 'rotary positions are finite');
  }
}

const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const shardName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...SHARDS) },
  fc.constantFrom('config.json', '../model.safetensors', '/etc/passwd', 'a/b.safetensors', 'model.safetensors'),
  oddName,
);
const tensors = { 'model.norm.weight': { shape: [4], data: new Float32Array(4) } };
const shard = writeSafetensors(tensors);
const spoiltShard = shard.slice(0, -3);

const index: fc.Arbitrary<Json> = fc
  .tuple(fc.nat(1e9), fc.dictionary(tensorName, shardName, { maxKeys: 8 }))
  .map(([total_size, others]) => {
    const weight_map = { 'model.norm.weight': SHARDS[0] ?? '', ...others };
    return { metadata: { total_size }, weight_map };
  });

async function checkIndex([text, isSpoilt]: readonly [string, boolean]): Promise<void> {
  const second = isSpoilt ? spoiltShard : shard;
  const named = { [SHARDS[0] ?? '']: shard, [SHARDS[1] ?? '']: second, 'model.safetensors.index.json': text };
  const opened = await CheckpointTensors.open(memoryFiles({ ...named, 'config.json': '{}' }));
  hold(typeof opened.fileOf('__proto__') === 'string', 'a tensor’s file has a name');
  for (const { source, entry } of await opened.list()) {
    hold(entry.end <= source.byteLength, 'a tensor lies within its file');
  }
  await opened.locate('model.norm.weight', [4]);
}

export const CHECKPOINT_TARGETS: readonly FuzzTarget[] = [
  defineTarget('config', anyJson(config), checkConfig),
  defineTarget('index', fc.tuple(anyJson(index), fc.boolean()), checkIndex),
];
