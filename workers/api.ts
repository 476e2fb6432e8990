/**
 * The wire between the page and the model worker: plain data only, since Comlink carries nothing else faithfully.
 * The page imports types from here and nothing else of the worker's side.
 */
import type { AnswerBatch } from '../src/study/answer-batches.ts';
import type { AnswerPairSummary } from '../src/study/answer-pair.ts';
import type {
  AnswerRequest,
  DirectionsSummary,
  ModelSummary,
  OpenRequest,
  Progress,
} from '../src/study/lab-messages.ts';
import type { Rewrite, RewriteRequest } from '../src/study/rewrite-prompts.ts';
import type { SteeringSettings } from '../src/study/steering.ts';

export type { WireError } from '../src/core/errors.ts';
export type { Provider, ProviderChoice } from '../src/engine/device-report.ts';
export type { StopReason } from '../src/engine/generate.ts';
export type { AnswerBatch } from '../src/study/answer-batches.ts';
export type {
  AnswerPairSummary as AnswerSummary,
  DrawnToken as AnswerToken,
  SteeringMove,
  TokenReading,
} from '../src/study/answer-pair.ts';
export type {
  AnswerRequest,
  DirectionAtLayer,
  DirectionsSummary,
  ModelSummary,
  OpenRequest,
  Progress,
} from '../src/study/lab-messages.ts';
export type { ModelSource } from '../src/study/model-source.ts';
export type { Rewrite, RewriteRequest } from '../src/study/rewrite-prompts.ts';
export type { SteeringPositions, SteeringSettings } from '../src/study/steering.ts';

/** Row 0 is the answer as is, row 1 the steered one. */
export type AnswerRow = 0 | 1;

/**
 * What the model worker offers. Calls queue; `steer` and `interrupt` act at once. Every call rejects with a plain
 * `WireError`, which Comlink carries whole, where it would strip an Error to its message.
 */
export interface ModelWorkerApi {
  open(request: OpenRequest, onProgress: (progress: Progress) => void): Promise<ModelSummary>;
  /** Computes, or reads from IndexedDB, the directions of the open model. */
  directions(onProgress: (progress: Progress) => void): Promise<DirectionsSummary>;
  answer(request: AnswerRequest, onBatch: (batch: AnswerBatch) => void): Promise<AnswerPairSummary>;
  /** Asks the open model for each prompt in other words, several at once; tells each as it is there. */
  rewrite(request: RewriteRequest, onRewrite: (rewrite: Rewrite) => void): Promise<void>;
  /** Takes effect at the next token of the answer under way. */
  steer(settings: SteeringSettings): Promise<void>;
  /** Stops the answer or the computation under way within one token or batch. */
  interrupt(): Promise<void>;
  /** Puts the model away and frees its memory. */
  release(): Promise<void>;
  /** The directions of the open model as one safetensors file. */
  exportDirections(): Promise<Uint8Array>;
}
