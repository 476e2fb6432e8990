/** The study worker's side of the workers that run models for it. */
import { LabError } from '../src/core/errors.ts';
import type { ProviderChoice } from '../src/engine/device/device-report.ts';
import { startThread, type Thread } from '../src/rpc/thread.ts';
import type { OnSilence } from '../src/labs/study/run/heard-progress.ts';
import type { ResidentExtractor } from '../src/labs/study/run/resident-extractor.ts';
import type { LadderRef } from '../src/labs/models/checkpoint-ref.ts';
import type { OnUnitProgress, UnitExtractor, UnitJob } from '../src/labs/study/run/unit-job.ts';
import { stoppedError, type ThreadName } from '../src/threads/thread-end.ts';

const LEAST_WORKERS = 2; // on two cores too: the page and the analysis need a small part of one
const STOP_MS = 10_000; // the page gives the study twice as long, so that only what hangs is lost
const MOST_WORKERS = 4; // each holds a runtime of its own, some 100 MB; more gains little beside the analysis

/** As many extractors as the device has use for: a GPU serves one at a time, and of many cores one is left to the page. */
export function unitPool(provider: ProviderChoice, usesGpu: boolean, onSilence: OnSilence): UnitExtractor[] {
  const cores = navigator.hardwareConcurrency;
  const count = usesGpu ? 1 : Math.max(LEAST_WORKERS, Math.min(MOST_WORKERS, cores - 1));
  return Array.from({ length: count }, () => new RemoteExtractor(provider, onSilence));
}

const NAME: ThreadName = { name: 'A worker of the study', nextStep: 'Run the study again: it resumes where it was.' };

class RemoteExtractor implements UnitExtractor {
  readonly #provider: ProviderChoice;
  readonly #onSilence: OnSilence;
  #running: Thread<ResidentExtractor> | null = null;

  constructor(provider: ProviderChoice, onSilence: OnSilence) {
    this.#provider = provider;
    this.#onSilence = onSilence;
  }

  async extract(job: UnitJob, onProgress: OnUnitProgress): Promise<void> {
    const { remote, watched } = this.#start();
    await watched.during(remote.extract(job, onProgress), `extracting ${job.label}`);
  }

  prefetch(source: LadderRef): void {
    try {
      void this.#start().remote.prefetch(source);
    } catch {
      // its own turn tells what is wrong
    }
  }

  stop(): void {
    const stopping = this.#running;
    if (stopping === null) return;
    void stopping.remote.stop();
    setTimeout(() => {
      if (stopping.watched.isBusy) stopping.watched.end(stoppedError(NAME));
    }, STOP_MS);
  }

  dispose(): Promise<void> {
    this.#running?.watched.end(
      new LabError('interrupted', 'The study was stopped.', 'Run it again: what is done stays.'),
    );
    this.#running = null;
    return Promise.resolve();
  }

  /** The worker that there is, or a fresh one in place of one that died. */
  #start(): Thread<ResidentExtractor> {
    if (this.#running !== null && !this.#running.watched.isOver) return this.#running;
    const started = startThread<ResidentExtractor>(startUnitWorker, NAME, (ms) => this.#onSilence(this, ms));
    void started.remote.use(this.#provider);
    this.#running = started;
    return started;
  }
}

function startUnitWorker(): Worker {
  // Vite bundles the worker only when its address is written right here.
  return new Worker(new URL('./extractor.worker.ts', import.meta.url), { type: 'module', name: 'harmscope-extractor' });
}
