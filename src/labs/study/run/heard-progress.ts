/** What a study tells of itself while threads of it may have stopped answering: a thread that hangs reports nothing, so this does. */
import type { StudyProgress } from '../study-messages.ts';

/** Hears for how long a thread has not answered; 0: it answers. */
export type OnSilence = (thread: object, ms: number) => void;

export class HeardProgress {
  readonly #tell: (progress: StudyProgress) => void;
  readonly #silent = new Map<object, number>(); // milliseconds, by thread
  #last: StudyProgress | null = null;

  constructor(tell: (progress: StudyProgress) => void) {
    this.#tell = tell;
  }

  readonly onProgress = (progress: StudyProgress): void => {
    this.#last = progress;
    const silentMs = Math.max(0, ...this.#silent.values());
    this.#tell(silentMs === 0 ? progress : { ...progress, silentMs });
  };

  readonly onSilence: OnSilence = (thread, ms) => {
    if (ms === 0) this.#silent.delete(thread);
    else this.#silent.set(thread, ms);
    if (this.#last !== null) this.onProgress(this.#last);
  };
}
