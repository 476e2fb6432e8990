/** The embedding rows that prompts use: the only part of the table that is fetched. */
import { LabError } from '../../core/errors.ts';
import { decodeFloat32, type TensorEntry } from '../../formats/bytes/safetensors.ts';
import type { LocatedTensor } from '../checkpoint/checkpoint-tensors.ts';
import { packEmbeddings } from '../run/packing.ts';
import type { PromptBatch } from '../run/prompt-batches.ts';
import { inParallel, joinRanges, readRange, type ByteRange, type JoinedRange } from './byte-ranges.ts';

type Prompts = readonly (readonly number[])[];

interface RowRange extends ByteRange {
  readonly id: number;
}

/** Ranges of the file that hold the rows of all tokens. Throws `bad-request` for a token that the table lacks. */
export function embeddingRanges(entry: TensorEntry, prompts: Prompts): JoinedRange<RowRange>[] {
  const [vocabSize = 0] = entry.shape;
  const rowBytes = (entry.end - entry.start) / vocabSize;
  const rows = [...new Set(prompts.flat())].map((id) => {
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize) {
      const nextStep = 'The tokenizer and the weights are not of the same checkpoint.';
      throw new LabError('bad-request', `Token ${id} is outside of the vocabulary of ${vocabSize}.`, nextStep);
    }
    const start = entry.start + id * rowBytes;
    return { id, start, end: start + rowBytes };
  });
  return joinRanges(rows);
}

export class EmbeddingRows {
  readonly #rows = new Map<number, Float32Array>(); // [hidden] each
  readonly #hidden: number;

  private constructor(hidden: number) {
    this.#hidden = hidden;
  }

  /** Fetches the rows of all tokens. `onBytes` is told of every range that came. */
  static async fetch(
    { source, entry }: LocatedTensor,
    prompts: Prompts,
    onBytes: (bytes: number) => void,
  ): Promise<EmbeddingRows> {
    const table = new EmbeddingRows(entry.shape[1] ?? 0);
    await inParallel(embeddingRanges(entry, prompts), async (range) => {
      const bytes = await readRange(source, range, `tensor ${entry.name}`);
      onBytes(bytes.byteLength);
      for (const { id, start, end } of range.parts) {
        const row = bytes.slice(start - range.start, end - range.start); // a copy, so that the gaps can be let go
        table.#rows.set(id, decodeFloat32(source.name, entry, row));
      }
    });
    return table;
  }

  /** [tokens, hidden] of a batch. */
  embed(batch: PromptBatch, prompts: Prompts): Float32Array {
    const rows = batch.indices.map((index) => prompts[index] ?? []);
    return packEmbeddings(rows, batch, this.#hidden, (id) => this.#rows.get(id) ?? new Float32Array(this.#hidden));
  }
}
