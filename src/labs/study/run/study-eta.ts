import type { UnitProgress } from './unit-job.ts';

/** How long a study still takes, from the prompts that it has read so far; time that it was held up does not count. */
export class StudyEta {
  readonly #now: () => number; // milliseconds
  readonly #current = new Map<object, number>(); // by extractor: prompts of the unit under way
  #total = 0; // prompts
  #finished = 0; // prompts of stored units
  #activeMs = 0;
  #since: number | null = null; // null: nothing runs

  constructor(now: () => number) {
    this.#now = now;
  }

  /** So many prompts are to be read from now on. */
  plan(prompts: number): void {
    this.#total = prompts;
    this.#finished = 0;
    this.#current.clear();
    this.#activeMs = 0;
    this.#since = this.#now();
  }

  reach(extractor: object, { done, stored }: UnitProgress): void {
    this.#current.set(extractor, stored ? 0 : done);
    if (stored) this.#finished += done;
  }

  /** An extractor is done with its checkpoint, or failed. */
  leave(extractor: object): void {
    this.#current.delete(extractor);
  }

  start(): void {
    this.#since ??= this.#now();
  }

  stop(): void {
    if (this.#since === null) return;
    this.#activeMs += this.#now() - this.#since;
    this.#since = null;
  }

  /** Null before anything was read. */
  get secondsLeft(): number | null {
    const done = [...this.#current.values()].reduce((sum, prompts) => sum + prompts, this.#finished);
    if (done === 0) return null;
    const active = this.#activeMs + (this.#since === null ? 0 : this.#now() - this.#since);
    return ((active / done) * Math.max(0, this.#total - done)) / 1000;
  }
}
