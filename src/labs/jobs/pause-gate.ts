import type { LabError } from '../../core/errors.ts';

/** Holds a job between two of its steps while it is paused, and ends it when it is stopped. */
export class PauseGate {
  readonly #stop = new AbortController();
  readonly #stopped: () => LabError;
  #closed: { readonly opens: Promise<void>; readonly open: () => void } | null = null;

  /** `stopped`: what a stopped job rejects with. */
  constructor(stopped: () => LabError) {
    this.#stopped = stopped;
  }

  get isPaused(): boolean {
    return this.#closed !== null;
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Aborted by `stop`. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  pause(): void {
    if (this.#closed !== null) return;
    let open = (): void => undefined;
    const opens = new Promise<void>((resolve) => (open = resolve));
    this.#closed = { opens, open };
  }

  resume(): void {
    this.#closed?.open();
    this.#closed = null;
  }

  stop(): void {
    this.#stop.abort();
    this.#closed?.open();
  }

  /** Resolves at once, or after `resume`. @throws LabError after `stop` */
  async untilOpen(): Promise<void> {
    await this.#closed?.opens;
    if (this.isStopped) throw this.#stopped();
  }
}
