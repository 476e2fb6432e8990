/** The study worker's side of the workers that run models for it. */
import { proxy, wrap, type Remote } from 'comlink';
import type { ProviderChoice } from '../src/engine/device-report.ts';
import type { PointSource } from '../src/study/run/study-points.ts';
import type { OnUnitProgress, UnitExtractor, UnitJob } from '../src/study/run/unit-job.ts';
import type { UnitWorkerApi } from './unit-api.ts';
import { crashOf, unwired } from './wired.ts';

const LEAST_WORKERS = 2; // on two cores too: the page and the analysis need a small part of one
const MOST_WORKERS = 4; // each holds a runtime of its own, some 100 MB; more gains little beside the analysis

/** As many extractors as the device has use for: a GPU serves one at a time, and of many cores one is left to the page. */
export function unitPool(provider: ProviderChoice, usesGpu: boolean): UnitExtractor[] {
  const cores = navigator.hardwareConcurrency;
  const count = usesGpu ? 1 : Math.max(LEAST_WORKERS, Math.min(MOST_WORKERS, cores - 1));
  return Array.from({ length: count }, () => new RemoteExtractor(provider));
}

interface RunningWorker {
  readonly worker: Worker;
  readonly remote: Remote<UnitWorkerApi>;
  readonly crashed: Promise<never>; // rejects when the worker dies
}

class RemoteExtractor implements UnitExtractor {
  readonly #provider: ProviderChoice;
  #running: RunningWorker | null = null;

  constructor(provider: ProviderChoice) {
    this.#provider = provider;
  }

  async extract(job: UnitJob, onProgress: OnUnitProgress): Promise<void> {
    const { remote, crashed } = this.#start();
    await unwired(Promise.race([remote.extract(job, this.#provider, proxy(onProgress)), crashed]));
  }

  prefetch(source: PointSource): void {
    void this.#start().remote.prefetch(source);
  }

  stop(): void {
    void this.#running?.remote.stop();
  }

  dispose(): Promise<void> {
    this.#running?.worker.terminate();
    this.#running = null;
    return Promise.resolve();
  }

  #start(): RunningWorker {
    if (this.#running !== null) return this.#running;
    const worker = new Worker(new URL('./unit.worker.ts', import.meta.url), { type: 'module', name: 'harmscope-unit' });
    const crashed = crashOf(worker, 'A worker of the study', 'Start the study again: it goes on.');
    this.#running = { worker, remote: wrap<UnitWorkerApi>(worker), crashed };
    return this.#running;
  }
}
