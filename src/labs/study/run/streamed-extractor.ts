/** Units of a study from checkpoints of any size: half a layer in memory at a time, and whatever the source does is waited out. */
import { LabError } from '../../../core/errors.ts';
import type { CheckpointFiles } from '../../../engine/checkpoint/checkpoint-files.ts';
import type { Runtime } from '../../../engine/device/runtime.ts';
import type { BlobStore } from '../../../engine/streamed/blob-store.ts';
import type { ActivationStore } from '../../extraction/activation-store.ts';
import { LadderExtraction, type LadderProgress } from '../../extraction/ladder-extraction.ts';
import type { WaitFor } from '../../extraction/retrying-files.ts';
import type { PointSource } from './study-points.ts';
import type { OnUnitProgress, UnitExtractor, UnitJob } from './unit-job.ts';

export interface StreamedParts {
  openRuntime(): Promise<Runtime>;
  /** The files of a checkpoint, none of them read. Throws `fetch` errors where the source is out of reach for a while. */
  files(source: PointSource): Promise<CheckpointFiles>;
  readonly store: ActivationStore;
  readonly unfinished?: BlobStore; // what a restart goes on from in the middle of a checkpoint
  readonly waitFor?: WaitFor;
}

export class StreamedExtractor implements UnitExtractor {
  readonly #parts: StreamedParts;
  #runtime: Promise<Runtime> | null = null;
  #running: LadderExtraction | null = null;
  #stopped = false;

  constructor(parts: StreamedParts) {
    this.#parts = parts;
  }

  /** All sets go through the weights together, so they are done together. */
  async extract(job: UnitJob, onProgress: OnUnitProgress): Promise<void> {
    const { label, commit, source, units, layer, pooling, template } = job;
    if (layer === null)
      throw new LabError('bad-request', 'A streamed study needs a fixed layer.', 'Set one in the plan.');
    if (pooling === 'last-of-instruction') {
      const problem = 'Streamed checkpoints do not support pooling at the end of the instruction.';
      throw new LabError('bad-request', problem, 'Choose last, mean or max.');
    }
    this.#runtime ??= this.#parts.openRuntime();
    const total = units.reduce((sum, { texts }) => sum + texts.length, 0);
    const set = units.map(({ name }) => name).join(', ');
    const extraction = new LadderExtraction(
      {
        checkpoints: [{ label, resolve: async () => ({ commit, files: await this.#parts.files(source) }) }],
        promptSets: units.map(({ name, digest, texts }) => ({ name, digest, texts, template })),
        layers: [layer],
        pooling,
        precision: 'float32',
      },
      {
        runtime: await this.#runtime,
        activations: this.#parts.store,
        onProgress: (progress) => void onProgress({ set, done: doneOf(progress, total), total, stored: false, waitingFor: waitingOf(progress) }), // prettier-ignore
        ...(this.#parts.unfinished && { unfinished: this.#parts.unfinished }),
        ...(this.#parts.waitFor && { waitFor: this.#parts.waitFor }),
      },
    );
    this.#running = extraction;
    if (this.#stopped) extraction.cancel();
    const [failure] = await extraction.run();
    if (failure !== undefined) throw failure.error;
    for (const { name, texts } of units) {
      await onProgress({ set: name, done: texts.length, total: texts.length, stored: true, waitingFor: null });
    }
  }

  prefetch(): void {
    // the first weights of a checkpoint of 15 GB are a small part of it
  }

  stop(): void {
    this.#stopped = true;
    this.#running?.cancel();
  }

  dispose(): Promise<void> {
    this.stop();
    return Promise.resolve();
  }
}

/** Prompts, as far as the pass through the layers has come. */
function doneOf({ pass }: LadderProgress, total: number): number {
  return pass === null ? 0 : Math.floor((total * (pass.stage + pass.done / pass.total)) / pass.stages);
}

const waitingOf = ({ waiting }: LadderProgress): string | null => waiting?.error.message ?? null;
