/** The wire between the page and the extraction worker: plain data only. */
import type {
  ExtractionJob,
  ExtractionPlan,
  ExtractionProgress,
  ExtractionRequest,
  GoOnWith,
} from '../src/study/extraction-messages.ts';
import type { HubAccess } from '../src/study/library-messages.ts';

export type { Pooling } from '../src/core/pooling.ts';
export type { StreamedPrecision } from '../src/engine/streamed/stage-graph.ts';
export type { PromptTemplate } from '../src/study/category-directions.ts';
export type {
  CheckpointPlace,
  ExtractionFailure,
  ExtractionJob,
  ExtractionPlan,
  ExtractionProgress,
  ExtractionRequest,
  ExtractionWait,
  GoOnWith,
  LayerChoice,
  NeededLocal,
  PromptChoice,
} from '../src/study/extraction-messages.ts';
export type { HubAccess, LocalPlace } from '../src/study/library-messages.ts';

/** What the extraction worker offers: one job at a time. Every call rejects with a plain `WireError`. */
export interface ExtractionWorkerApi {
  /** What an extraction would cost. Reads config, headers and tokenizer of its first checkpoint, and no weight. */
  plan(
    request: ExtractionRequest,
    access: HubAccess,
    onWait: (waiting: string | null) => void,
  ): Promise<ExtractionPlan>;
  /** The recorded job, running or not, of this visit or an earlier one. */
  current(): Promise<ExtractionJob | null>;
  /** Runs what was planned. Resolves when it has ended, to how; null: it was cancelled. */
  start(
    plan: ExtractionPlan,
    access: HubAccess,
    onProgress: (progress: ExtractionProgress) => void,
  ): Promise<ExtractionJob | null>;
  /** Goes on with the recorded job, and resolves as `start` does. */
  goOn(how: GoOnWith, onProgress: (progress: ExtractionProgress) => void): Promise<ExtractionJob | null>;
  /** Holds it up within one run; what is computed stays. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it for good, or forgets it where it does not run; what is stored of it stays. */
  cancel(): Promise<void>;
}
