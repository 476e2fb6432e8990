/** Reads what a plan names: its ladder and its prompt sets, checked before anything runs. */
import { LabError } from '../../../core/errors.ts';
import type { Ladder } from '../../../formats/ladders/ladder.ts';
import { checkPlanNames, type StudyPlan } from '../../../formats/study/study-plan.ts';
import { tooLongFor, type RoomSources } from './prompt-room.ts';
import { pointsOf } from './study-points.ts';
import { directionNames, joinDigests, resolveSets, setsOf, type ReadSet } from './study-sets.ts';
import { sharedPrompts } from './shared-prompts.ts';
import type { ResolvedStudy } from './resolved-study.ts';

export interface StudySources extends RoomSources {
  fetchLadder(id: string): Promise<Ladder>;
  readonly readSet: ReadSet;
}

/** @throws the errors of `pointsOf` and `resolveSets` */
export async function resolveStudy(plan: StudyPlan, sources: StudySources): Promise<ResolvedStudy> {
  checkPlanNames(plan, (problem) => new LabError('bad-request', `In the plan, ${problem}.`, 'Correct the plan.')); // a plan made in the form was not parsed
  checkStreamed(plan);
  const ladder = plan.ladder.kind === 'built-in' ? await sources.fetchLadder(plan.ladder.id) : null;
  const points = pointsOf(plan, ladder);
  const { pooling, template } = plan;
  const reading = { pooling, template, precision: 'float32' } as const;
  const sets = await resolveSets(plan, sources.readSet, tooLongFor(points, reading, sources));
  const trainDigest = await joinDigests(setsOf(sets, plan.train).map(({ labelDigest }) => labelDigest));
  return {
    plan,
    points,
    sets,
    names: directionNames(plan, sets),
    trainDigest,
    reading,
    shared: sharedPrompts(plan, sets),
  };
}

/** What a checkpoint that is streamed cannot give: every layer at once, or a position that only the study knows. */
function checkStreamed({ ladder, layer, sweep, pooling }: StudyPlan): void {
  if (ladder.kind === 'built-in') return;
  const fail = (problem: string, nextStep: string): LabError => new LabError('bad-request', problem, nextStep);
  if (layer === 'auto') {
    throw fail(
      'A Hub ladder is streamed, so its layer cannot be chosen by trying all layers.',
      'Set a layer; the original study used 15.',
    );
  }
  if (sweep) throw fail('A Hub ladder is streamed up to one layer, so it cannot have a sweep.', 'Set sweep to false.');
  if (pooling === 'last-of-instruction') {
    throw fail(
      'Streamed checkpoints do not support pooling at the end of the instruction.',
      'Choose last, mean or max.',
    );
  }
}
