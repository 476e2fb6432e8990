/**
 * The page's side of a worker: starts it at the first call, revives its errors, and survives its death, which the watchdog of
 * src/threads tells. Calls go out as they are made; the worker queues what must not run at once.
 */
import { wrap, type Remote } from 'comlink';
import { asLabError, fromWire, isWireError, LabError } from '../core/errors.ts';
import { stoppedError, type ThreadName } from '../threads/thread-end.ts';
import { WatchedWorker } from '../threads/watched-worker.ts';

/** What may take long, and is then named where the worker dies of it. */
export interface Task {
  readonly doing: string; // as in “while converting a checkpoint”
  /** The worker does it after those before it, so a stop reaches the first one only. Default: it runs beside others. */
  readonly queued?: true;
}

type Job<Api, T> = (remote: Remote<Api>) => Promise<T>;

export interface WorkerLink<Api> {
  /** Runs `job` on the worker, which is started if need be. Rejects with `LabError`. */
  readonly call: <T>(job: Job<Api, T>, task?: Task) => Promise<T>;
  /** Asks the worker to stop its tasks. One that has not stopped in 20 seconds ends with the worker, and rejects with `interrupted`. */
  readonly stop: (ask: Job<Api, void>) => Promise<void>;
  /** Starts the worker ahead of its first call; what goes wrong with it is told by that call. */
  readonly start: () => void;
  /** Ends the worker: calls under way reject with `device`, the next call starts a fresh one. */
  readonly restart: () => void;
}

/** A stop that nothing comes of: a step of the slowest software GPU takes about a second. */
export const STOP_MS = 20_000;

interface Running<Api> {
  readonly watched: WatchedWorker;
  readonly remote: Remote<Api>;
  readonly tasks: Set<Task>; // under way, in the order that they were asked for
}

/**
 * `onLost` hears why the worker is no more, unless `restart` ended it. `onSilence` hears for how many milliseconds it has not answered
 * while something was asked of it, and 0 once it does again or is no more.
 */
export function linkWorker<Api>(
  start: () => Worker,
  name: ThreadName,
  onLost: (error: LabError) => void = () => undefined,
  onSilence: (ms: number) => void = () => undefined,
): WorkerLink<Api> {
  let running: Running<Api> | null = null;

  function ensureRunning(): Running<Api> {
    if (running !== null && !running.watched.isOver) return running;
    const watched = new WatchedWorker(start, name, onSilence);
    const started: Running<Api> = { watched, remote: wrap<Api>(watched.worker), tasks: new Set() };
    running = started;
    watched.ended.catch((error: unknown) => {
      if (running !== started) return;
      running = null;
      onLost(asLabError(error));
    });
    return started;
  }

  async function call<T>(job: Job<Api, T>, task?: Task): Promise<T> {
    const { watched, remote, tasks } = ensureRunning();
    if (task !== undefined) tasks.add(task);
    try {
      return await watched.during(job(remote), task?.doing);
    } catch (error) {
      throw isWireError(error) && !(error instanceof LabError) ? fromWire(error) : asLabError(error);
    } finally {
      if (task !== undefined) tasks.delete(task);
    }
  }

  return {
    call,
    async stop(ask) {
      const asked = call(ask);
      const under = running;
      if (under === null) return asked;
      const firstQueued = [...under.tasks].find(({ queued }) => queued);
      const reached = [...under.tasks].filter((task) => task === firstQueued || task.queued !== true);
      let isAnswered = false;
      setTimeout(() => {
        if (isAnswered && !reached.some((task) => under.tasks.has(task))) return;
        under.watched.end(stoppedError(name));
      }, STOP_MS);
      try {
        await asked;
      } catch (error) {
        if (!under.watched.isOver) throw error; // else what was to be stopped is no more
      } finally {
        isAnswered = true;
      }
    },
    start() {
      try {
        ensureRunning();
      } catch {
        // told by the call that this is ahead of
      }
    },
    restart() {
      const ending = running;
      running = null;
      ending?.watched.end(new LabError('device', `${name.name} was ended.`, name.nextStep));
    },
  };
}
