/**
 * The caller's end of the wire: a client that starts its worker at the first call and survives its death. Calls go out as they are
 * made; the worker queues what must not run at once.
 */
import { asLabError, LabError } from '../core/errors.ts';
import { stoppedError, type ThreadName } from '../threads/thread-end.ts';
import { isMethodName, type Remote } from './remote.ts';
import { startThread, type Thread } from './thread.ts';

/** A call that may take long. */
interface Task {
  readonly doing: string; // as in “while converting a checkpoint”, should the worker die of it
  /** The worker does it after those before it, so a stop reaches the first one only. Default: it runs beside others. */
  readonly queued?: true;
}

export interface WorkerOptions<Lab> {
  readonly start: () => Worker;
  readonly thread: ThreadName;
  /** Calls that may take long; what is not listed is short. */
  readonly tasks?: { readonly [Name in keyof Remote<Lab>]?: Task };
  /** Methods that ask the worker to stop its tasks. One that has not stopped within `STOP_MS` ends with the worker, and rejects with `interrupted`. */
  readonly stops?: readonly (keyof Remote<Lab>)[];
}

/** What a client offers beside the worker's own methods. */
export interface WorkerControl {
  /** Starts the worker ahead of its first call; what goes wrong with it is told by that call. */
  startWorker(): void;
  /** Ends the worker and frees its memory: calls under way reject with `device`, the next call starts a fresh one. */
  endWorker(): void;
  /** `listener` hears why the worker is no more, unless `endWorker` ended it. */
  onWorkerLost(listener: (error: LabError) => void): void;
  /** `listener` hears for how many milliseconds a busy worker has not answered; 0 once it does again. One at a time listens. */
  onSilence(listener: (ms: number) => void): void;
}

/** The methods of `Lab`, which a worker serves. Every call rejects with `LabError`. */
export type Client<Lab> = Remote<Lab> & WorkerControl;

/** A stop that nothing comes of: a step of the slowest software GPU takes about a second. */
export const STOP_MS = 20_000;

interface Running<Lab> extends Thread<Lab> {
  readonly tasks: Set<Task>; // under way, in the order that they were asked for
}

export function connect<Lab>({ start, thread, tasks = {}, stops = [] }: WorkerOptions<Lab>): Client<Lab> {
  let running: Running<Lab> | null = null;
  let hearLost: (error: LabError) => void = () => undefined;
  let hearSilence: (ms: number) => void = () => undefined;

  function ensureRunning(): Running<Lab> {
    if (running !== null && !running.watched.isOver) return running;
    const started: Running<Lab> = { ...startThread<Lab>(start, thread, (ms) => hearSilence(ms)), tasks: new Set() };
    running = started;
    started.watched.ended.catch((error: unknown) => {
      if (running !== started) return;
      running = null;
      hearLost(asLabError(error));
    });
    return started;
  }

  async function call(name: keyof Remote<Lab>, args: readonly unknown[], asked?: Task): Promise<unknown> {
    try {
      const { watched, remote, tasks: underWay } = ensureRunning();
      const task = asked && { ...asked }; // two calls of one method are two tasks
      if (task !== undefined) underWay.add(task);
      try {
        const method = remote[name] as (...args: readonly unknown[]) => Promise<unknown>;
        return await watched.during(method(...args), task?.doing);
      } finally {
        if (task !== undefined) underWay.delete(task);
      }
    } catch (error) {
      throw asLabError(error);
    }
  }

  async function stop(name: keyof Remote<Lab>, args: readonly unknown[]): Promise<void> {
    const asked = call(name, args);
    const under = running;
    if (under === null) {
      await asked;
      return;
    }
    const firstQueued = [...under.tasks].find(({ queued }) => queued);
    const reached = [...under.tasks].filter((task) => task === firstQueued || task.queued !== true);
    let isAnswered = false;
    setTimeout(() => {
      if (isAnswered && !reached.some((task) => under.tasks.has(task))) return;
      under.watched.end(stoppedError(thread));
    }, STOP_MS);
    try {
      await asked;
    } catch (error) {
      if (!under.watched.isOver) throw error; // else what was to be stopped is no more
    } finally {
      isAnswered = true;
    }
  }

  const control: WorkerControl = {
    startWorker() {
      try {
        ensureRunning();
      } catch {
        // told by the call that this is ahead of
      }
    },
    endWorker() {
      const ending = running;
      running = null;
      ending?.watched.end(new LabError('device', `${thread.name} was ended.`, thread.nextStep));
    },
    onWorkerLost(listener) {
      hearLost = listener;
    },
    onSilence(listener) {
      hearSilence = listener;
    },
  };

  const client = new Proxy(control, {
    get(_, name) {
      if (Object.hasOwn(control, name)) return Reflect.get(control, name) as unknown;
      if (!isMethodName(name)) return undefined;
      const method = name as keyof Remote<Lab>;
      if (stops.includes(method)) return (...args: readonly unknown[]) => stop(method, args);
      return (...args: readonly unknown[]) => call(method, args, tasks[method]);
    },
  });
  return client as Client<Lab>;
}
