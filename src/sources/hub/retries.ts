/** The attempts at one request: counts failures, waits between attempts, reports the wait, and decides when to give up. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { backoffMs, type RetryLimits } from './retry-limits.ts';

/** Why nothing seems to happen, for the user. */
export type WaitNotice =
  { readonly kind: 'retry'; readonly afterMs: number; readonly reason: string } | { readonly kind: 'resumed' }; // data is arriving again

export class Retries {
  readonly limits: RetryLimits;
  readonly #name: string;
  readonly #signal: AbortSignal | null;
  readonly #onWait: (notice: WaitNotice) => void;
  #failures = 0;

  constructor(name: string, limits: RetryLimits, signal: AbortSignal | null, onWait: (notice: WaitNotice) => void) {
    this.#name = name;
    this.limits = limits;
    this.#signal = signal;
    this.#onWait = onWait;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure. Returns whether another attempt is allowed. */
  countFailure(): boolean {
    this.#failures++;
    return this.#failures < this.limits.attempts;
  }

  /** Resets the count of failures, because data has arrived. */
  progressed(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#onWait({ kind: 'resumed' });
  }

  /**
   * Waits before another attempt.
   * @throws LabError `interrupted`, as soon as the signal fires
   */
  async wait(reason: string, afterMs = backoffMs(this.#failures, this.limits)): Promise<void> {
    this.throwIfStopped();
    this.#onWait({ kind: 'retry', afterMs, reason });
    await sleep(afterMs, this.#signal);
    this.throwIfStopped();
  }

  throwIfStopped(cause?: unknown): void {
    if (this.#signal?.aborted !== true) return;
    throw new LabError('interrupted', `Fetching ${shown(this.#name)} was stopped.`, 'Start it again.', { cause });
  }

  /**
   * Counts a lost connection and waits.
   * @throws LabError `fetch`, after too many failures
   */
  async afterLoss(reason: string, cause: unknown): Promise<void> {
    this.throwIfStopped(cause);
    if (!this.countFailure()) {
      const problem = `${shown(this.#name)} could not be fetched: ${shown(reason)}, ${this.#failures} times in a row.`;
      throw new LabError('fetch', problem, 'Check the connection and try again.', { cause });
    }
    await this.wait(reason);
  }
}

/** Resolves after `ms`, or as soon as the signal fires. */
function sleep(ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((done) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      done();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish);
  });
}
