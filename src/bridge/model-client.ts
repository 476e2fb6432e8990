/**
 * The page's side of the model worker: starts it at the first call, revives its errors, and survives its death.
 */
import { proxy, wrap, type Remote } from 'comlink';
import { asLabError, fromWire, isWireError, LabError } from '../core/errors.ts';
import type { ModelWorkerApi } from '../../workers/api.ts';

/** `ModelWorkerApi` whose calls reject with `LabError`. */
export interface ModelClient extends ModelWorkerApi {
  /** Ends a worker that hangs: calls under way reject with `device`, the next call starts a fresh worker. */
  restart(): void;
}

interface Running {
  readonly worker: Worker;
  readonly remote: Remote<ModelWorkerApi>;
  readonly ended: Promise<never>; // rejects when the worker crashes or is ended
  readonly end: (reason: LabError) => void;
}

const RELOAD = 'Load the model again; if it fails again, choose the other provider or a smaller checkpoint.';

export function startModelWorker(): Worker {
  // Vite bundles the worker only when its address is written right here.
  return new Worker(new URL('../../workers/model.worker.ts', import.meta.url), {
    type: 'module',
    name: 'harmscope-model',
  });
}

export function createModelClient(start: () => Worker = startModelWorker): ModelClient {
  let running: Running | null = null;

  function ensureRunning(): Running {
    if (running !== null) return running;
    const worker = start();
    let end: (reason: LabError) => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = (reason) => {
        worker.terminate();
        if (running?.worker === worker) running = null;
        reject(reason);
      };
    });
    ended.catch(() => undefined); // heard by the calls under way, if there are any
    worker.addEventListener('error', (event) => {
      const cause = event.message ? `: ${event.message}` : '';
      end(new LabError('device', `The model worker crashed${cause}.`, RELOAD));
    });
    running = { worker, remote: wrap<ModelWorkerApi>(worker), ended, end };
    return running;
  }

  async function call<T>(job: (remote: Remote<ModelWorkerApi>) => Promise<T>): Promise<T> {
    const { remote, ended } = ensureRunning();
    try {
      return await Promise.race([job(remote), ended]);
    } catch (error) {
      throw isWireError(error) && !(error instanceof LabError) ? fromWire(error) : asLabError(error);
    }
  }

  return {
    device: () => call((remote) => remote.device()),
    ladder: (id) => call((remote) => remote.ladder(id)),
    open: (request, onProgress) => call((remote) => remote.open(request, proxy(onProgress))),
    directions: (onProgress) => call((remote) => remote.directions(proxy(onProgress))),
    answer: (request, onBatch) => call((remote) => remote.answer(request, proxy(onBatch))),
    steer: (settings) => call((remote) => remote.steer(settings)),
    interrupt: () => call((remote) => remote.interrupt()),
    release: () => call((remote) => remote.release()),
    exportDirections: () => call((remote) => remote.exportDirections()),
    restart() {
      running?.end(new LabError('device', 'The model worker was ended because it no longer answered.', RELOAD));
    },
  };
}
