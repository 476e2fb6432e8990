/** What a conversion reads, in the order in which it lies in the checkpoint's files, and what becomes of it. */
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import type { TensorEntry } from '../../formats/bytes/safetensors.ts';
import type { CheckpointTensors } from '../checkpoint/checkpoint-tensors.ts';
import type { OlmoConfig } from '../checkpoint/config.ts';
import type { WeightDeclaration } from '../graph/builder.ts';
import { encodesByRow } from '../graph/encode-weight.ts';

/** One tensor of the checkpoint, read once for all that is made of it. */
export interface TensorJob {
  readonly entry: TensorEntry;
  readonly weights: readonly WeightDeclaration[]; // of the graph; several where it is cut into parts
  readonly isEmbedding: boolean; // kept as it came
}

/** One file of the checkpoint. */
export interface ShardPlan {
  readonly file: string;
  readonly source: ByteSource;
  readonly jobs: readonly TensorJob[]; // by where they start
}

export const EMBEDDING_TENSOR = 'model.embed_tokens.weight';

/** Finds every tensor that the graph and the embedding table want. Throws errors that name the tensor. */
export async function planShards(
  tensors: CheckpointTensors,
  config: OlmoConfig,
  weights: readonly WeightDeclaration[],
): Promise<readonly ShardPlan[]> {
  const wanted = new Map<string, WeightDeclaration[]>([[EMBEDDING_TENSOR, []]]);
  for (const weight of weights) wanted.set(weight.tensor, [...(wanted.get(weight.tensor) ?? []), weight]);
  const shards = new Map<string, { source: ByteSource; jobs: TensorJob[] }>();
  for (const [tensor, declared] of wanted) {
    const shape = declared[0]?.shape ?? [config.vocabSize, config.hiddenSize];
    const { source, entry } = await tensors.locate(tensor, shape);
    const file = tensors.fileOf(tensor);
    const shard = shards.get(file) ?? { source, jobs: [] };
    shards.set(file, shard);
    shard.jobs.push({ entry, weights: declared, isEmbedding: tensor === EMBEDDING_TENSOR });
  }
  return [...shards]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, { source, jobs }]) => ({
      file,
      source,
      jobs: jobs.sort((a, b) => a.entry.start - b.entry.start),
    }));
}

/** A range of a file that is read at once: rows of a tensor, or bytes between tensors that only the file's digest needs. */
export interface Chunk {
  readonly start: number; // bytes, in the file
  readonly end: number;
  readonly rows: { readonly job: TensorJob; readonly from: number; readonly to: number } | null;
}

/** The chunks of a tensor: a part each where its encoding is transposed, else as many rows as fit. */
export function chunksOf(job: TensorJob, chunkBytes: number): readonly Chunk[] {
  const { entry, weights } = job;
  const [rows = 1] = entry.shape;
  const rowBytes = (entry.end - entry.start) / rows;
  const byPart = weights.filter((weight) => !encodesByRow(weight));
  const step = Math.max(1, Math.floor(chunkBytes / rowBytes));
  const ranges =
    byPart.length > 0
      ? byPart.map((weight) => weight.rows ?? ([0, rows] as const))
      : Array.from({ length: Math.ceil(rows / step) }, (_, i) => [i * step, Math.min((i + 1) * step, rows)] as const);
  return ranges.map(([from, to]) => ({
    start: entry.start + from * rowBytes,
    end: entry.start + to * rowBytes,
    rows: { job, from, to },
  }));
}

/** The bytes from `start` to `end` in chunks that nothing is made of. */
export function gapChunks(start: number, end: number, chunkBytes: number): readonly Chunk[] {
  return Array.from({ length: Math.ceil((end - start) / chunkBytes) }, (_, i) => ({
    start: start + i * chunkBytes,
    end: Math.min(start + (i + 1) * chunkBytes, end),
    rows: null,
  }));
}
