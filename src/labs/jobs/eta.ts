/** Estimates the time left from how long the finished work took. Time paused or waiting does not count. */
export class Eta {
  readonly #now: () => number; // milliseconds
  readonly #current = new Map<unknown, number>(); // work done of what each worker has in hand
  #total = 0; // work, in any unit
  #finished = 0;
  #activeMs = 0;
  #since: number | null = null; // null: the clock is stopped

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Starts over with so much work to do. The clock does not run yet. */
  plan(total: number): void {
    this.#total = total;
    this.#finished = 0;
    this.#current.clear();
    this.#activeMs = 0;
    this.#since = null;
  }

  /** `worker` has done so much of what it has in hand. */
  reach(worker: unknown, done: number): void {
    this.#current.set(worker, done);
  }

  /** `worker` finished what it had in hand. */
  finish(worker: unknown, done: number): void {
    this.#current.delete(worker);
    this.#finished += done;
  }

  /** `worker` gave up what it had in hand. */
  drop(worker: unknown): void {
    this.#current.delete(worker);
  }

  /** So much work turned out to be unnecessary, or impossible. */
  skip(work: number): void {
    this.#total -= work;
  }

  start(): void {
    this.#since ??= this.#now();
  }

  stop(): void {
    if (this.#since === null) return;
    this.#activeMs += this.#now() - this.#since;
    this.#since = null;
  }

  /** Null before any work was done. */
  get secondsLeft(): number | null {
    const done = [...this.#current.values()].reduce((sum, part) => sum + part, this.#finished);
    if (done === 0) return null;
    const active = this.#activeMs + (this.#since === null ? 0 : this.#now() - this.#since);
    return ((active / done) * Math.max(0, this.#total - done)) / 1000;
  }
}
