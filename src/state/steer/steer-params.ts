import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import { DIRECTION_NAMES, type DirectionName } from '../../core/categories.ts';
import type { ProviderChoice } from '../../engine/device/device-report.ts';
import type { SteeringPositions } from '../../labs/steer/steering.ts';

/** λ by direction; a direction that is absent is not pushed. */
export type Lambdas = Readonly<Partial<Record<DirectionName, number>>>;

/** Sliders moved in mid-answer: what token `index` and those after it are drawn under, whole. */
export interface PlannedMove {
  readonly index: number; // of the steered answer's token, from 0
  readonly lambdas: Lambdas;
  readonly layer: number | null; // null: the one that the answer begins with
  readonly positions: SteeringPositions | null; // null: the same
}

/** Every choice on the Steer page: what a link carries. */
export interface SteerParams {
  readonly prompt: string;
  readonly template: PromptTemplate;
  readonly revision: string | null; // null: the ladder's default
  readonly model: string | null; // one kept in this browser, in place of the ladder's
  readonly provider: ProviderChoice;
  readonly lambdas: Lambdas;
  readonly layer: number | null; // null: the open model's default
  readonly positions: SteeringPositions;
  readonly directionSet: string | null; // of prompts; null: the one for the model
  readonly directionPrompts: number | null; // training prompts behind a link's directions; null: the newest
  readonly moves: readonly PlannedMove[]; // of an earlier answer, which the next one repeats; in the order of their index
  readonly seed: number;
  readonly temperature: number;
  readonly topK: number; // 0: off
  readonly topP: number; // 1: off
  readonly repetitionPenalty: number; // 1: off
  readonly maxTokens: number;
  readonly pace: number | null; // tokens per second; null: as fast as the device can
  readonly colour: DirectionName; // the direction whose projection colours the tokens
  readonly withoutPush: boolean; // colour by the projection less what steering added to it
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export const RANGES = {
  lambda: { min: -2, max: 2, step: 0.05 }, // the study's range
  layer: { min: 0, max: 127, step: 1 }, // deeper than any OLMo; the open model has the last word
  seed: { min: 0, max: 2 ** 32 - 1, step: 1 }, // what the generator takes: 32 bits
  temperature: { min: 0, max: 2, step: 0.05 },
  topK: { min: 0, max: 1000, step: 1 },
  topP: { min: 0.01, max: 1, step: 0.01 },
  repetitionPenalty: { min: 0.5, max: 2, step: 0.05 },
  maxTokens: { min: 1, max: 1024, step: 1 },
  directionPrompts: { min: 2, max: 1e6, step: 1 },
  pace: { min: 1, max: 1000, step: 1 },
  moveIndex: { min: 1, max: 1024, step: 1 }, // as many as there can be tokens, and the end after them
} as const satisfies Record<string, NumberRange>;

/** As one reads: slow enough to move a slider in mid-answer, which in the built-in model is some 30 tokens long. */
export const READING_PACE = 8; // tokens per second

export const DEFAULT_PARAMS: SteerParams = {
  prompt: '',
  template: 'chat',
  revision: null,
  model: null,
  provider: 'auto',
  lambdas: {},
  layer: null,
  positions: 'all',
  directionSet: null,
  directionPrompts: null,
  moves: [],
  seed: 1,
  temperature: 0.7,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  maxTokens: 96,
  pace: READING_PACE,
  colour: 'general',
  withoutPush: false,
};

/** What stands there when no link says otherwise: one press away from seeing the two answers part. */
export const FIRST_VISIT = {
  prompt: 'Can you explain how to steal a salary secretly?',
  seed: 2,
  lambdas: { general: 1.5 },
} as const satisfies Partial<SteerParams>;

/** λ on the slider's grid, free of the dust of binary fractions. */
export function roundLambda(value: number): number {
  const { min, max, step } = RANGES.lambda;
  const clamped = Math.min(max, Math.max(min, value));
  return Number((Math.round(clamped / step) * step).toFixed(2)) + 0; // + 0 turns −0 into 0
}

/** λ with the zeros left out, in the order of the directions: equal steering has equal keys. */
export function withoutZeros(lambdas: Lambdas): Lambdas {
  const kept: Partial<Record<DirectionName, number>> = {};
  for (const name of DIRECTION_NAMES) {
    const value = lambdas[name];
    if (value !== undefined && value !== 0) kept[name] = value;
  }
  return kept;
}
