/** Checkpoints of any OLMo shape with made-up bfloat16 weights, laid out as Hugging Face lays them out, on no disk. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseConfig, type OlmoConfig } from '../../src/engine/checkpoint/config.ts';
import type { JsonObject } from '../../src/formats/bytes/json.ts';
import { digestOf, type RevisionFiles, type ServedFile } from './served-file.ts';
import { GENERATOR_VERSION, WeightPool } from './weight-bytes.ts';

const DEFAULT_SHARD_BYTES = 5e9; // save_pretrained's default
const CHUNK_BYTES = 1 << 20;
const NORM_STD = 0.05;
const NORM_PLACES = 1 << 14; // norms are few and short

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly index: number; // among all tensors of the checkpoint
}

export interface MadeUpOptions {
  readonly seed?: number;
  readonly maxShardBytes?: number;
  readonly files?: RevisionFiles; // beside config.json and the weights: a tokenizer, a chat template
}

/** The files of a checkpoint of `config` (a config.json): the same seed gives the same bytes. */
export function madeUpCheckpoint(config: JsonObject, options: MadeUpOptions = {}): RevisionFiles {
  const { seed = 1, maxShardBytes = DEFAULT_SHARD_BYTES, files = {} } = options;
  const parsed = parseConfig(config);
  const matrices = new WeightPool(seed, { mean: 0, std: parsed.hiddenSize ** -0.5 });
  const norms = new WeightPool(seed, { mean: 1, std: NORM_STD }, NORM_PLACES);
  const groups = shard(tensorsOf(parsed), maxShardBytes);
  const names = groups.map((_, index) => shardName(index, groups.length));
  const shards = groups.map((tensors) => new Shard(tensors, seed, (tensor) => (isNorm(tensor) ? norms : matrices)));
  const weightMap = groups.flatMap((tensors, index) => tensors.map(({ name }) => [name, names[index]]));
  const index = {
    metadata: { total_size: groups.flat().reduce((sum, tensor) => sum + bytesOf(tensor), 0) },
    weight_map: Object.fromEntries(weightMap) as Record<string, string>,
  };
  return {
    'config.json': JSON.stringify(config, null, 2),
    'generation_config.json': JSON.stringify({ eos_token_id: config['eos_token_id'] ?? null }),
    ...Object.fromEntries(shards.map((file, position) => [names[position] ?? '', file])),
    ...(groups.length > 1 ? { 'model.safetensors.index.json': JSON.stringify(index, null, 2) } : {}),
    ...files,
  };
}

const isNorm = ({ shape }: Tensor): boolean => shape.length === 1;

const bytesOf = ({ shape }: Tensor): number => shape.reduce((product, size) => product * size, 2);

/** Every tensor in the order of transformers' state dictionary. */
function tensorsOf(config: OlmoConfig): Tensor[] {
  const { family, hiddenSize: hidden, intermediateSize: mlp, heads, kvHeads, headDim, vocabSize } = config;
  const [q, kv] = [heads * headDim, kvHeads * headDim];
  const hasNorms = family !== 'olmo'; // OLMo 1's have no weights
  const perLayer: (readonly [string, ...number[]])[] = [
    ['self_attn.q_proj', q, hidden],
    ['self_attn.k_proj', kv, hidden],
    ['self_attn.v_proj', kv, hidden],
    ['self_attn.o_proj', hidden, q],
    ...(hasNorms ? ([['self_attn.q_norm', q], ['self_attn.k_norm', kv]] as const) : []), // prettier-ignore
    ['mlp.gate_proj', mlp, hidden],
    ['mlp.up_proj', mlp, hidden],
    ['mlp.down_proj', hidden, mlp],
    ...(hasNorms ? ([['post_attention_layernorm', hidden], ['post_feedforward_layernorm', hidden]] as const) : []), // prettier-ignore
  ];
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    perLayer.map(([name, ...shape]) => ({ name: `model.layers.${layer}.${name}.weight`, shape })),
  );
  const all = [
    { name: 'model.embed_tokens.weight', shape: [vocabSize, hidden] },
    ...layers.flat(),
    ...(hasNorms ? [{ name: 'model.norm.weight', shape: [hidden] }] : []),
    ...(config.tiedEmbeddings ? [] : [{ name: 'lm_head.weight', shape: [vocabSize, hidden] }]),
  ];
  return all.map((tensor, index) => ({ ...tensor, index }));
}

/** Fills one file after the other, as save_pretrained does; within a file safetensors sorts by name. */
function shard(tensors: readonly Tensor[], maxBytes: number): Tensor[][] {
  const shards: Tensor[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    if (shards.length === 0 || bytesOf(tensor) > room) {
      shards.push([]);
      room = maxBytes;
    }
    shards.at(-1)?.push(tensor);
    room -= bytesOf(tensor);
  }
  return shards.map((group) => group.sort((a, b) => (a.name < b.name ? -1 : 1)));
}

function shardName(index: number, count: number): string {
  if (count === 1) return 'model.safetensors';
  const number = (value: number): string => String(value).padStart(5, '0');
  return `model-${number(index + 1)}-of-${number(count)}.safetensors`;
}

/** One safetensors file, generated for whatever range is read. */
class Shard implements ServedFile {
  readonly byteLength: number;
  readonly #header: Uint8Array;
  readonly #parts: readonly { tensor: Tensor; pool: WeightPool; start: number; end: number }[];
  readonly #key: string; // names the content among all made-up files
  #digest: Promise<string> | null = null;

  constructor(tensors: readonly Tensor[], seed: number, poolOf: (tensor: Tensor) => WeightPool) {
    const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
    let offset = 0;
    for (const tensor of tensors) {
      header[tensor.name] = { dtype: 'BF16', shape: tensor.shape, data_offsets: [offset, offset + bytesOf(tensor)] };
      offset += bytesOf(tensor);
    }
    const text = JSON.stringify(header);
    const padded = text.padEnd(Math.ceil(text.length / 8) * 8);
    this.#header = new Uint8Array(8 + padded.length);
    new DataView(this.#header.buffer).setBigUint64(0, BigInt(padded.length), true);
    this.#header.set(new TextEncoder().encode(padded), 8);
    let start = this.#header.byteLength;
    this.#parts = tensors.map((tensor) => {
      const part = { tensor, pool: poolOf(tensor), start, end: start + bytesOf(tensor) };
      start = part.end;
      return part;
    });
    this.byteLength = start;
    const indices = tensors.map(({ index }) => index);
    this.#key = createHash('sha1')
      .update(JSON.stringify([GENERATOR_VERSION, seed, indices, text]))
      .digest('hex');
  }

  async *read(start: number, end: number): AsyncIterable<Uint8Array> {
    for (let position = start; position < end; position += CHUNK_BYTES) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - position));
      this.#fill(chunk, position);
      yield chunk;
      await setImmediate(); // other requests get their turn
    }
  }

  #fill(target: Uint8Array, start: number): void {
    const end = start + target.byteLength;
    target.set(this.#header.subarray(start, end));
    for (const { tensor, pool, ...part } of this.#parts) {
      const [from, to] = [Math.max(start, part.start), Math.min(end, part.end)];
      if (from < to) pool.fill(target.subarray(from - start, to - start), tensor.index, from - part.start);
    }
  }

  /** Kept in the system's folder for temporary files: hashing the 7B shape takes most of a minute. */
  sha256(): Promise<string> {
    return (this.#digest ??= this.#readOrComputeDigest());
  }

  async #readOrComputeDigest(): Promise<string> {
    const path = join(tmpdir(), `harmscope-made-up-${this.#key}.sha256`);
    if (existsSync(path)) return readFileSync(path, 'utf8');
    const digest = await digestOf('sha256', this);
    writeFileSync(path, digest);
    return digest;
  }
}
