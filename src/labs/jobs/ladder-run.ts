/**
 * Works through the checkpoints of a ladder, on one or more lanes. A checkpoint whose own files are at fault is left out; any other
 * error ends the run.
 */
import { asLabError, type LabError } from '../../core/errors.ts';
import { isCheckpointFault } from './checkpoint-faults.ts';
import type { PauseGate } from './pause-gate.ts';

export type LadderEvent<Progress> =
  | { readonly kind: 'progress'; readonly index: number; readonly progress: Progress }
  | { readonly kind: 'checkpoint'; readonly index: number } // finished
  | { readonly kind: 'left out'; readonly index: number; readonly error: LabError };

export interface LadderRunOptions<Progress> {
  readonly checkpoints: readonly number[]; // their indices, in the order in which they are begun
  readonly lanes: number; // how many are worked on at once
  readonly gate: PauseGate; // looked at before each checkpoint; stopped by the first error
  /** Everything that one checkpoint needs. `lane` counts from 0. */
  readonly work: (index: number, lane: number, report: (progress: Progress) => void) => Promise<void>;
}

/** Yields what happens, as it happens. @throws LabError `interrupted` after `gate.stop()`, or the error that ended the run */
export async function* runLadder<Progress>({
  checkpoints,
  lanes,
  gate,
  work,
}: LadderRunOptions<Progress>): AsyncGenerator<LadderEvent<Progress>, void> {
  const queue = [...checkpoints];
  const events = new EventQueue<LadderEvent<Progress>>();
  const lane = async (number: number): Promise<void> => {
    for (;;) {
      await gate.untilOpen();
      const index = queue.shift();
      if (index === undefined) return;
      try {
        await work(index, number, (progress) => events.push({ kind: 'progress', index, progress }));
        events.push({ kind: 'checkpoint', index });
      } catch (thrown) {
        const error = asLabError(thrown);
        if (gate.isStopped || !isCheckpointFault(error)) throw error;
        events.push({ kind: 'left out', index, error });
      }
    }
  };
  const running = Promise.all(Array.from({ length: lanes }, (_, number) => lane(number))).then(
    () => events.end(null),
    (error: unknown) => {
      gate.stop();
      events.end(asLabError(error));
    },
  );
  try {
    yield* events.all();
  } finally {
    if (!events.isOver) gate.stop(); // whoever listened has gone
    await running;
  }
}

/** Events that are pushed at any time and read one after the other. */
class EventQueue<T> {
  readonly #events: T[] = [];
  #error: LabError | null = null;
  #wake: () => void = () => undefined;
  isOver = false;

  push(event: T): void {
    this.#events.push(event);
    this.#wake();
  }

  end(error: LabError | null): void {
    this.isOver = true;
    this.#error = error;
    this.#wake();
  }

  async *all(): AsyncGenerator<T, void> {
    for (;;) {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) yield event;
      if (this.isOver) break;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#error !== null) throw this.#error;
  }
}
