const LEAST_MS = 1000;
const SHARE = 5;

/** Lets a job through now and then: what is told must not take long beside what there is to tell. */
export class Throttle {
  #next = -Infinity;

  /**
   * Runs a job, unless another one runs or ended less than a second ago, or less than five times as long as it took.
   * @param isUrgent it is run in any case
   */
  async run(job: () => Promise<void>, isUrgent: boolean): Promise<void> {
    const began = performance.now();
    if (began < this.#next && !isUrgent) return;
    this.#next = Infinity;
    try {
      await job();
    } finally {
      this.#next = performance.now() + Math.max(LEAST_MS, SHARE * (performance.now() - began));
    }
  }
}
