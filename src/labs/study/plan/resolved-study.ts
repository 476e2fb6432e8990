/** A plan with everything that it names looked up: checkpoints, prompts, directions, digests. */

import type { StudyPlan } from '../../../formats/study/study-plan.ts';
import type { StudyPoint } from './study-points.ts';
import type { StudySet } from './study-set.ts';
import type { ReadingInputs } from '../run/study-store.ts';
import type { SharedPrompts } from '../../../formats/study/study-results.ts';

export interface ResolvedStudy {
  readonly plan: StudyPlan;
  readonly points: readonly StudyPoint[];
  readonly sets: ReadonlyMap<string, StudySet>;
  readonly names: readonly string[]; // of the directions
  readonly trainDigest: string; // of the training sets with their classes
  readonly reading: ReadingInputs;
  readonly shared: readonly SharedPrompts[];
}

/** Names of the sets that some test reads, each once, in the order of the plan. */
export function testSets({ plan }: Pick<ResolvedStudy, 'plan'>): string[] {
  return plan.sets.map(({ name }) => name).filter((name) => plan.tests.some(({ sets }) => sets.includes(name)));
}
