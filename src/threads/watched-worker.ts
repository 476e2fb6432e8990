/**
 * One watchdog for every worker, of the page and of another worker. A worker can end without a word, and then no call to it would ever
 * settle; or hang in code that never pauses. The first shows at once by a lock that the worker holds for as long as it lives. The second
 * shows by silence: while calls are under way the worker is pinged, and answers between two tasks. Since a run of the model on WASM lets
 * nothing be answered until it is over, how long a silence may last depends on what the worker said it was about to do.
 */
import type { Activity, ActivityKind } from '../core/activity.ts';
import { asLabError, type LabError } from '../core/errors.ts';
import { threadError, type ThreadEnd, type ThreadName } from './thread-end.ts';
import { signalOf, type ThreadSignal } from './thread-signals.ts';

export const PING_EVERY_MS = 5000;

/** The longest silence of a worker that is not stuck, with a wide margin: a wrong alarm costs more than a late one. */
export const SILENCE_MS: Readonly<Record<ActivityKind | 'starting' | 'other', number>> = {
  starting: 120_000, // its script is on its way, over a slow network
  tokenizer: 60_000, // of one prompt; the largest vocabulary is read in seconds
  session: 1_200_000, // compiling a large model
  model: 1_200_000, // half a layer of the largest model on one thread is a minute or two
  other: 300_000, // fits and decompositions at 4,096 dimensions are seconds
};

interface Call {
  readonly doing: string | null;
}

export class WatchedWorker {
  readonly worker: Worker;
  /** Rejects with why the worker is no more. */
  readonly ended: Promise<never>;
  readonly #name: ThreadName;
  readonly #onSilence: (ms: number) => void;
  readonly #calls = new Set<Call>();
  readonly #withdraw = new AbortController(); // from its lock
  #reject: (error: LabError) => void = () => undefined;
  #over = false;
  #alive = false;
  #activity: Activity | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #answered = true;
  #silentMs = 0;
  #lookedAt = 0;

  /**
   * Throws a `device` error where the browser starts no worker. `onSilence` hears for how long the worker has not answered, every few
   * seconds, and 0 once it does again or is no more.
   */
  constructor(start: () => Worker, name: ThreadName, onSilence: (ms: number) => void = () => undefined) {
    this.#name = name;
    this.#onSilence = onSilence;
    this.ended = new Promise<never>((_, reject) => (this.#reject = reject));
    this.ended.catch(() => undefined); // heard by the calls under way, if there are any
    try {
      this.worker = start();
    } catch (error) {
      throw threadError(name, { kind: 'not-started', reason: asLabError(error).message }, null);
    }
    this.worker.addEventListener('message', (event: MessageEvent<unknown>) => this.#hear(signalOf(event.data)));
    this.worker.addEventListener('messageerror', () => this.#die({ kind: 'crashed', reason: 'its answer could not be read' })); // prettier-ignore
    this.worker.addEventListener('error', (event) => {
      event.preventDefault(); // else, one worker inside another would take that one with it
      const reason = event.message || '';
      if (this.#alive) this.#die({ kind: 'crashed', reason });
      else this.#die({ kind: 'not-started', reason: reason || 'its script could not be loaded' });
    });
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Whether anything is asked of it. */
  get isBusy(): boolean {
    return this.#calls.size > 0;
  }

  /** Watches while `job` is under way, and rejects where the worker ends first. `doing`: as in “while converting a checkpoint”. */
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

  /** Ends the worker; what is under way rejects with `reason`. */
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
    this.#answered = true; // whatever comes is a sign of life
    this.#silence(0);
    if (signal?.harmscope === 'activity') this.#activity = signal.activity;
    else if (signal?.harmscope === 'lock') this.#waitFor(signal.name);
  }

  /** The lock is free once the worker is no more. */
  #waitFor(name: string): void {
    const { locks } = navigator as { readonly locks?: LockManager }; // absent where a page is not secure
    const { signal } = this.#withdraw;
    locks?.request(name, { signal }, () => this.#die({ kind: 'closed' })).catch(() => undefined); // it was ended here
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
    const passed = Math.min(now - this.#lookedAt, 2 * PING_EVERY_MS); // more: this thread slept, and the worker with it
    this.#lookedAt = now;
    if (this.#answered) {
      this.#ping();
      return;
    }
    this.#silence(this.#silentMs + passed);
    const limit = SILENCE_MS[this.#alive ? (this.#activity?.kind ?? 'other') : 'starting'];
    if (this.#silentMs < limit) return;
    if (this.#alive) this.#die({ kind: 'silent', ms: this.#silentMs, activity: this.#activity });
    else this.#die({ kind: 'not-started', reason: 'its script did not arrive' });
  }

  #ping(): void {
    this.#answered = false;
    this.worker.postMessage({ harmscope: 'ping' } satisfies ThreadSignal);
  }
}
