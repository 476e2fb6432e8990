/** Requests to the steering lab and its replies, as plain data that can pass between threads. */
import type { DirectionName } from '../../core/categories.ts';
import type { SamplingOptions } from '../../core/sampling/draw-token.ts';
import type { Family } from '../../engine/checkpoint/family.ts';
import type { Provider, ProviderChoice } from '../../engine/device/device-report.ts';
import type { Precision } from '../../engine/graph/precisions.ts';
import type { Stage } from '../../formats/ladders/ladder.ts';
import type { LayerDirection } from './category-directions.ts';
import type { PromptCounts } from './growing-directions.ts';
import type { SteeringMove } from './answer-messages.ts';
import type { ModelRef } from '../models/checkpoint-ref.ts';
import type { SteeringSettings } from './steering.ts';

export interface Progress {
  readonly phase: 'download' | 'check' | 'compile' | 'extract';
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'steps' | 'prompts';
  readonly label: string; // the item in progress, such as a file name
}

export interface CheckpointSummary {
  readonly revision: string;
  readonly stage: Stage;
  readonly step: number;
  readonly tokensSeen: number;
  readonly bytes: number;
}

export interface LadderSummary {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly checkpoints: readonly CheckpointSummary[];
  readonly defaults: { readonly revision: string; readonly steeringLayer: number };
}

export interface OpenRequest {
  readonly source: ModelRef;
  readonly provider: ProviderChoice;
}

export interface ModelSummary {
  readonly source: ModelRef;
  readonly label: string; // the checkpoint's, for a reader
  readonly steeringLayer: number; // where nobody chose one
  readonly family: Family;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly vocabSize: number;
  readonly parameters: number;
  readonly contextLength: number; // tokens
  readonly weightBytes: number;
  readonly precision: Precision;
  readonly chat: boolean; // whether it has a chat template
  readonly provider: Provider;
  readonly providerReason: string;
  readonly threads: number;
}

export type DirectionAtLayer = Omit<LayerDirection, 'vector'>;

/** The directions of one checkpoint at every layer, with the values needed to interpret projections on them. */
export interface DirectionsSummary {
  readonly source: ModelRef; // the checkpoint whose activations made them
  readonly set: string; // of prompts: a built-in one, or the id of one of the visitor's
  readonly cached: boolean; // true when they were begun on an earlier visit
  readonly prompts: number; // training prompts behind them
  readonly counts: Readonly<Record<DirectionName, PromptCounts>>;
  readonly read: number; // prompts of `total`, held-out ones included
  readonly total: number;
  readonly storageProblem: string | null; // why they could not be kept or read, where that failed
  readonly names: readonly DirectionName[];
  readonly layers: readonly (readonly DirectionAtLayer[])[]; // [layer][name]
}

export interface DirectionsRequest {
  readonly prompts: number | null; // training prompts, exactly; null: as many as there are
  readonly set: string | null; // of prompts; null: the one for the model
}

/** What a part of the directions' growth brought. */
export interface Refinement {
  readonly read: number; // prompts of `total`
  readonly total: number;
  readonly seconds: number; // spent in this visit
  readonly directions: DirectionsSummary | null; // where there are new ones
}

export interface AnswerRequest {
  readonly prompt: string;
  readonly chat: boolean; // whether to apply the chat template; otherwise the prompt is raw text
  readonly sampling: SamplingOptions;
  readonly seed: number; // both answers draw the same random numbers
  readonly maxTokens: number;
  readonly tokensPerSecond: number | null; // speed limit; null: as fast as the device can
  readonly steering: SteeringSettings; // the initial settings
  readonly directionPrompts?: number | null; // training prompts behind the directions; null: those of the newest
  readonly moves?: readonly SteeringMove[]; // moves of an earlier answer to repeat at the same tokens, ordered by index
}
