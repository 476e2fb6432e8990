/** Units of a study from checkpoints of any size: half a layer in memory at a time, and whatever the source does is waited out. */
import { LabError } from '../../../core/errors.ts';
import type { CheckpointFiles } from '../../../engine/checkpoint/checkpoint-files.ts';
import type { Runtime } from '../../../engine/device/runtime.ts';
import type { BlobStore } from '../../../engine/streamed/blob-store.ts';
import type { ActivationStore } from '../../extraction/activation-store.ts';
import { StreamedJob } from '../../extraction/streamed-job.ts';
import { PauseGate } from '../../jobs/pause-gate.ts';
import { waitDelay, type WaitFor, type Waiting } from '../../extraction/retrying-files.ts';
import type { LadderRef } from '../../models/checkpoint-ref.ts';
import type { OnUnitProgress, UnitExtractor, UnitJob } from './unit-job.ts';

export interface StreamedParts {
  openRuntime(): Promise<Runtime>;
  /** The files of a checkpoint, none of them read. Throws `fetch` errors where the source is out of reach for a while. */
  files(source: LadderRef): Promise<CheckpointFiles>;
  readonly store: ActivationStore;
  readonly unfinished?: BlobStore; // what a restart goes on from in the middle of a checkpoint
  readonly waitFor?: WaitFor;
}

export class StreamedExtractor implements UnitExtractor {
  readonly #parts: StreamedParts;
  readonly #gate = new PauseGate(() => new LabError('interrupted', 'The extraction was stopped.', 'Start it again.'));
  #runtime: Promise<Runtime> | null = null;

  constructor(parts: StreamedParts) {
    this.#parts = parts;
  }

  /** All sets go through the weights together, so they are finished together. */
  async extract(job: UnitJob, onProgress: OnUnitProgress): Promise<void> {
    const { label, commit, source, units, layer, pooling, template } = job;
    if (layer === null)
      throw new LabError('bad-request', 'A streamed study needs a fixed layer.', 'Set one in the plan.');
    if (pooling === 'last-of-instruction') {
      const problem = 'Streamed checkpoints do not support pooling at the end of the instruction.';
      throw new LabError('bad-request', problem, 'Choose last, mean or max.');
    }
    const { store, unfinished, waitFor = waitDelay } = this.#parts;
    const total = units.reduce((sum, { texts }) => sum + texts.length, 0);
    const set = units.map(({ name }) => name).join(', ');
    let done = 0;
    let waiting: Waiting | null = null;
    const report = (): void =>
      void onProgress({ set, done, total, stored: false, waitingFor: waiting?.error.message ?? null });
    const streamed = new StreamedJob(
      { label, resolve: async () => ({ commit, files: await this.#parts.files(source) }) },
      {
        promptSets: units.map(({ name, digest, texts }) => ({ name, digest, texts, template })),
        layers: [layer],
        pooling,
        precision: 'float32',
      },
      {
        activations: store,
        patience: {
          waitFor,
          signal: this.#gate.signal,
          onWaiting: (now) => {
            waiting = now;
            report();
          },
        },
      },
    );
    await this.#gate.untilOpen();
    this.#runtime ??= this.#parts.openRuntime();
    await streamed.run({
      runtime: await this.#runtime,
      beforeRun: () => this.#gate.untilOpen(),
      onProgress: (pass) => {
        done = Math.floor((total * (pass.stage + pass.done / pass.total)) / pass.stages);
        report();
      },
      ...(unfinished && { unfinished }),
    });
    for (const { name, texts } of units) {
      await onProgress({ set: name, done: texts.length, total: texts.length, stored: true, waitingFor: null });
    }
  }

  prefetch(): void {
    // the first weights of a checkpoint of 15 GB are a small part of it
  }

  stop(): void {
    this.#gate.stop();
  }

  dispose(): Promise<void> {
    this.stop();
    return Promise.resolve();
  }
}
