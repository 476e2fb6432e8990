/** Checkpoints of the built-in ladders, as a study names them. */
import { LabError } from '../src/core/errors.ts';
import type { CheckpointFiles } from '../src/engine/checkpoint/checkpoint-files.ts';
import { findCheckpoint, type Ladder } from '../src/formats/ladders/ladder.ts';
import { builtInFiles, fetchLadder, type BuiltIn } from '../src/sources/built-in.ts';
import type { PointSource } from '../src/labs/study/run/study-points.ts';

/** Each ladder's list is fetched once. */
export function builtInCheckpoints(builtIn: BuiltIn): (source: PointSource) => Promise<CheckpointFiles> {
  const ladders = new Map<string, Promise<Ladder>>();
  const ladderOf = (id: string): Promise<Ladder> => {
    const known = ladders.get(id) ?? fetchLadder(builtIn, id);
    ladders.set(id, known);
    known.catch(() => ladders.delete(id));
    return known;
  };
  return async (source) => {
    if (source.kind === 'hub') {
      throw new LabError('config', `${source.repo} is too large to load into memory.`, 'It is streamed: run it again.');
    }
    const ladder = await ladderOf(source.ladder);
    return builtInFiles(builtIn, ladder, findCheckpoint(ladder, source.revision));
  };
}
