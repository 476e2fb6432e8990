/** Adds silent threads to a study's progress: a thread that hangs cannot report it, so this class does. */
import type { StudyProgress } from '../study-messages.ts';

/** Called with the number of milliseconds that a thread has not answered; 0 when it answers again. */
export type OnSilence = (thread: object, ms: number) => void;

export class WatchedProgress {
  readonly #report: (progress: StudyProgress) => void;
  readonly #silent = new Map<object, number>(); // milliseconds, by thread
  #last: StudyProgress | null = null;

  constructor(report: (progress: StudyProgress) => void) {
    this.#report = report;
  }

  readonly onProgress = (progress: StudyProgress): void => {
    this.#last = progress;
    const silentMs = Math.max(0, ...this.#silent.values());
    this.#report(silentMs === 0 ? progress : { ...progress, silentMs });
  };

  readonly onSilence: OnSilence = (thread, ms) => {
    if (ms === 0) this.#silent.delete(thread);
    else this.#silent.set(thread, ms);
    if (this.#last !== null) this.onProgress(this.#last);
  };
}
