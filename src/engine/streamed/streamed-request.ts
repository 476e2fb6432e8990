/** What a streamed extraction is asked and reports. */
import type { Pooling } from '../../core/probes/pooling.ts';
import type { BlobStore } from './blob-store.ts';
import type { StreamedPrecision } from './stage-graph.ts';

export interface StreamedRequest {
  readonly prompts: readonly (readonly number[])[]; // token ids
  readonly layers: readonly number[];
  readonly pooling: Pooling;
  readonly precision?: StreamedPrecision; // of products; float32 by default
}

export interface StreamedOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StreamedProgress) => void;
  /** Holds residuals that are too many for memory, and, where `commit` says what the checkpoint is, what a restart goes on from. */
  readonly store?: BlobStore;
  readonly commit?: string;
  /** Awaited before every run: a place to pause. */
  readonly beforeRun?: () => Promise<void>;
  readonly runTokens?: number; // padded tokens a run; by default what memory allows
  readonly residentBytes?: number; // of residuals held in memory or on the GPU; above, they go to the store
}

export interface StreamedProgress {
  readonly stage: number; // that runs, from 0: two for each layer
  readonly stages: number; // that run in all
  readonly layer: number; // that runs, from 0
  readonly done: number; // prompts through this stage
  readonly total: number;
  readonly bytesFetched: number;
}
