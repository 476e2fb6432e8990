import { asLabError, type LabError } from '../../core/errors.ts';
import type { SteerClient } from '../../rpc/clients.ts';
import type { AnswerBatch } from '../../labs/steer/answer-batches.ts';
import type { AnswerRequest, DirectionsSummary, ModelSummary } from '../../labs/steer/steer-messages.ts';
import type { AnswerPairSummary as AnswerSummary, SteeringMove } from '../../labs/steer/answer-messages.ts';
import type { SteeringSettings } from '../../labs/steer/steering.ts';
import type { SteerParams } from './steer-params.ts';
import { Transcript } from './transcript.svelte.ts';

export type RunState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'waiting' } // for the model
  | { readonly kind: 'writing' }
  | { readonly kind: 'done'; readonly summary: AnswerSummary }
  | { readonly kind: 'failed'; readonly error: LabError };

/** What the shown answers were made from. */
export interface RunOrigin {
  readonly request: AnswerRequest;
  readonly model: ModelSummary;
  readonly directions: DirectionsSummary | null; // null: there were none yet
  readonly params: SteerParams; // the page's choices when it was asked for
}

/** A pair of answers: asked for, streaming, done. */
export class AnswerRun {
  readonly asIs = new Transcript(0);
  readonly steered = new Transcript(1);
  readonly #client: SteerClient;
  readonly #nextFrame: (job: () => void) => void;
  #state = $state.raw<RunState>({ kind: 'idle' });
  #origin = $state.raw<RunOrigin | null>(null);
  #moves = $state.raw<readonly SteeringMove[]>([]);
  #latest = 0;
  #answering: Promise<unknown> = Promise.resolve(); // settles when the worker writes no more
  #pending: SteeringSettings | null = null; // the newest move that no frame has sent yet

  constructor(client: SteerClient, nextFrame: (job: () => void) => void) {
    this.#client = client;
    this.#nextFrame = nextFrame;
  }

  get state(): RunState {
    return this.#state;
  }
  get origin(): RunOrigin | null {
    return this.#origin;
  }
  /** The moves that the steered answer was drawn under: none that came after its last token or, where it ended by itself, its end. */
  get moves(): readonly SteeringMove[] {
    const { length, stopReason } = this.steered;
    return this.#moves.filter(({ index }) => index < length || (index === length && stopReason === 'end'));
  }
  /** Training prompts behind the directions of the shown answers; null where that is not known yet. */
  get directionPrompts(): number | null {
    const summary = this.#state.kind === 'done' ? this.#state.summary : null;
    return summary?.directionPrompts ?? this.#origin?.request.directionPrompts ?? null;
  }
  /** What the shown tokens were last steered by; null while there are none. */
  get steering(): SteeringSettings | null {
    return this.moves.at(-1)?.steering ?? this.#origin?.request.steering ?? null;
  }
  get active(): boolean {
    return this.#state.kind === 'waiting' || this.#state.kind === 'writing';
  }

  /**
   * Answers anew. `prepare` waits for what is needed and says what to ask; null means that it is not to be had, which is
   * reported elsewhere.
   */
  async start(prepare: () => Promise<RunOrigin | null>): Promise<void> {
    const stamp = ++this.#latest;
    if (this.#state.kind === 'writing') void this.#interrupt();
    this.#state = { kind: 'waiting' };
    try {
      const origin = await prepare();
      if (stamp !== this.#latest) return;
      if (origin === null) {
        this.#state = { kind: 'idle' };
        return;
      }
      this.#begin(origin);
      const answering = this.#client.answer(origin.request, (batch) => {
        if (stamp === this.#latest) this.#take(batch);
      });
      this.#answering = Promise.allSettled([this.#answering, answering]);
      const summary = await answering;
      if (stamp !== this.#latest) return;
      await this.#findDirections(origin, summary);
      if (stamp === this.#latest) this.#finish(summary);
    } catch (error) {
      if (stamp === this.#latest) this.#fail(asLabError(error));
    }
  }

  /** Stops within one token; ends the worker if it does not. */
  async stop(): Promise<void> {
    if (this.#state.kind === 'waiting') {
      this.#latest++;
      this.#state = { kind: 'idle' };
    } else if (this.#state.kind === 'writing') {
      await this.#client.stop().catch(this.#onStrayError);
    }
  }

  /** Stops, and waits until the worker writes no more: only then may it be ended without an answer being lost. */
  async end(): Promise<void> {
    await this.stop();
    await this.#answering;
  }

  /** Steers the answer under way; several moves within a frame are one. */
  steer(steering: SteeringSettings): void {
    if (this.#state.kind !== 'writing') return;
    const scheduled = this.#pending !== null;
    this.#pending = steering;
    if (scheduled) return;
    this.#nextFrame(() => {
      const newest = this.#pending;
      this.#pending = null;
      if (newest !== null && this.#state.kind === 'writing') this.#client.steer(newest).catch(this.#onStrayError);
    });
  }

  #begin(origin: RunOrigin): void {
    this.asIs.clear();
    this.steered.clear();
    this.#moves = [];
    this.#origin = origin;
    this.#state = { kind: 'writing' };
  }

  #take(batch: AnswerBatch): void {
    this.asIs.take(batch);
    this.steered.take(batch);
    if (batch.moves.length > 0) this.#moves = [...this.#moves, ...batch.moves];
  }

  /** Directions that came in mid-answer: the scales of its readings. */
  async #findDirections(origin: RunOrigin, { directionPrompts }: AnswerSummary): Promise<void> {
    if (origin.directions !== null || directionPrompts === null) return;
    const directions = await this.#client.directions({ prompts: directionPrompts, set: origin.params.directionSet }, () => undefined); // prettier-ignore
    this.#origin = { ...origin, directions };
  }

  #finish(summary: AnswerSummary): void {
    this.asIs.close(summary.stopReasons[0]);
    this.steered.close(summary.stopReasons[1]);
    this.#state = { kind: 'done', summary };
  }

  #fail(error: LabError): void {
    this.#state = error.code === 'interrupted' ? { kind: 'idle' } : { kind: 'failed', error };
  }

  async #interrupt(): Promise<void> {
    await this.#client.interrupt().catch(this.#onStrayError);
  }

  readonly #onStrayError = (error: unknown): void => {
    if (this.#state.kind === 'writing') this.#fail(asLabError(error));
  };
}
