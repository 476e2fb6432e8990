/**
 * Extractions that run overnight: planned before a weight is fetched, recorded so that closing or crashing the page costs one half
 * layer at most, and run in one tab at a time.
 */
import { asLabError, LabError, toWire } from '../../core/errors.ts';
import type { DeviceReport } from '../../engine/device/device-report.ts';
import type { Runtime } from '../../engine/device/runtime.ts';
import type { BlobStore } from '../../engine/streamed/blob-store.ts';
import type { ActivationStore } from './activation-store.ts';
import { attempt } from '../jobs/attempt.ts';
import type { CheckpointOpener } from '../models/checkpoint-opener.ts';
import { labelOfRef } from '../models/checkpoint-ref.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';
import {
  newRecord,
  outlineOf,
  placesOf,
  readRecord,
  wireFailures,
  writeRecord,
  type JobRecord,
} from './extraction-job.ts';
import type { ExtractionJob, ExtractionPlan, ExtractionRequest, ResumeWith } from './extraction-messages.ts';
import type { SourceRef } from '../models/checkpoint-ref.ts';
import { planExtraction } from './extraction-plan.ts';
import { readPromptSet, type ReadPromptSet } from './extraction-prompts.ts';
import { ReportedProgress, type OnExtractionProgress as OnProgress } from './extraction-progress.ts';
import { LadderExtraction } from './ladder-extraction.ts';
import type { LadderPlan } from './ladder-units.ts';
import type { HubAccess } from '../models/models-messages.ts';
import { waitText, type WaitNotice } from '../models/open-checkpoint-files.ts';
import type { WaitFor } from './retrying-files.ts';

/** Where checkpoints come from and results go, handed in. */
export interface ExtractionParts {
  readonly jobs: KeyValueStore;
  /** Where results rest, those of a ladder or checkpoint under its title. */
  activations(collection: string): ActivationStore;
  /** What a restart goes on from in the middle of a checkpoint. */
  readonly unfinished: { open(): Promise<BlobStore>; clear(): Promise<void> };
  openRuntime(threads: number): Promise<Runtime>;
  openCheckpoints(access: HubAccess, signal: AbortSignal, onWait: (notice: WaitNotice) => void): CheckpointOpener;
  promptFile(file: string): Promise<Uint8Array<ArrayBuffer>>;
  inspectDevice(): Promise<DeviceReport>;
  /** Runs a job while no other tab runs one; says so where it has to wait for that. */
  exclusively<T>(job: () => Promise<T>, onElsewhere: () => void): Promise<T>;
  readonly waitFor: WaitFor;
}

export class ExtractionLab {
  readonly #parts: ExtractionParts;
  #running: { readonly extraction: LadderExtraction; readonly stop: AbortController } | null = null;
  #isBusy = false;
  #isCancelled = false;

  constructor(parts: ExtractionParts) {
    this.#parts = parts;
  }

  /** What the extraction will cost. `onWait` hears what a look-up waits for. */
  async plan(
    request: ExtractionRequest,
    access: HubAccess,
    onWait: (waiting: string | null) => void,
  ): Promise<ExtractionPlan> {
    // prettier-ignore
    const promptSets = await this.#promptSets(request);
    const stop = new AbortController();
    const opener = this.#parts.openCheckpoints(access, stop.signal, (notice) => onWait(waitText(notice)));
    try {
      const device = await this.#parts.inspectDevice();
      return await planExtraction(request, promptSets, { opener, device, store: this.#parts.activations('') });
    } finally {
      stop.abort();
      opener.close();
    }
  }

  /** The job that there is, whoever runs it. */
  async current(): Promise<ExtractionJob | null> {
    const record = await readRecord(this.#parts.jobs);
    return record === null ? null : outlineOf(record);
  }

  /** Records what was planned and runs it. Resolves to how it ended; null: it was cancelled. */
  async start(plan: ExtractionPlan, access: HubAccess, onProgress: OnProgress): Promise<ExtractionJob | null> {
    const there = await readRecord(this.#parts.jobs);
    if (this.#isBusy || (there !== null && there.state !== 'done')) {
      const problem = `An extraction is already in progress: ${there?.title ?? plan.request.title}.`;
      throw new LabError('bad-request', problem, 'Wait until it has finished, or cancel it.');
    }
    const record = newRecord(plan, await this.#promptSets(plan.request), access);
    await this.#parts.unfinished.clear();
    await writeRecord(this.#parts.jobs, record);
    return this.#run(record, plan.request.checkpoints, access, onProgress);
  }

  /** Goes on with the recorded job. Resolves to how it ended; null: it was cancelled, or there is none. */
  async resumeJob(how: ResumeWith, onProgress: OnProgress): Promise<ExtractionJob | null> {
    const record = await readRecord(this.#parts.jobs);
    if (record === null || this.#isBusy) return null;
    const places = placesOf(record, how);
    const going: JobRecord = { ...record, state: 'running', error: null };
    await writeRecord(this.#parts.jobs, going);
    return this.#run(going, places, { hubUrl: record.hubUrl, accessToken: how.accessToken }, onProgress);
  }

  async pause(): Promise<void> {
    this.#running?.extraction.pause();
    await this.#mark('paused');
  }

  async resume(): Promise<void> {
    await this.#mark('running');
    this.#running?.extraction.resume();
  }

  /** Ends the job for good; what is stored of it stays. */
  async cancel(): Promise<void> {
    this.#isCancelled = true;
    this.#running?.extraction.cancel();
    this.#running?.stop.abort();
    if (this.#running === null) await this.#drop();
  }

  async #mark(state: JobRecord['state']): Promise<void> {
    const record = await readRecord(this.#parts.jobs);
    if (record !== null) await writeRecord(this.#parts.jobs, { ...record, state });
  }

  async #drop(): Promise<void> {
    await writeRecord(this.#parts.jobs, null);
    await this.#parts.unfinished.clear();
  }

  async #promptSets({ promptSets, template }: ExtractionRequest): Promise<ReadPromptSet[]> {
    const read = promptSets.map(async (choice) => {
      if (choice.kind === 'own') return readPromptSet(choice.name, new TextEncoder().encode(choice.text), template);
      return readPromptSet(choice.file, await this.#parts.promptFile(choice.file), template);
    });
    return Promise.all(read);
  }

  async #run(
    record: JobRecord,
    places: readonly SourceRef[],
    access: HubAccess,
    onProgress: OnProgress,
  ): Promise<ExtractionJob | null> {
    // prettier-ignore
    this.#isBusy = true;
    this.#isCancelled = false;
    const units = record.checkpoints.length * record.promptSets.length;
    const rest = { waiting: null, unitsDone: 0, units, checkpoint: null, pass: null, secondsLeft: null, failures: [] };
    try {
      return await this.#parts.exclusively(
        async () => {
          const there = await readRecord(this.#parts.jobs); // while it waited, another tab may have ended it
          if (there?.state !== 'running') return there === null ? null : outlineOf(there);
          onProgress({ status: 'starting', ...rest });
          return this.#extract(record, places, access, onProgress);
        },
        () => onProgress({ status: 'elsewhere', ...rest }),
      );
    } finally {
      this.#isBusy = false;
    }
  }

  async #extract(
    record: JobRecord,
    places: readonly SourceRef[],
    access: HubAccess,
    onProgress: OnProgress,
  ): Promise<ExtractionJob | null> {
    // prettier-ignore
    const { jobs, unfinished, waitFor } = this.#parts;
    const stop = new AbortController();
    const told = new ReportedProgress(record.checkpoints.length * record.promptSets.length, onProgress);
    const opener = this.#parts.openCheckpoints(access, stop.signal, (notice) => told.hear(notice));
    try {
      const extraction = new LadderExtraction(planOf(record, places, opener), {
        runtime: await this.#parts.openRuntime(record.threads),
        activations: this.#parts.activations(record.title),
        unfinished: await unfinished.open(),
        onProgress: (progress) => told.tell(progress),
        waitFor,
      });
      this.#running = { extraction, stop };
      if (this.#isCancelled) extraction.cancel();
      const failures = wireFailures(await extraction.run());
      const done: JobRecord = { ...record, state: 'done', failures };
      await writeRecord(jobs, done);
      await attempt(() => unfinished.clear()); // the next job clears it too
      return outlineOf(done);
    } catch (thrown) {
      if (this.#isCancelled) {
        await this.#drop();
        return null;
      }
      const failed: JobRecord = { ...record, state: 'failed', error: toWire(asLabError(thrown)), failures: told.failures }; // prettier-ignore
      await attempt(() => writeRecord(jobs, failed)); // where nothing can be written, the next visit fails with the same words
      return outlineOf(failed);
    } finally {
      this.#running = null;
      stop.abort();
      opener.close();
    }
  }
}

function planOf(record: JobRecord, places: readonly SourceRef[], opener: CheckpointOpener): LadderPlan {
  const { promptSets, layers, pooling, precision } = record;
  const checkpoints = places.map((place) => ({ label: labelOfRef(place), resolve: () => opener.open(place) }));
  return { checkpoints, promptSets, layers, pooling, precision };
}
