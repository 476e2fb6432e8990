import type { SourceRef } from './checkpoint-ref.ts';
import type { PinnedCheckpoint } from '../extraction/ladder-units.ts';

/** Opens checkpoints by their places, on a thread that can read while this one computes. */
export interface CheckpointOpener {
  /** Pins it and opens its files; no weight is read. Throws `not-found` and `fetch` errors that name it. */
  open(place: SourceRef): Promise<PinnedCheckpoint>;
  /** Ends the thread; what is under way rejects with `interrupted`. */
  close(): void;
}
