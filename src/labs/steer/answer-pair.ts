/**
 * The Steer page's experiment: one prompt, two answers in one batch, row 0 as is and row 1 steered, with every token's projections
 * on the directions of the steered layer.
 */
import { generate, type RunControl, type RunPhase, type StopReason } from '../../engine/run/generate.ts';
import type { SamplingOptions } from '../../core/sampling/draw-token.ts';
import { LabError } from '../../core/errors.ts';
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { encodePrompt, type CategoryDirections } from './category-directions.ts';
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import {
  directionsAt,
  isSameSteering,
  projectionsOn,
  pushVector,
  steeringTensor,
  type SteeringSettings,
} from './steering.ts';

const STEERED_ROW = 1;
const ROWS = 2;

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
}

/** Runs both answers; `onStep` hears of every token, reading and move in order. */
export async function answerPair(
  checkpoint: Checkpoint,
  directions: CategoryDirections,
  request: AnswerPairRequest,
  onStep: (step: AnswerStep) => void,
): Promise<AnswerPairSummary> {
  if (request.prompt.trim() === '') throw new LabError('bad-request', 'The prompt is empty.', 'Enter a prompt.');
  const ids = encodePrompt(checkpoint.tokenizer, request.prompt, request.template);
  const streams = Array.from({ length: ROWS }, () => checkpoint.tokenizer.createStream());
  const push = new LivePush(checkpoint, directions, request);
  const steps = generate(checkpoint.model, {
    prompts: [ids, ids],
    sampling: request.sampling,
    seed: request.seed,
    maxTokens: request.maxTokens,
    stopIds: checkpoint.stopIds,
    tokensPerSecond: request.tokensPerSecond,
    signal: request.signal,
    control: (phase) => push.next(phase),
  });
  for (;;) {
    const step = await steps.next();
    if (step.done) {
      const { stopReasons, prefillMs, decodeMs, decodeRuns } = step.value;
      const [asIs = 'end', steered = 'end'] = stopReasons;
      const tokensPerSecond = decodeRuns === 0 ? 0 : (decodeRuns / decodeMs) * 1000;
      return { promptTokens: ids.length, stopReasons: [asIs, steered], prefillMs, tokensPerSecond };
    }
    const { index, tokens, read } = step.value;
    if (tokens[STEERED_ROW] === null) push.close();
    const drawn = tokens.flatMap((id, row) =>
      id === null ? [] : [{ row: row as 0 | 1, index, text: streams[row]?.push(id) ?? '' }],
    );
    const readings = read.flatMap((activation, row) =>
      activation === null ? [] : [push.read(row as 0 | 1, index - 1, activation)],
    );
    onStep({ tokens: drawn, readings, moves: push.takeMoves() });
  }
}

/** The push of each run, from settings that may change between two of them. */
class LivePush {
  readonly #directions: CategoryDirections;
  readonly #request: AnswerPairRequest;
  readonly #layers: number;
  readonly #hiddenSize: number;
  #settings: SteeringSettings | null = null; // of the run under way
  #push: Float32Array; // [hidden], of the run under way
  #runs = 0; // the n-th run draws token n of the answer
  #moves: SteeringMove[] = [];
  #isOpen = true; // the steered answer goes on

  constructor({ model }: Checkpoint, directions: CategoryDirections, request: AnswerPairRequest) {
    this.#directions = directions;
    this.#request = request;
    this.#layers = model.config.layers;
    this.#hiddenSize = model.config.hiddenSize;
    this.#push = new Float32Array(this.#hiddenSize);
  }

  next(phase: RunPhase): RunControl {
    const settings = this.#request.steering.at(this.#runs);
    const isDrawn = this.#isOpen && this.#runs < this.#request.maxTokens; // the last run only reads
    if (this.#settings !== null && isDrawn && !isSameSteering(this.#settings, settings)) {
      this.#moves.push({ index: this.#runs, steering: settings });
    }
    this.#settings = settings;
    this.#runs++;
    this.#push = pushVector(this.#directions, settings, phase, this.#hiddenSize);
    const at = { layer: settings.layer, row: STEERED_ROW };
    const steering = steeringTensor(this.#push, { layers: this.#layers, rows: ROWS }, at);
    return { steering, readLayer: settings.layer };
  }

  /** A residual of the run under way, on the directions of its layer. */
  read(row: 0 | 1, index: number, activation: Float32Array): TokenReading {
    const layer = this.#settings?.layer ?? 0;
    const directions = directionsAt(this.#directions, layer);
    const projections = projectionsOn(directions, activation);
    const pushes = row === STEERED_ROW ? projectionsOn(directions, this.#push) : projections.map(() => 0);
    return { row, index, layer, projections, pushes };
  }

  /** The steered answer has ended. */
  close(): void {
    this.#isOpen = false;
  }

  takeMoves(): SteeringMove[] {
    const moves = this.#moves;
    this.#moves = [];
    return moves;
  }
}
