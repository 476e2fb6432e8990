/** The study worker's side of the workers that run models for it. */
import { LabError } from '../src/core/errors.ts';
import type { ProviderChoice } from '../src/engine/device/device-report.ts';
import { startThread, type Thread } from '../src/rpc/thread.ts';
import type { OnSilence } from '../src/labs/study/run/watched-progress.ts';
import type { ResidentExtractor } from '../src/labs/study/run/resident-extractor.ts';
import type { LadderRef } from '../src/labs/models/checkpoint-ref.ts';
import type { OnUnitProgress, UnitExtractor, UnitJob } from '../src/labs/study/run/unit-job.ts';
import { stoppedError, type ThreadName } from '../src/threads/thread-end.ts';

const LEAST_WORKERS = 2; // on two cores too: the page and the analysis need only a small part of one
const STOP_MS = 10_000; // half of what the page allows the study, so that only a hanging worker is lost
const MOST_WORKERS = 4; // each has its own runtime of about 100 MB; more gain little alongside the analysis

/** As many extractors as the device can use: one on a GPU, and with enough cores, one core is left for the page. */
export function unitPool(provider: ProviderChoice, usesGpu: boolean, onSilence: OnSilence): UnitExtractor[] {
  const cores = navigator.hardwareConcurrency;
  const count = usesGpu ? 1 : Math.max(LEAST_WORKERS, Math.min(MOST_WORKERS, cores - 1));
  return Array.from({ length: count }, () => new RemoteExtractor(provider, onSilence));
}

const NAME: ThreadName = { name: 'A study worker', nextStep: 'Run the study again: it resumes where it stopped.' };

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
      // reported when this checkpoint's turn comes
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
      new LabError('interrupted', 'The study was stopped.', 'Run it again: completed checkpoints are saved.'),
    );
    this.#running = null;
    return Promise.resolve();
  }

  /** The running worker, or a new one if it has not started or has died. */
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
