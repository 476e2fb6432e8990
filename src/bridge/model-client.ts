/** The page's side of the model worker. */
import { proxy } from 'comlink';
import type { ModelWorkerApi } from '../../workers/api.ts';
import { linkWorker } from './worker-link.ts';

/** `ModelWorkerApi` whose calls reject with `LabError`. */
export interface ModelClient extends ModelWorkerApi {
  /** Starts the worker ahead of its first call, so that it loads while the page finds out what to open. */
  start(): void;
  /** Ends a worker that hangs: calls under way reject with `device`, the next call starts a fresh worker. */
  restart(): void;
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
  const { call, start: begin, restart } = linkWorker<ModelWorkerApi>(start, NAME);
  return {
    open: (request, onProgress) => call((remote) => remote.open(request, proxy(onProgress))),
    directions: (onProgress) => call((remote) => remote.directions(proxy(onProgress))),
    answer: (request, onBatch) => call((remote) => remote.answer(request, proxy(onBatch))),
    rewrite: (request, onRewrite) => call((remote) => remote.rewrite(request, proxy(onRewrite))),
    steer: (settings) => call((remote) => remote.steer(settings)),
    interrupt: () => call((remote) => remote.interrupt()),
    release: () => call((remote) => remote.release()),
    exportDirections: () => call((remote) => remote.exportDirections()),
    start: begin,
    restart,
  };
}
