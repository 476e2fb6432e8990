/** Checkpoints of the built-in ladders, as a study names them. */
import { LabError } from '../src/core/errors.ts';
import type { CheckpointFiles } from '../src/engine/checkpoint/checkpoint-files.ts';
import { findCheckpoint } from '../src/formats/ladders/ladder.ts';
import type { LadderRef } from '../src/labs/models/checkpoint-ref.ts';
import { builtInFiles } from '../src/sources/built-in.ts';
import { builtIn, ladderOnce } from './site.ts';

/** @throws LabError `config`, for a checkpoint of the Hub: it is streamed, not held whole */
export async function builtInCheckpoint(ref: LadderRef): Promise<CheckpointFiles> {
  if (ref.kind === 'hub') {
    throw new LabError('config', `${ref.repo} is too large to hold in memory.`, 'It is streamed: run the study again.');
  }
  const ladder = await ladderOnce(ref.ladder);
  return builtInFiles(builtIn, ladder, findCheckpoint(ladder, ref.revision));
}
