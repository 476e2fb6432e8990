/** Fetches the raw bytes of a layer's tensors, one layer ahead of its use. */
import type { CheckpointTensors, LocatedTensor } from '../checkpoint-tensors.ts';
import type { OlmoConfig } from '../config.ts';
import type { ByteSource } from '../../formats/byte-source.ts';
import type { TensorEntry } from '../../formats/safetensors.ts';
import { inParallel, joinRanges, readRange, type ByteRange, type JoinedRange } from './byte-ranges.ts';
import { layerWeights } from './layer-graph.ts';

export interface RawTensor {
  readonly entry: TensorEntry;
  readonly file: string;
  readonly bytes: Uint8Array; // as the file holds them
}

/** Tensor name → what was fetched of it. Whoever uses a tensor deletes it, so that its memory is free at once. */
export type RawLayer = Map<string, RawTensor>;

interface TensorRange extends ByteRange {
  readonly entry: TensorEntry;
}

export interface LayerRequest {
  readonly source: ByteSource;
  readonly range: JoinedRange<TensorRange>;
}

/** The requests that fetch these tensors, small neighbours together. */
export function layerRequests(tensors: readonly LocatedTensor[]): LayerRequest[] {
  const bySource = new Map<ByteSource, TensorRange[]>();
  for (const { source, entry } of tensors) {
    bySource.set(source, [...(bySource.get(source) ?? []), { entry, start: entry.start, end: entry.end }]);
  }
  return [...bySource].flatMap(([source, ranges]) => joinRanges(ranges).map((range) => ({ source, range })));
}

export class LayerReader {
  readonly #config: OlmoConfig;
  readonly #tensors: CheckpointTensors;
  #ahead: { readonly layer: number; readonly raw: Promise<RawLayer> } | null = null;
  #fetched = 0;
  #round = 0; // of fetches that are still wanted

  constructor(config: OlmoConfig, tensors: CheckpointTensors) {
    this.#config = config;
    this.#tensors = tensors;
  }

  /** Bytes of layers that have come so far. */
  get bytesFetched(): number {
    return this.#fetched;
  }

  /** Begins to fetch a layer, to be taken later; a failure shows when it is taken. */
  prefetch(layer: number): void {
    if (this.#ahead?.layer === layer) return;
    const raw = this.#fetch(layer);
    raw.catch(() => undefined);
    this.#ahead = { layer, raw };
  }

  /** The layer's bytes, which the reader keeps no longer. Throws errors that name the file and the tensor. */
  take(layer: number): Promise<RawLayer> {
    this.prefetch(layer);
    const raw = this.#ahead?.raw ?? this.#fetch(layer);
    this.#ahead = null;
    return raw;
  }

  /** Begins no further request for what was asked so far; what is under way is let go. */
  stop(): void {
    this.#round++;
    this.#ahead = null;
  }

  async #fetch(layer: number): Promise<RawLayer> {
    const weights = layerWeights(this.#config, layer);
    const located = await Promise.all(weights.map(({ tensor, shape }) => this.#tensors.locate(tensor, shape)));
    const round = this.#round;
    const raw: RawLayer = new Map();
    await inParallel(layerRequests(located), async ({ source, range }) => {
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
