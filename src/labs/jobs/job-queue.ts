/** One job at a time; a failed one does not stop the next. */
export class JobQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #running: AbortController | null = null;

  add<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = this.#tail.then(() => {
      this.#running = new AbortController();
      return job(this.#running.signal);
    });
    this.#tail = running.catch(() => undefined);
    return running;
  }

  /** Asks the job that runs to stop; those that wait come after it as before. */
  interrupt(): void {
    this.#running?.abort();
  }
}
