import { testSets, type ResolvedStudy } from './resolved-study.ts';
import { studyPurpose } from './missing-units.ts';
import { setsOf } from './study-sets.ts';

export interface ModelShape {
  readonly layers: number;
  readonly hidden: number; // dimensions
  readonly room: number; // maximum tokens of a prompt
}

/** The storage that one checkpoint's units take: activations of one layer, plus sums and scores of every layer for a sweep. */
export function unitBytes(study: ResolvedStudy, { layers, hidden }: ModelShape): number {
  const { plan, sets, names } = study;
  const scored = testSets(study);
  return setsOf(sets, studyPurpose(study, 0).sets).reduce((sum, { name, prompts }) => {
    const activations = prompts.length * hidden * Float32Array.BYTES_PER_ELEMENT;
    const sums = plan.train.includes(name) ? layers * (names.length + 1) * hidden * Float64Array.BYTES_PER_ELEMENT : 0;
    const scores = scored.includes(name) ? layers * names.length * prompts.length * Float32Array.BYTES_PER_ELEMENT : 0;
    return sum + activations + (plan.sweep ? sums + scores : 0);
  }, 0);
}
