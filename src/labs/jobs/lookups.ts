/** Look-ups that run at once: a newer one of a kind ends the older. */
export class Lookups {
  readonly #running = new Map<string, AbortController>();

  async run<T>(kind: string, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#running.get(kind)?.abort();
    const control = new AbortController();
    this.#running.set(kind, control);
    try {
      return await job(control.signal);
    } finally {
      if (this.#running.get(kind) === control) this.#running.delete(kind);
    }
  }

  stop(): void {
    for (const control of this.#running.values()) control.abort();
  }
}
