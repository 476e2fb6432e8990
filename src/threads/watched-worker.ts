/**
 * A watchdog for every worker, whether started by the page or by another worker. A worker can end without an error, so that its calls
 * would never settle, or hang in code that never yields. The first is detected at once by a lock that the worker holds as long as it
 * lives. The second is detected by silence: while calls are pending, the worker is pinged and answers between two tasks. A model run on
 * WASM blocks all answers until it is over, so the longest silence allowed depends on the activity that the worker announced.
 */
import type { Activity, ActivityKind } from '../core/activity.ts';
import { asLabError, type LabError } from '../core/errors.ts';
import { threadError, type ThreadEnd, type ThreadName } from './thread-end.ts';
import { signalOf, type ThreadSignal } from './thread-signals.ts';

export const PING_EVERY_MS = 5000;

/** The longest silence allowed, with a wide margin: a false alarm costs more than a late one. */
export const SILENCE_MS: Readonly<Record<ActivityKind | 'starting' | 'other', number>> = {
  starting: 120_000, // its script is loading over a slow network
  tokenizer: 60_000, // for one prompt; even the largest vocabulary loads in seconds
  session: 1_200_000, // compiling a large model
  model: 1_200_000, // half a layer of the largest model on one thread takes a minute or two
  other: 300_000, // fits and decompositions at 4,096 dimensions take seconds
};

interface Call {
  readonly doing: string | null;
}

export class WatchedWorker {
  readonly worker: Worker;
  /** Rejects with the reason when the worker ends. */
  readonly ended: Promise<never>;
  readonly #name: ThreadName;
  readonly #onSilence: (ms: number) => void;
  readonly #calls = new Set<Call>();
  readonly #withdraw = new AbortController(); // cancels the wait for its lock
  #reject: (error: LabError) => void = () => undefined;
  #over = false;
  #alive = false;
  #activity: Activity | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #answered = true;
  #silentMs = 0;
  #lookedAt = 0;

  /**
   * @param onSilence called every few seconds with how long the worker has not answered, and with 0 when it answers again or has ended
   * @throws LabError `device`, when the browser cannot start a worker
   */
  constructor(start: () => Worker, name: ThreadName, onSilence: (ms: number) => void = () => undefined) {
    this.#name = name;
    this.#onSilence = onSilence;
    this.ended = new Promise<never>((_, reject) => (this.#reject = reject));
    this.ended.catch(() => undefined); // pending calls, if any, handle it
    try {
      this.worker = start();
    } catch (error) {
      throw threadError(name, { kind: 'not-started', reason: asLabError(error).message }, null);
    }
    this.worker.addEventListener('message', (event: MessageEvent<unknown>) => this.#hear(signalOf(event.data)));
    this.worker.addEventListener('messageerror', () => this.#die({ kind: 'crashed', reason: 'its answer could not be read' })); // prettier-ignore
    this.worker.addEventListener('error', (event) => {
      event.preventDefault(); // otherwise the error would also end the worker that started this one
      const reason = event.message || '';
      if (this.#alive) this.#die({ kind: 'crashed', reason });
      else this.#die({ kind: 'not-started', reason: reason || 'its script could not be loaded' });
    });
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Whether any call is pending. */
  get isBusy(): boolean {
    return this.#calls.size > 0;
  }

  /** Watches the worker until `job` settles; rejects if the worker ends first. `doing`: as in “while converting a checkpoint”. */
  async during<T>(job: Promise<T>, doing: string | null = null): Promise<T> {
    const call: Call = { doing };
    this.#calls.add(call);
    this.#timer ??= this.#watch();
    try {
      return await Promise.race([job, this.ended]);
    } finally {
      this.#calls.delete(call);
      if (!this.isBusy) this.#rest();
    }
  }

  /** Ends the worker; pending calls reject with `reason`. */
  end(reason: LabError): void {
    if (this.#over) return;
    this.#over = true;
    this.#rest();
    this.#withdraw.abort();
    this.worker.terminate();
    this.#reject(reason);
  }

  #die(end: ThreadEnd): void {
    const doing = [...this.#calls].find((call) => call.doing !== null)?.doing ?? null;
    this.end(threadError(this.#name, end, doing));
  }

  #hear(signal: ThreadSignal | null): void {
    this.#alive = true;
    this.#answered = true; // any message is a sign of life
    this.#silence(0);
    if (signal?.harmscope === 'activity') this.#activity = signal.activity;
    else if (signal?.harmscope === 'lock') this.#waitFor(signal.name);
  }

  /** Waits for the worker's lock, which becomes free when the worker ends. */
  #waitFor(name: string): void {
    const { locks } = navigator as { readonly locks?: LockManager }; // absent in an insecure context
    const { signal } = this.#withdraw;
    locks?.request(name, { signal }, () => this.#die({ kind: 'closed' })).catch(() => undefined); // aborted, because the worker was ended on purpose
  }

  #watch(): ReturnType<typeof setInterval> {
    this.#silence(0);
    this.#lookedAt = performance.now();
    this.#ping();
    return setInterval(() => this.#look(), PING_EVERY_MS);
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#silence(0);
  }

  #silence(ms: number): void {
    const hadAny = this.#silentMs > 0;
    this.#silentMs = ms;
    if (hadAny || ms > 0) this.#onSilence(ms);
  }

  #look(): void {
    const now = performance.now();
    const passed = Math.min(now - this.#lookedAt, 2 * PING_EVERY_MS); // more means that this thread was suspended, and the worker with it
    this.#lookedAt = now;
    if (this.#answered) {
      this.#ping();
      return;
    }
    this.#silence(this.#silentMs + passed);
    const limit = SILENCE_MS[this.#alive ? (this.#activity?.kind ?? 'other') : 'starting'];
    if (this.#silentMs < limit) return;
    if (this.#alive) this.#die({ kind: 'silent', ms: this.#silentMs, activity: this.#activity });
    else this.#die({ kind: 'not-started', reason: 'its script did not load in time' });
  }

  #ping(): void {
    this.#answered = false;
    this.worker.postMessage({ harmscope: 'ping' } satisfies ThreadSignal);
  }
}
