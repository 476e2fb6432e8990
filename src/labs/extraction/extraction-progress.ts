import { wireFailures } from './extraction-job.ts';
import type { ExtractionProgress, ExtractionWait } from './extraction-messages.ts';
import type { LadderProgress } from './ladder-extraction.ts';
import type { WaitNotice } from '../models/open-checkpoint-files.ts';

export type OnExtractionProgress = (progress: ExtractionProgress) => void;

const TELL_EVERY_MS = 100; // a small model runs hundreds of batches a second

/** Progress as the page hears it: what the ladder waits for, else what the source does. */
export class ReportedProgress {
  readonly #onProgress: OnExtractionProgress;
  #last: Omit<ExtractionProgress, 'waiting'>; // the source may wait before the ladder has told anything
  #ladderWaits: ExtractionWait | null = null;
  #sourceWaits: ExtractionWait | null = null;
  #sent = { what: '', at: -Infinity };

  constructor(units: number, onProgress: OnExtractionProgress) {
    this.#onProgress = onProgress;
    this.#last = {
      status: 'running',
      unitsDone: 0,
      units,
      checkpoint: null,
      pass: null,
      secondsLeft: null,
      failures: [],
    };
  }

  get failures(): ExtractionProgress['failures'] {
    return this.#last.failures;
  }

  tell({ failures, waiting, ...progress }: LadderProgress): void {
    this.#last = { ...progress, failures: wireFailures(failures) };
    if (waiting === null) this.#ladderWaits = null;
    else if (this.#ladderWaits?.reason !== waiting.error.message || this.#ladderWaits.until < Date.now()) {
      this.#ladderWaits = { reason: waiting.error.message, until: Date.now() + waiting.delayMs };
    }
    if (waiting !== null) this.#sourceWaits = null; // it gave up
    this.#send();
  }

  hear(notice: WaitNotice): void {
    this.#sourceWaits =
      notice.kind === 'resumed' ? null : { reason: notice.reason, until: Date.now() + notice.afterMs };
    this.#send();
  }

  #send(): void {
    const waiting = this.#ladderWaits ?? this.#sourceWaits;
    const what = JSON.stringify([this.#last.status, this.#last.unitsDone, this.#last.checkpoint, waiting]);
    const now = performance.now();
    if (what === this.#sent.what && now - this.#sent.at < TELL_EVERY_MS) return;
    this.#sent = { what, at: now };
    this.#onProgress({ ...this.#last, waiting });
  }
}
