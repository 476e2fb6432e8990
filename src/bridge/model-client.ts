/** The page's side of the model worker. */
import { proxy, type Remote } from 'comlink';
import type { ModelWorkerApi } from '../../workers/api.ts';
import type { LabError } from '../core/errors.ts';
import { linkWorker } from './worker-link.ts';

/** `ModelWorkerApi` whose calls reject with `LabError`. */
export interface ModelClient extends ModelWorkerApi {
  /** Starts the worker ahead of its first call, so that it loads while the page finds out what to open. */
  start(): void;
  /** Stops what runs, as `interrupt` does; a worker that has not stopped in 20 seconds is ended, and what ran rejects with `interrupted`. */
  stop(): Promise<void>;
  /** Ends the worker, and the model with it: calls under way reject with `device`, the next call starts a fresh worker. */
  restart(): void;
  /** `listener` hears where the worker is no more without `restart`, and its model with it. */
  onLost(listener: (error: LabError) => void): void;
}

const NAME = {
  name: 'The model worker',
  nextStep: 'Load the model again; if it fails again, choose the other provider or a smaller checkpoint.',
};

export function startModelWorker(): Worker {
  // Vite bundles the worker only when its address is written right here.
  return new Worker(new URL('../../workers/model.worker.ts', import.meta.url), {
    type: 'module',
    name: 'harmscope-model',
  });
}

export function createModelClient(start: () => Worker = startModelWorker): ModelClient {
  let hearLost: (error: LabError) => void = () => undefined;
  const { call, stop, start: begin, restart } = linkWorker<ModelWorkerApi>(start, NAME, (error) => hearLost(error));
  const queued = <T>(doing: string, job: (remote: Remote<ModelWorkerApi>) => Promise<T>): Promise<T> =>
    call(job, { doing, queued: true });
  return {
    open: (request, onProgress) => queued('opening a model', (remote) => remote.open(request, proxy(onProgress))),
    directions: (onProgress) => queued('computing directions', (remote) => remote.directions(proxy(onProgress))),
    answer: (request, onBatch) => queued('answering', (remote) => remote.answer(request, proxy(onBatch))),
    rewrite: (request, onRewrite) => queued('rewriting prompts', (remote) => remote.rewrite(request, proxy(onRewrite))),
    steer: (settings) => call((remote) => remote.steer(settings)),
    interrupt: () => call((remote) => remote.interrupt()),
    release: () => call((remote) => remote.release()),
    exportDirections: () => call((remote) => remote.exportDirections()),
    start: begin,
    stop: () => stop((remote) => remote.interrupt()),
    restart,
    onLost: (listener) => (hearLost = listener),
  };
}
