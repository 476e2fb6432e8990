/** A checkpoint of any shape with made-up weights, generated while they are read: a model of gigabytes that takes no disk. */
import type { CheckpointFiles } from '../src/engine/checkpoint-files.ts';
import { bytesSource, type ByteSource } from '../src/formats/byte-source.ts';
import { float32ToBfloat16 } from '../src/formats/half-precision.ts';

export interface MadeUpShape {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
}

export const SHAPES = {
  tiny: { hiddenSize: 256, layers: 2, heads: 4, intermediateSize: 512, vocabSize: 4096 },
  '1B': { hiddenSize: 2048, layers: 16, heads: 16, intermediateSize: 8192, vocabSize: 100352 }, // OLMo 2 1B
  '7B': { hiddenSize: 4096, layers: 32, heads: 32, intermediateSize: 11008, vocabSize: 100278 }, // OLMo 3 7B
} as const satisfies Record<string, MadeUpShape>;

const PERIOD = 2 ** 20 + 7; // weights after which they repeat: no multiple of a row

/** OLMo 2 in one file of bfloat16. */
export function madeUpCheckpoint(shape: MadeUpShape, label: string): CheckpointFiles {
  const config = {
    model_type: 'olmo2',
    hidden_size: shape.hiddenSize,
    intermediate_size: shape.intermediateSize,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.heads,
    vocab_size: shape.vocabSize,
    max_position_embeddings: 4096,
    rms_norm_eps: 1e-6,
    rope_theta: 500000,
    tie_word_embeddings: false,
  };
  const json = bytesSource('config.json', new TextEncoder().encode(JSON.stringify(config)));
  const weights = weightsSource(shape);
  return {
    label,
    open: (file) => Promise.resolve(file === 'config.json' ? json : file === 'model.safetensors' ? weights : null),
  };
}

function tensorShapes(shape: MadeUpShape): [string, number[]][] {
  const { hiddenSize: d, intermediateSize: m, vocabSize } = shape;
  const layer = (index: number): [string, number[]][] =>
    (
      [
        ['self_attn.q_proj', [d, d]],
        ['self_attn.k_proj', [d, d]],
        ['self_attn.v_proj', [d, d]],
        ['self_attn.o_proj', [d, d]],
        ['self_attn.q_norm', [d]],
        ['self_attn.k_norm', [d]],
        ['post_attention_layernorm', [d]],
        ['post_feedforward_layernorm', [d]],
        ['mlp.gate_proj', [m, d]],
        ['mlp.up_proj', [m, d]],
        ['mlp.down_proj', [d, m]],
      ] as [string, number[]][]
    ).map(([name, dims]) => [`model.layers.${index}.${name}.weight`, dims]);
  return [
    ['model.embed_tokens.weight', [vocabSize, d]],
    ...Array.from({ length: shape.layers }, (_, index) => layer(index)).flat(),
    ['model.norm.weight', [d]],
    ['lm_head.weight', [vocabSize, d]],
  ];
}

/** The weights repeat one bell-shaped sequence of standard deviation 0.02; norms, which are short, get it too. */
function weightsSource(shape: MadeUpShape): ByteSource {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, dims] of tensorShapes(shape)) {
    const bytes = dims.reduce((product, size) => product * size, 2);
    header[name] = { dtype: 'BF16', shape: dims, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(start).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(start - 8), true);
  head.set(json, 8);
  const pattern = new Uint8Array(float32ToBfloat16(bellShaped(PERIOD)).buffer);
  return {
    name: 'model.safetensors',
    byteLength: start + offset,
    slice: (from, to) => {
      const out = new Uint8Array(to - from);
      for (let at = from; at < to;) {
        const inHead = at < start;
        const source = inHead ? head : pattern;
        const index = inHead ? at : (at - start) % pattern.length;
        const part = source.subarray(index, Math.min(source.length, index + to - at));
        out.set(part, at - from);
        at += part.length;
      }
      return Promise.resolve(out);
    },
  };
}

/** Normal, standard deviation 0.02, from a linear congruential generator and Box and Muller's transform. */
function bellShaped(length: number): Float32Array {
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  return Float32Array.from(
    { length },
    () => 0.02 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
