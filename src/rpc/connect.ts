/**
 * The caller's end of the wire: a client that starts its worker at the first call, and starts a new one if it dies. Calls are sent
 * immediately; the worker queues those that must not run at the same time.
 */
import { asLabError, LabError } from '../core/errors.ts';
import { stoppedError, type ThreadName } from '../threads/thread-end.ts';
import { isMethodName, type Remote } from './remote.ts';
import { startThread, type Thread } from './thread.ts';

/** A call that may take long. */
interface Task {
  readonly doing: string; // for the error if the worker dies, as in “while converting a checkpoint”
  /** Whether the worker queues it, so that a stop reaches only the first such call. By default it runs alongside others. */
  readonly queued?: true;
}

export interface WorkerOptions<Lab> {
  readonly start: () => Worker;
  readonly thread: ThreadName;
  /** Calls that may take long; all others are short. */
  readonly tasks?: { readonly [Name in keyof Remote<Lab>]?: Task };
  /** Methods that ask the worker to stop its tasks. If a task has not stopped within `STOP_MS`, the worker is ended and the task rejects with `interrupted`. */
  readonly stops?: readonly (keyof Remote<Lab>)[];
}

/** What a client offers in addition to the worker's own methods. */
export interface WorkerControl {
  /** Starts the worker before its first call, which reports any failure to start. */
  startWorker(): void;
  /** Ends the worker and frees its memory: pending calls reject with `device`, and the next call starts a new worker. */
  endWorker(): void;
  /** Sets the listener that is told why the worker died, unless `endWorker` ended it. */
  onWorkerLost(listener: (error: LabError) => void): void;
  /** Sets the listener that is told how many milliseconds a busy worker has not answered; 0 when it answers again. */
  onSilence(listener: (ms: number) => void): void;
}

/** The methods of `Lab`, served by a worker. Errors are always `LabError`. */
export type Client<Lab> = Remote<Lab> & WorkerControl;

/** How long a stop may take: a step of the slowest software GPU takes about a second. */
export const STOP_MS = 20_000;

interface Running<Lab> extends Thread<Lab> {
  readonly tasks: Set<Task>; // pending, in call order
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
      if (!under.watched.isOver) throw error; // otherwise the task to stop is gone with its worker
    } finally {
      isAnswered = true;
    }
  }

  const control: WorkerControl = {
    startWorker() {
      try {
        ensureRunning();
      } catch {
        // the first call reports it
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
