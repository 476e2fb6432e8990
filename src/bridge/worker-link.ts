/**
 * The page's side of a worker: starts it at the first call, revives its errors, and survives its death. Calls go out as they are
 * made; the worker queues what must not run at once.
 */
import { wrap, type Remote } from 'comlink';
import { asLabError, fromWire, isWireError, LabError } from '../core/errors.ts';

export interface WorkerLink<Api> {
  /** Runs `job` on the worker, which is started if need be. Rejects with `LabError`. */
  readonly call: <T>(job: (remote: Remote<Api>) => Promise<T>) => Promise<T>;
  /** Starts the worker ahead of its first call; what goes wrong with it is told by that call. */
  readonly start: () => void;
  /** Ends a worker that hangs: calls under way reject with `device`, the next call starts a fresh worker. */
  readonly restart: () => void;
}

export interface WorkerName {
  readonly name: string; // within a sentence: “The model worker”
  readonly nextStep: string; // after it crashed or was ended
}

interface Running<Api> {
  readonly worker: Worker;
  readonly remote: Remote<Api>;
  readonly ended: Promise<never>; // rejects when the worker crashes or is ended
  readonly end: (reason: LabError) => void;
}

export function linkWorker<Api>(start: () => Worker, { name, nextStep }: WorkerName): WorkerLink<Api> {
  let running: Running<Api> | null = null;

  function ensureRunning(): Running<Api> {
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
      end(new LabError('device', `${name} crashed${cause}.`, nextStep));
    });
    running = { worker, remote: wrap<Api>(worker), ended, end };
    return running;
  }

  return {
    async call(job) {
      const { remote, ended } = ensureRunning();
      try {
        return await Promise.race([job(remote), ended]);
      } catch (error) {
        throw isWireError(error) && !(error instanceof LabError) ? fromWire(error) : asLabError(error);
      }
    },
    start() {
      ensureRunning();
    },
    restart() {
      running?.end(new LabError('device', `${name} was ended because it no longer answered.`, nextStep));
    },
  };
}
