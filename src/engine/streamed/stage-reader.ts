/** Fetches the raw bytes of a stage's tensors, one stage ahead of its use. */
import type { CheckpointTensors, LocatedTensor } from '../checkpoint/checkpoint-tensors.ts';
import type { OlmoConfig } from '../checkpoint/config.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import type { TensorEntry } from '../../formats/bytes/safetensors.ts';
import { inParallel, joinRanges, readRange, type ByteRange, type JoinedRange } from './byte-ranges.ts';
import { stageWeights, type Stage } from './stage-graph.ts';

interface RawTensor {
  readonly entry: TensorEntry;
  readonly file: string;
  readonly bytes: Uint8Array; // as the file holds them
}

/** Tensor name → what was fetched of it. Whoever uses a tensor deletes it, so that its memory is free at once. */
export type RawStage = Map<string, RawTensor>;

interface TensorRange extends ByteRange {
  readonly entry: TensorEntry;
}

export interface StageRequest {
  readonly source: ByteSource;
  readonly range: JoinedRange<TensorRange>;
}

/** The requests that fetch these tensors, small neighbours together. */
export function stageRequests(tensors: readonly LocatedTensor[]): StageRequest[] {
  const bySource = new Map<ByteSource, TensorRange[]>();
  for (const { source, entry } of tensors) {
    bySource.set(source, [...(bySource.get(source) ?? []), { entry, start: entry.start, end: entry.end }]);
  }
  return [...bySource].flatMap(([source, ranges]) => joinRanges(ranges).map((range) => ({ source, range })));
}

export class StageReader {
  readonly #config: OlmoConfig;
  readonly #tensors: CheckpointTensors;
  #ahead: { readonly stage: Stage; readonly raw: Promise<RawStage> } | null = null;
  #fetched = 0;
  #round = 0; // of fetches that are still wanted

  constructor(config: OlmoConfig, tensors: CheckpointTensors) {
    this.#config = config;
    this.#tensors = tensors;
  }

  /** Bytes of weights that have come so far. */
  get bytesFetched(): number {
    return this.#fetched;
  }

  /** Begins to fetch a stage, to be taken later; a failure shows when it is taken. */
  prefetch(stage: Stage): void {
    if (this.#ahead?.stage === stage) return;
    const raw = this.#fetch(stage);
    raw.catch(() => undefined);
    this.#ahead = { stage, raw };
  }

  /** The stage's bytes, which the reader keeps no longer. Throws errors that name the file and the tensor. */
  take(stage: Stage): Promise<RawStage> {
    this.prefetch(stage);
    const raw = this.#ahead?.raw ?? this.#fetch(stage);
    this.#ahead = null;
    return raw;
  }

  /** Begins no further request for what was asked so far; what is under way is let go. */
  stop(): void {
    this.#round++;
    this.#ahead = null;
  }

  async #fetch(stage: Stage): Promise<RawStage> {
    const weights = stageWeights(this.#config, stage);
    const located = await Promise.all(weights.map(({ tensor, shape }) => this.#tensors.locate(tensor, shape)));
    const round = this.#round;
    const raw: RawStage = new Map();
    await inParallel(stageRequests(located), async ({ source, range }) => {
      if (round !== this.#round) return;
      const names = range.parts.map(({ entry }) => entry.name).join(', ');
      const bytes = await readRange(source, range, `tensor ${names}`);
      this.#fetched += bytes.byteLength;
      for (const { entry, start, end } of range.parts) {
        raw.set(entry.name, {
          entry,
          file: source.name,
          bytes: bytes.subarray(start - range.start, end - range.start),
        });
      }
    });
    return raw;
  }
}
