import { append } from '../../core/statistics/min-max.ts';
import type { AnswerBatch } from '../../labs/steer/answer-batches.ts';
import type { AnswerRow, SteeringMove, TokenReading } from '../../labs/steer/answer-messages.ts';
import type { StopReason } from '../../engine/run/generate.ts';

export type { AnswerRow, SteeringMove };

/** One token as the page shows it; replaced, never changed, when its reading comes in. */
export interface ShownToken {
  readonly index: number;
  readonly text: string;
  readonly reading: TokenReading | null;
  readonly move: SteeringMove | null; // the steering changed just before this token was drawn
}

/** A run of tokens that is drawn as one piece of the page. */
export interface TokenBlock {
  readonly start: number; // index of its first token
  readonly tokens: readonly ShownToken[];
}

/** Tokens a block: a batch then redraws a block or two, however long the answer has become. */
const BLOCK_LENGTH = 32;

/** One answer while it grows. */
export class Transcript {
  readonly row: AnswerRow;
  #blocks = $state.raw<readonly TokenBlock[]>([]);
  #stopReason = $state.raw<StopReason | null>(null);
  #moves: SteeringMove[] = [];

  constructor(row: AnswerRow) {
    this.row = row;
  }

  get blocks(): readonly TokenBlock[] {
    return this.#blocks;
  }

  get stopReason(): StopReason | null {
    return this.#stopReason;
  }

  get length(): number {
    const last = this.#blocks.at(-1);
    return last === undefined ? 0 : last.start + last.tokens.length;
  }

  at(index: number): ShownToken | null {
    return this.#blocks[Math.floor(index / BLOCK_LENGTH)]?.tokens[index % BLOCK_LENGTH] ?? null;
  }

  get tokens(): ShownToken[] {
    return this.#blocks.flatMap((block) => block.tokens);
  }

  get text(): string {
    return this.tokens.map((token) => token.text).join('');
  }

  clear(): void {
    this.#blocks = [];
    this.#moves = [];
    this.#stopReason = null;
  }

  close(reason: StopReason): void {
    this.#stopReason = reason;
  }

  /** Takes this row's part of a batch: new tokens at the end, readings where their tokens stand. */
  take(batch: AnswerBatch): void {
    if (this.row === 1) append(this.#moves, batch.moves);
    const blocks = [...this.#blocks];
    const put = (token: ShownToken): void => {
      const at = Math.floor(token.index / BLOCK_LENGTH);
      const tokens = [...(blocks[at]?.tokens ?? [])];
      tokens[token.index % BLOCK_LENGTH] = token;
      blocks[at] = { start: at * BLOCK_LENGTH, tokens };
    };
    const find = (index: number): ShownToken | undefined =>
      blocks[Math.floor(index / BLOCK_LENGTH)]?.tokens[index % BLOCK_LENGTH];

    for (const { row, index, text } of batch.tokens) {
      if (row !== this.row) continue;
      const move = this.#moves.find((candidate) => candidate.index === index) ?? null;
      put({ index, text, reading: null, move });
    }
    for (const reading of batch.readings) {
      const token = reading.row === this.row ? find(reading.index) : undefined;
      if (token !== undefined) put({ ...token, reading });
    }
    this.#blocks = blocks;
  }
}
