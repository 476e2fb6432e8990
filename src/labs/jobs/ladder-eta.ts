/** How long a ladder extraction still takes, from what its finished part took; time spent waiting does not count. */
export class LadderEta {
  readonly #now: () => number; // milliseconds
  #left: number; // checkpoints not yet begun, or under way
  #passed = 0; // checkpoints run to their end
  #fraction = 0; // of the checkpoint under way
  #activeMs = 0;
  #since: number | null = null; // null: nothing runs

  constructor(checkpoints: number, now: () => number) {
    this.#left = checkpoints;
    this.#now = now;
  }

  /** A checkpoint's pass begins. */
  begin(): void {
    this.#fraction = 0;
    this.start();
  }

  /** The pass under way has come so far, 0 to 1. */
  reach(fraction: number): void {
    this.#fraction = fraction;
  }

  /** The pass is over. */
  end(): void {
    this.stop();
    this.#passed++;
    this.#left--;
    this.#fraction = 0;
  }

  /** A checkpoint needs no pass, or cannot have one. */
  skip(): void {
    this.stop();
    this.#left--;
    this.#fraction = 0;
  }

  /** The clock runs again. */
  start(): void {
    this.#since ??= this.#now();
  }

  /** The clock stands: paused, or waiting. */
  stop(): void {
    if (this.#since === null) return;
    this.#activeMs += this.#now() - this.#since;
    this.#since = null;
  }

  /** Null before anything was done. */
  get secondsLeft(): number | null {
    const done = this.#passed + this.#fraction;
    if (done === 0) return null;
    const active = this.#activeMs + (this.#since === null ? 0 : this.#now() - this.#since);
    return ((active / done) * (this.#left - this.#fraction)) / 1000;
  }
}
