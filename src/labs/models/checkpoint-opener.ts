import type { CheckpointPlace } from '../extraction/extraction-messages.ts';
import type { PinnedCheckpoint } from '../extraction/ladder-units.ts';

/** Opens checkpoints by their places, on a thread that can read while this one computes. */
export interface CheckpointOpener {
  /** Pins it and opens its files; no weight is read. Throws `not-found` and `fetch` errors that name it. */
  open(place: CheckpointPlace): Promise<PinnedCheckpoint>;
  /** Ends the thread; what is under way rejects with `interrupted`. */
  close(): void;
}

/** For a reader, and part of what results are listed by. */
export function placeLabel(place: CheckpointPlace): string {
  if (place.kind === 'folder') return place.name;
  if (place.kind === 'zip') return zipLabel(place.file.name);
  return place.kind === 'hub' ? `${place.repo}@${place.revision}` : `${place.ladder}@${place.revision}`;
}

/** A ZIP is called as the folder in it would be. */
export const zipLabel = (file: string): string => file.replace(/\.zip$/i, '');
