/** Checkpoints for tests: the golden ones of `tests/fixtures`, and made-up ones in memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderFiles } from '../../cli/files/folder.ts';
import { createRandom } from '../../src/core/sampling/random.ts';
import type { CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { OlmoModel } from '../../src/engine/run/model.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { bytesSource } from '../../src/formats/bytes/byte-source.ts';
import type { JsonObject } from '../../src/formats/bytes/json.ts';
import { writeSafetensors, type Float32Tensor } from '../../src/formats/bytes/safetensors.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');

export const goldenFolder = (name: string): string => join(FIXTURES, 'golden', name);

export const goldenFiles = (name: string): Promise<CheckpointFiles> => folderFiles(goldenFolder(name), name);

export const readFixture = (path: string): string => readFileSync(join(FIXTURES, path), 'utf8');

export const fixtureJson = (path: string): JsonObject => JSON.parse(readFixture(path)) as JsonObject;

/** A checkpoint in memory; text becomes UTF-8. */
export function memoryFiles(files: Readonly<Record<string, string | Uint8Array>>, label = 'made-up'): CheckpointFiles {
  return {
    label,
    open: (file) => {
      const content = Object.hasOwn(files, file) ? files[file] : undefined;
      if (content === undefined) return Promise.resolve(null);
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      return Promise.resolve(bytesSource(file, bytes));
    },
  };
}

export const openModel = (files: CheckpointFiles): Promise<OlmoModel> =>
  OlmoModel.open(files, openNodeRuntime(1), { precision: 'float32' });

/** OLMo 3 in small, with the vocabulary of the fixture tokenizer. */
export const MADE_UP_CONFIG = {
  model_type: 'olmo3',
  hidden_size: 32,
  intermediate_size: 24,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: 300,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  sliding_window: 6,
  layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'],
  tie_word_embeddings: false,
  eos_token_id: 298,
} as const;

export const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** Random weights of `MADE_UP_CONFIG`, scaled so that logits spread like a trained model's. */
export function madeUpTensors(seed = 1): Record<string, Float32Tensor> {
  const random = createRandom(seed);
  const c = MADE_UP_CONFIG;
  const headDim = c.hidden_size / c.num_attention_heads;
  const matrix = (...shape: number[]): Float32Tensor => {
    const size = shape.reduce((product, n) => product * n, 1);
    const width = shape.at(-1) ?? 1;
    return { shape, data: Float32Array.from({ length: size }, () => (random() - 0.5) * 3.5 * width ** -0.5) };
  };
  const ones = (size: number): Float32Tensor => ({
    shape: [size],
    data: Float32Array.from({ length: size }, () => 0.8 + 0.4 * random()),
  });
  const layers = Array.from({ length: c.num_hidden_layers }, (_, layer) => {
    const at = `model.layers.${layer}`;
    const [q, kv] = [c.num_attention_heads * headDim, c.num_key_value_heads * headDim];
    return {
      [`${at}.self_attn.q_proj.weight`]: matrix(q, c.hidden_size),
      [`${at}.self_attn.k_proj.weight`]: matrix(kv, c.hidden_size),
      [`${at}.self_attn.v_proj.weight`]: matrix(kv, c.hidden_size),
      [`${at}.self_attn.o_proj.weight`]: matrix(c.hidden_size, q),
      [`${at}.self_attn.q_norm.weight`]: ones(q),
      [`${at}.self_attn.k_norm.weight`]: ones(kv),
      [`${at}.mlp.gate_proj.weight`]: matrix(c.intermediate_size, c.hidden_size),
      [`${at}.mlp.up_proj.weight`]: matrix(c.intermediate_size, c.hidden_size),
      [`${at}.mlp.down_proj.weight`]: matrix(c.hidden_size, c.intermediate_size),
      [`${at}.post_attention_layernorm.weight`]: ones(c.hidden_size),
      [`${at}.post_feedforward_layernorm.weight`]: ones(c.hidden_size),
    };
  });
  return Object.assign(
    {
      'model.embed_tokens.weight': matrix(c.vocab_size, c.hidden_size),
      'model.norm.weight': ones(c.hidden_size),
      'lm_head.weight': matrix(c.vocab_size, c.hidden_size),
    },
    ...layers,
  ) as Record<string, Float32Tensor>;
}

/** Every file of a made-up checkpoint, for tests to change. */
export function madeUpFiles(config: JsonObject = MADE_UP_CONFIG, seed = 1): Record<string, string | Uint8Array> {
  return {
    'config.json': JSON.stringify(config),
    'generation_config.json': JSON.stringify({ eos_token_id: [296, 298] }),
    'tokenizer.json': readFixture('tokenizer/tokenizer.json'),
    'tokenizer_config.json': JSON.stringify({ chat_template: CHAT_TEMPLATE, eos_token: '<|im_end|>' }),
    'model.safetensors': writeSafetensors(madeUpTensors(seed)),
  };
}
