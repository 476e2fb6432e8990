/** What one streamed checkpoint takes: pinning it, finding what is missing, one pass through its weights, storing the results. */
import type { Runtime } from '../../engine/device/runtime.ts';
import type { BlobStore } from '../../engine/streamed/blob-store.ts';
import { extractStreamed } from '../../engine/streamed/extract-streamed.ts';
import { StreamedCheckpoint } from '../../engine/streamed/streamed-checkpoint.ts';
import type { StreamedProgress } from '../../engine/streamed/streamed-request.ts';
import type { ActivationStore } from './activation-store.ts';
import {
  missingSets,
  storeUnits,
  tokenise,
  type LadderCheckpointSource,
  type LadderPlan,
  type LadderPromptSet,
  type PinnedCheckpoint,
} from './ladder-units.ts';
import { patientFiles, patiently, type Patience } from './retrying-files.ts';

export type StreamedReading = Omit<LadderPlan, 'checkpoints'>;

export interface StreamedJobParts {
  readonly activations: ActivationStore; // where results go
  readonly patience: Patience; // with a source that is out of reach
}

export interface StreamedPass {
  readonly runtime: Runtime;
  readonly unfinished?: BlobStore; // what a restart resumes from in the middle of the checkpoint
  readonly beforeRun: () => Promise<void>;
  readonly onProgress: (pass: StreamedProgress) => void;
}

interface OpenedJob {
  readonly pinned: PinnedCheckpoint;
  readonly missing: readonly LadderPromptSet[];
  readonly weights: StreamedCheckpoint | null; // null: nothing is missing
}

export class StreamedJob {
  readonly #source: LadderCheckpointSource;
  readonly #reading: StreamedReading;
  readonly #parts: StreamedJobParts;
  #opened: Promise<OpenedJob> | null = null;

  constructor(source: LadderCheckpointSource, reading: StreamedReading, parts: StreamedJobParts) {
    this.#source = source;
    this.#reading = reading;
    this.#parts = parts;
  }

  /** How many prompt sets are missing. A failure is forgotten, so that another try opens the checkpoint again. */
  async missing(): Promise<number> {
    return (await this.#open()).missing.length;
  }

  /** Begins to fetch the first weights. Failures are those of the job's own turn. */
  prefetch(): void {
    void this.#open().then(
      ({ weights }) => weights?.reader.prefetch(0),
      () => undefined,
    );
  }

  /** Computes and stores what is missing, all sets in one pass. */
  async run({ runtime, unfinished, beforeRun, onProgress }: StreamedPass): Promise<void> {
    const { pinned, missing, weights } = await this.#open();
    if (weights === null) return;
    const { layers, pooling, precision } = this.#reading;
    const request = { prompts: await tokenise(pinned.files, missing), layers, pooling, precision };
    const pooled = await extractStreamed(weights, runtime, request, {
      commit: pinned.commit,
      signal: this.#parts.patience.signal,
      beforeRun,
      onProgress,
      ...(unfinished && { store: unfinished }),
    });
    await storeUnits(this.#parts.activations, this.#reading, pinned, missing, pooled);
  }

  #open(): Promise<OpenedJob> {
    if (this.#opened !== null) return this.#opened;
    const opening = this.#pin();
    this.#opened = opening;
    opening.catch(() => (this.#opened = null));
    return opening;
  }

  async #pin(): Promise<OpenedJob> {
    const { activations, patience } = this.#parts;
    const { commit, files } = await patiently(() => this.#source.resolve(patience.signal), patience);
    const pinned = { commit, files: patientFiles(files, patience) };
    const missing = await missingSets(activations, this.#reading, commit);
    const weights = missing.length === 0 ? null : await StreamedCheckpoint.open(pinned.files);
    return { pinned, missing, weights };
  }
}
