/** A checkpoint of any shape whose weights are generated as they are read: 15 GB without any storage. */
import { createRandom } from '../../src/core/sampling/random.ts';
import type { CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { parseConfig } from '../../src/engine/checkpoint/config.ts';
import { STAGES_PER_LAYER, stageWeights } from '../../src/engine/streamed/stage-graph.ts';
import { bytesSource, type ByteSource } from '../../src/formats/bytes/byte-source.ts';
import { float32ToBfloat16 } from '../../src/formats/bytes/half-precision.ts';
import type { JsonObject } from '../../src/formats/bytes/json.ts';
import { OLMO_2_1B, OLMO_3_7B } from '../../tests/hub-server/olmo-shapes.ts';

export const SHAPES = {
  tiny: { ...OLMO_2_1B, hidden_size: 256, intermediate_size: 512, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 4, vocab_size: 4096 },
  '1B': OLMO_2_1B,
  '7B': OLMO_3_7B,
} as const satisfies Record<string, JsonObject>; // prettier-ignore

const PATTERN_WEIGHTS = 2 ** 21; // the weights repeat after this many: speed and memory do not depend on their values
const STD = 0.02; // standard deviation of OLMo's initial weights

/** bfloat16 weights, approximately normal: sums of four uniform numbers. */
function pattern(): Uint8Array {
  const random = createRandom(1);
  const spread = STD * Math.sqrt(3);
  const values = Float32Array.from(
    { length: PATTERN_WEIGHTS },
    () => (random() + random() + random() + random() - 2) * spread,
  );
  return new Uint8Array(float32ToBfloat16(values).buffer);
}

/** config.json and one bfloat16 model.safetensors. */
export function madeUpCheckpoint(config: JsonObject, label = 'made-up'): CheckpointFiles {
  const weights = madeUpWeights(config);
  const text = new TextEncoder().encode(JSON.stringify(config));
  return {
    label,
    open: (file) => {
      if (file === 'config.json') return Promise.resolve(bytesSource(file, text));
      return Promise.resolve(file === weights.name ? weights : null);
    },
  };
}

function madeUpWeights(json: JsonObject): ByteSource {
  const config = parseConfig(json);
  const table = [config.vocabSize, config.hiddenSize];
  const stages = STAGES_PER_LAYER * config.layers;
  const layers = Array.from({ length: stages }, (_, stage) => stageWeights(config, stage)).flat();
  const tensors = [
    { tensor: 'model.embed_tokens.weight', shape: table },
    ...layers,
    { tensor: 'model.norm.weight', shape: [config.hiddenSize] },
    { tensor: 'lm_head.weight', shape: table },
  ];
  let offset = 0;
  const header = Object.fromEntries(
    tensors.map(({ tensor, shape }) => {
      const start = offset;
      offset += shape.reduce((product, size) => product * size, 2);
      return [tensor, { dtype: 'BF16', shape, data_offsets: [start, offset] }];
    }),
  );
  const start = headerBytes(header);
  const block = pattern();
  return {
    name: 'model.safetensors',
    byteLength: start.byteLength + offset,
    slice: (from, to) => Promise.resolve(from < start.byteLength ? start.slice(from, to) : fill(block, from, to)),
  };
}

function headerBytes(header: JsonObject): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + Math.ceil(json.byteLength / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.byteLength - 8), true);
  bytes.set(json, 8);
  return bytes;
}

/** Bytes `from` to `to` of the endlessly repeated pattern. */
function fill(block: Uint8Array, from: number, to: number): Uint8Array {
  const out = new Uint8Array(to - from);
  for (let at = 0; at < out.length;) {
    const start = (from + at) % block.length;
    const part = block.subarray(start, Math.min(block.length, start + out.length - at));
    out.set(part, at);
    at += part.length;
  }
  return out;
}
