/**
 * Exact residuals of a checkpoint of any size: all prompts go through one layer in full precision, then through the next, with half a
 * layer's weights in memory and the next half's bytes on their way. What lies past the last layer asked for is never fetched.
 */
import { LabError } from '../../core/errors.ts';
import type { Pooling } from '../../core/probes/pooling.ts';
import type { CheckpointFiles } from '../checkpoint/checkpoint-files.ts';
import type { Runtime } from '../device/runtime.ts';
import type { BlobStore } from './blob-store.ts';
import type { StreamedPrecision } from './stage-graph.ts';
import { StreamedCheckpoint } from './streamed-checkpoint.ts';
import { StreamedRun } from './streamed-run.ts';

export interface StreamedRequest {
  readonly prompts: readonly (readonly number[])[]; // token ids
  readonly layers: readonly number[];
  readonly pooling: Pooling;
  readonly precision?: StreamedPrecision; // of products; float32 by default
}

export interface StreamedProgress {
  readonly stage: number; // that runs, from 0: two for each layer
  readonly stages: number; // that run in all
  readonly layer: number; // that runs, from 0
  readonly done: number; // prompts through this stage
  readonly total: number;
  readonly bytesFetched: number;
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

/**
 * layer → [prompts, hidden], row-major, in the prompts' order: what `extractResiduals` gives, up to rounding. Throws `interrupted`
 * where the signal fires, within one run; other errors name the file and the tensor.
 */
export async function extractStreamed(
  files: CheckpointFiles | StreamedCheckpoint,
  runtime: Runtime,
  request: StreamedRequest,
  options: StreamedOptions = {},
): Promise<ReadonlyMap<number, Float32Array>> {
  const checkpoint = files instanceof StreamedCheckpoint ? files : await StreamedCheckpoint.open(files);
  if (request.precision === 'float16' && runtime.gpu?.features.has('shader-f16') === false) {
    const problem = 'This GPU has no 16-bit floats (shader-f16).';
    throw new LabError('device', problem, 'Extract in float32.');
  }
  const run = await StreamedRun.begin(checkpoint, runtime, request, options);
  try {
    return await run.finish();
  } finally {
    await run.dispose();
  }
}
