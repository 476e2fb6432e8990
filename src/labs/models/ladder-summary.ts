/** Summarizes a built-in ladder for the page. */
import type { Ladder, LadderCheckpoint } from '../../formats/ladders/ladder.ts';
import type { LadderSummary } from '../steer/steer-messages.ts';

export function summariseLadder({ id, name, description, checkpoints, defaults }: Ladder): LadderSummary {
  return {
    id,
    name,
    description,
    defaults,
    checkpoints: checkpoints.map(({ revision, stage, step, tokensSeen, files }) => ({
      revision,
      stage,
      step,
      tokensSeen,
      bytes: bytesOf(files),
    })),
  };
}

/** The total size of a checkpoint's files. */
export const bytesOf = (files: LadderCheckpoint['files']): number =>
  Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
