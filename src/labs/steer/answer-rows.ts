/** One or both answers as rows of one batch, with a push that may change between two tokens. */
import type { AnswerRow, AnswerPairRequest, TokenReading, SteeringMove, AnswerStep } from './answer-messages.ts';
import {
  generate,
  type GenerationStep,
  type GenerationSummary,
  type RunControl,
  type RunPhase,
  type StopReason,
} from '../../engine/run/generate.ts';
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { TokenStream } from '../../engine/tokens/tokenizer.ts';
import { type CategoryDirections } from './category-directions.ts';
import {
  directionsAt,
  isSameSteering,
  projectionsOn,
  pushVector,
  steeringTensor,
  type SteeringSettings,
} from './steering.ts';

const STEERED_ROW: AnswerRow = 1;

/** One or both answers, as rows of one batch. */
export class AnswerRows {
  readonly #rows: readonly AnswerRow[];
  readonly #onStep: (step: AnswerStep) => void;
  readonly #streams: readonly TokenStream[];
  readonly #push: LivePush;
  readonly #steps: AsyncGenerator<GenerationStep, GenerationSummary, void>;
  #unread: { readonly row: AnswerRow; readonly index: number; readonly at: ReadAt }[] = []; // before there were directions
  summary: GenerationSummary | null = null;

  constructor(
    checkpoint: Checkpoint,
    ids: readonly number[],
    rows: readonly AnswerRow[],
    request: AnswerPairRequest,
    onStep: (step: AnswerStep) => void,
  ) {
    this.#rows = rows;
    this.#onStep = onStep;
    this.#streams = rows.map(() => checkpoint.tokenizer.createStream());
    this.#push = new LivePush(checkpoint, request, rows);
    this.#steps = generate(checkpoint.model, {
      prompts: rows.map(() => ids),
      sampling: request.sampling,
      seed: request.seed,
      maxTokens: request.maxTokens,
      stopIds: checkpoint.stopIds,
      tokensPerSecond: request.tokensPerSecond,
      signal: request.signal,
      control: (phase) => this.#push.next(phase),
    });
  }

  /** Null where the row is of another run, or has not ended. */
  stopReason(row: AnswerRow): StopReason | null {
    return this.summary?.stopReasons[this.#rows.indexOf(row)] ?? null;
  }

  /** One token more of each row. False once all have ended. */
  async step(directions: CategoryDirections | null): Promise<boolean> {
    if (this.summary !== null) {
      this.#catchUp(directions);
      return false;
    }
    this.#push.directions = directions;
    const step = await this.#steps.next();
    if (step.done) {
      this.summary = step.value;
      this.#catchUp(directions);
      return false;
    }
    const { index, tokens, read } = step.value;
    if (tokens[this.#rows.indexOf(STEERED_ROW)] === null) this.#push.close();
    const drawn = tokens.flatMap((id, i) =>
      id === null ? [] : [{ row: this.#rows[i] ?? 0, index, text: this.#streams[i]?.push(id) ?? '' }],
    );
    for (const [i, activation] of read.entries()) {
      const row = this.#rows[i] ?? 0;
      if (activation !== null) this.#unread.push({ row, index: index - 1, at: this.#push.readAt(row, activation) });
    }
    const readings = directions === null ? [] : this.#readings(directions);
    this.#onStep({ tokens: drawn, readings, moves: this.#push.takeMoves() });
    return true;
  }

  /** Reads what was written before there were directions. */
  #catchUp(directions: CategoryDirections | null): void {
    if (directions === null || this.#unread.length === 0) return;
    this.#onStep({ tokens: [], readings: this.#readings(directions), moves: [] });
  }

  #readings(directions: CategoryDirections): TokenReading[] {
    const readings = this.#unread.map(({ row, index, at: { layer, activation, push } }) => {
      const atLayer = directionsAt(directions, layer);
      const projections = projectionsOn(atLayer, activation);
      const pushes = push === null ? projections.map(() => 0) : projectionsOn(atLayer, push);
      return { row, index, layer, projections, pushes };
    });
    this.#unread = [];
    return readings;
  }
}

/** What a reading is made from. */
export interface ReadAt {
  readonly layer: number;
  readonly activation: Float32Array; // [hidden]
  readonly push: Float32Array | null; // that steering added to it; null in the answer as is
}

/** The push of each run, from settings that may change between two of them. */
export class LivePush {
  directions: CategoryDirections | null = null; // none are needed where no row is steered
  readonly #request: AnswerPairRequest;
  readonly #rows: number;
  readonly #steeredRow: number; // in the batch; -1 where none is
  readonly #layers: number;
  readonly #hiddenSize: number;
  #settings: SteeringSettings | null = null; // of the run under way
  #push: Float32Array; // [hidden], of the run under way
  #runs = 0; // the n-th run draws token n of the answer
  #moves: SteeringMove[] = [];
  #isOpen = true; // the steered answer goes on

  constructor({ model }: Checkpoint, request: AnswerPairRequest, rows: readonly AnswerRow[]) {
    this.#request = request;
    this.#rows = rows.length;
    this.#steeredRow = rows.indexOf(STEERED_ROW);
    this.#layers = model.config.layers;
    this.#hiddenSize = model.config.hiddenSize;
    this.#push = new Float32Array(this.#hiddenSize);
  }

  next(phase: RunPhase): RunControl {
    const settings = this.#request.steering.at(this.#runs);
    const isDrawn = this.#isOpen && this.#runs < this.#request.maxTokens; // the last run only reads
    const isMove = this.#settings !== null && isDrawn && !isSameSteering(this.#settings, settings);
    if (isMove && this.#steeredRow >= 0) this.#moves.push({ index: this.#runs, steering: settings });
    this.#settings = settings;
    this.#runs++;
    if (this.#steeredRow < 0 || this.directions === null) return { steering: null, readLayer: settings.layer };
    this.#push = pushVector(this.directions, settings, phase, this.#hiddenSize);
    const at = { layer: settings.layer, row: this.#steeredRow };
    const steering = steeringTensor(this.#push, { layers: this.#layers, rows: this.#rows }, at);
    return { steering, readLayer: settings.layer };
  }

  /** A residual of the run under way. */
  readAt(row: AnswerRow, activation: Float32Array): ReadAt {
    return { layer: this.#settings?.layer ?? 0, activation, push: row === STEERED_ROW ? this.#push : null };
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
