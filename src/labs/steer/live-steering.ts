/** What an answer is steered by. */
import type { SteeringMove, SteeringSource } from './answer-messages.ts';
import type { SteeringSettings } from './steering.ts';

/** Read before every run, so that a move takes effect at the next token. */
export class LiveSteering implements SteeringSource {
  readonly #first: SteeringSettings;
  #moved: SteeringSettings | null = null; // by hand
  #planned: readonly SteeringMove[];

  /** `planned`: moves of an earlier answer that this one repeats, in the order of their index. */
  constructor(first: SteeringSettings, planned: readonly SteeringMove[] = []) {
    this.#first = first;
    this.#planned = planned;
  }

  /** The settings that token `index` is drawn under: the first one under those that were asked for, whatever has moved since. */
  at(index: number): SteeringSettings {
    if (index === 0) return this.#first;
    return this.#moved ?? this.#planned.findLast((move) => move.index <= index)?.steering ?? this.#first;
  }

  /** Takes effect at the next token; no planned move is made any more. */
  move(settings: SteeringSettings): void {
    this.#moved = settings;
    this.#planned = [];
  }
}
