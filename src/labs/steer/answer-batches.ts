/** Sends the steps of an answer to the page, at most one message per frame. */
import { append } from '../../core/statistics/min-max.ts';
import type { AnswerStep, DrawnToken, SteeringMove, TokenReading } from './answer-messages.ts';

const FLUSH_MS = 16; // one frame: the page cannot draw more often

/** The steps of several runs combined, in order. */
export type AnswerBatch = AnswerStep;

class Gathered implements AnswerStep {
  readonly tokens: DrawnToken[] = [];
  readonly readings: TokenReading[] = [];
  readonly moves: SteeringMove[] = [];
}

/** Collects the steps of a fast model into batches, one per frame. */
export class BatchSender {
  readonly #send: (batch: AnswerBatch) => void;
  #batch = new Gathered();
  #lastFlush = -Infinity;

  constructor(send: (batch: AnswerBatch) => void) {
    this.#send = send;
  }

  add({ tokens, readings, moves }: AnswerStep): void {
    append(this.#batch.tokens, tokens);
    append(this.#batch.readings, readings);
    append(this.#batch.moves, moves);
    if (performance.now() - this.#lastFlush >= FLUSH_MS) this.flush();
  }

  flush(): void {
    const { tokens, readings, moves } = this.#batch;
    if (tokens.length + readings.length + moves.length === 0) return;
    this.#batch = new Gathered();
    this.#lastFlush = performance.now();
    this.#send({ tokens, readings, moves });
  }
}
