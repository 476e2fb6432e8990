/** What a pair of answers is asked for, and what it reports. Row 0 is the answer as is, row 1 the steered one. */
import { type StopReason } from '../../engine/run/generate.ts';
import type { SamplingOptions } from '../../core/sampling/draw-token.ts';
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import { type SteeringSettings } from './steering.ts';

/** Row 0 is the answer as is, row 1 the steered one. */
export type AnswerRow = 0 | 1;

/** The settings of each run, read just before it begins, so that λ can change in mid-answer. Run `index` draws token `index`. */
export interface SteeringSource {
  at(index: number): SteeringSettings;
}

export interface AnswerPairRequest {
  readonly prompt: string;
  readonly template: PromptTemplate;
  readonly sampling: SamplingOptions;
  readonly seed: number;
  readonly maxTokens: number;
  readonly tokensPerSecond: number | null;
  readonly steering: SteeringSource;
  readonly signal: AbortSignal;
}

export interface DrawnToken {
  readonly row: 0 | 1;
  readonly index: number; // in the answer, from 0
  readonly text: string;
}

/** `resid_post` of a token at the layer of the steering, read when the token was fed back. */
export interface TokenReading {
  readonly row: 0 | 1;
  readonly index: number;
  readonly layer: number; // that it was read at: the steered one, which can change in mid-answer
  readonly projections: readonly number[]; // [names]: a·d/‖d‖, the push included
  readonly pushes: readonly number[]; // [names]: the part that steering at this token added
}

/**
 * A change of the steering under way; `index` is the first token of the steered answer that was drawn under it, be it the unseen one that
 * ended it. What changes after its end is no move of it, however long the other answer goes on.
 */
export interface SteeringMove {
  readonly index: number;
  readonly steering: SteeringSettings;
}

/** What one run brought. */
export interface AnswerStep {
  readonly tokens: readonly DrawnToken[];
  readonly readings: readonly TokenReading[];
  readonly moves: readonly SteeringMove[]; // mostly none; the settings that an answer starts with are no move
}

export interface AnswerPairSummary {
  readonly promptTokens: number;
  readonly stopReasons: readonly [StopReason, StopReason];
  readonly prefillMs: number;
  readonly tokensPerSecond: number; // of each row, in the model alone
  readonly directionPrompts: number | null; // behind the directions; null: it ended before there were any
}
