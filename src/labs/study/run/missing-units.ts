/** Which units of a study are not at rest yet, checkpoint by checkpoint. */
import { classOf } from '../plan/class-names.ts';
import { setsOf } from '../plan/study-sets.ts';
import type { StudySet } from '../plan/study-set.ts';
import { testSets, type ResolvedStudy } from '../plan/resolved-study.ts';
import type { StudyPoint } from '../plan/study-points.ts';
import { activationsKey, classSumsKey, layerScoresKey } from './study-store.ts';
import type { UnitJob, UnitSet } from './unit-job.ts';

/** What units are computed for: choosing the layer needs no activations, the study itself those of its layer. */
export interface UnitPurpose {
  readonly layer: number | null;
  readonly sweep: boolean;
  readonly sets: readonly string[]; // names, training sets first
}

/** The purpose of a study: all sets that the plan uses, at its layer. */
export function studyPurpose({ plan }: ResolvedStudy, layer: number): UnitPurpose {
  const used = plan.sets.map(({ name }) => name).filter((name) => isUsed(plan, name));
  const ordered = [...used.filter((name) => plan.train.includes(name)), ...used.filter((name) => !plan.train.includes(name))]; // prettier-ignore
  return { layer, sweep: plan.sweep, sets: ordered };
}

const isUsed = ({ train, tests, truth }: ResolvedStudy['plan'], name: string): boolean =>
  train.includes(name) || truth === name || tests.some(({ sets }) => sets.includes(name));

/** A checkpoint's job: the units whose keys are not in `stored`. `commit`: the commit that units are stored under. */
export function jobFor(
  study: ResolvedStudy,
  { point, source }: StudyPoint,
  commit: string,
  purpose: UnitPurpose,
  stored: ReadonlySet<string>,
): UnitJob {
  const { plan, sets, names, trainDigest, reading } = study;
  const training = setsOf(sets, plan.train);
  const scored = testSets(study);
  const useOf = ({ name }: StudySet): Pick<UnitSet, 'isTraining' | 'isScored'> => ({
    isTraining: plan.train.includes(name),
    isScored: scored.includes(name),
  });
  const lacking = setsOf(sets, purpose.sets).filter((set) =>
    unitKeys(study, commit, purpose, { ...set, ...useOf(set) }).some((key) => !stored.has(key)),
  );
  return {
    label: point.label,
    commit,
    source,
    chatFrom: study.points.at(-1)?.source ?? source,
    units: lacking.map((set) => ({ ...unitOf(set), ...useOf(set) })),
    layer: purpose.layer,
    sweep: purpose.sweep
      ? { names, trainDigest, trainLabelDigests: training.map(({ labelDigest }) => labelDigest) }
      : null,
    pooling: reading.pooling,
    template: reading.template,
  };
}

/** The keys that must be in the store for a unit to be complete. */
function unitKeys(
  study: ResolvedStudy,
  commit: string,
  { layer, sweep }: UnitPurpose,
  unit: Pick<UnitSet, 'digest' | 'labelDigest' | 'isTraining' | 'isScored'>,
): string[] {
  const { trainDigest, reading } = study;
  return [
    ...(layer === null ? [] : [activationsKey(commit, unit.digest, layer, reading)]),
    ...(sweep && unit.isTraining ? [classSumsKey(commit, unit.labelDigest, reading)] : []),
    ...(sweep && unit.isScored ? [layerScoresKey(commit, unit.digest, trainDigest, reading)] : []),
  ];
}

function unitOf({ name, digest, labelDigest, prompts }: StudySet): Omit<UnitSet, 'isTraining' | 'isScored'> {
  return { name, digest, labelDigest, texts: prompts.map(({ text }) => text), classes: prompts.map(classOf) };
}
