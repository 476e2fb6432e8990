/** Changes to a plan that its form makes. */
import type { StudyPlan } from '../../formats/study/study-plan.ts';

/** By content; the order of keys is that of the format. */
export const isSamePlan = (one: StudyPlan, other: StudyPlan): boolean => planText(one) === planText(other);

export const planText = (plan: StudyPlan): string => JSON.stringify(plan, null, 2);

/** Revisions of the built-in ladder that the plan runs; null: the ladder is another, whose checkpoints only JSON changes. */
export function revisionsOf({ ladder }: StudyPlan, all: readonly string[]): readonly string[] | null {
  if (ladder.kind !== 'built-in') return null;
  return ladder.revisions === 'all' ? all : ladder.revisions;
}

/** In the ladder's order; all of them are written as `all`, none leaves the plan as it was. */
export function withRevisions(plan: StudyPlan, chosen: readonly string[], all: readonly string[]): StudyPlan {
  if (plan.ladder.kind !== 'built-in' || chosen.length === 0) return plan;
  const ordered = all.filter((revision) => chosen.includes(revision));
  const revisions = ordered.length === all.length ? 'all' : ordered;
  return { ...plan, ladder: { ...plan.ladder, revisions } };
}

/** A checkpoint of the Hub, as a ladder's picks name it. */
export type HubRung = Extract<StudyPlan['ladder'], { kind: 'hub' }>['checkpoints'][number];

/** Layer 15 of 32 in the study; OLMo's 1B models have 16. */
const STUDY_LAYER = { of7B: 15, of1B: 7 } as const;

/** The plan over checkpoints of the Hub. They are streamed up to one layer, so there is no sweep and no choice by trying all. */
export function withHubLadder(plan: StudyPlan, name: string, checkpoints: readonly HubRung[]): StudyPlan {
  const isSmall = checkpoints.every(({ repo }) => /\b1B\b/.test(repo));
  const pooling = plan.pooling === 'last-of-instruction' ? 'last' : plan.pooling;
  const layer = isSmall ? STUDY_LAYER.of1B : STUDY_LAYER.of7B;
  return {
    ...plan,
    name: `Directions over ${name}`,
    ladder: { kind: 'hub', name, checkpoints },
    layer,
    sweep: false,
    pooling,
  };
}

export interface Rung {
  readonly revision: string;
  readonly stage: string;
}

/** A shorter ladder: the first checkpoint, every `every`-th, and the last of each stage. */
export function thinned(rungs: readonly Rung[], every: number): readonly string[] {
  const kept = rungs.filter(({ stage }, index) => index % every === 0 || rungs[index + 1]?.stage !== stage);
  return kept.map(({ revision }) => revision);
}

/** With or without a test of the built-in plan or of this one; the last one stays, since a study needs a test. */
export function withTest(plan: StudyPlan, from: StudyPlan, name: string, isOn: boolean): StudyPlan {
  const has = plan.tests.some((test) => test.name === name);
  if (has === isOn || (!isOn && plan.tests.length === 1)) return plan;
  if (!isOn) return { ...plan, tests: plan.tests.filter((test) => test.name !== name) };
  const test = from.tests.find((entry) => entry.name === name);
  if (test === undefined) return plan;
  const missing = from.sets.filter(
    (set) => test.sets.includes(set.name) && !plan.sets.some(({ name: had }) => had === set.name),
  );
  const order = from.tests.map((entry) => entry.name);
  const place = (entry: { readonly name: string }): number => order.indexOf(entry.name);
  return {
    ...plan,
    sets: [...plan.sets, ...missing],
    tests: [...plan.tests, test].sort((a, b) => place(a) - place(b)),
  };
}

/** With or without the statements that the controls on truth need. */
export function withTruth(plan: StudyPlan, from: StudyPlan, isOn: boolean): StudyPlan {
  if (!isOn) return { ...plan, truth: null };
  const truth = from.truth;
  const set = from.sets.find(({ name }) => name === truth);
  if (truth === null || set === undefined) return plan;
  const has = plan.sets.some(({ name }) => name === truth);
  return { ...plan, truth, sets: has ? plan.sets : [...plan.sets, set] };
}

/** Sets that nothing uses are left out of what runs. */
export function withoutUnused(plan: StudyPlan): StudyPlan {
  const used = new Set([
    ...plan.train,
    ...plan.tests.flatMap(({ sets }) => sets),
    ...(plan.truth === null ? [] : [plan.truth]),
  ]);
  return { ...plan, sets: plan.sets.filter(({ name }) => used.has(name)) };
}
