/** What a plan's form does with prompt sets: each gets a use, tests read several together, a training set may hold a part back. */
import type { PlanSet, StudyPlan, TestRole } from '../../formats/study/study-plan.ts';
import type { SetOutline } from '../../labs/prompts/prompt-messages.ts';
import { countLabels, labelName } from '../prompts/prompt-labels.ts';

export type { TestRole };
export type SetUse = 'unused' | 'training' | 'truth' | TestRole;

/** A set that a plan may use. `outline`: what is known of it; null of one that this browser lacks. */
export interface ChoosableSet {
  readonly key: string;
  readonly source: PlanSet['source'];
  readonly name: string;
  readonly outline: SetOutline | null;
}

const HELD_OUT_TEST = 'Held out';

export const sourceKey = (source: PlanSet['source']): string =>
  source.kind === 'own' ? `own:${source.id}` : source.kind === 'built-in' ? `built-in:${source.file}` : `file:${source.path}`; // prettier-ignore

/** Every set that there is, under the names that the plans have for them, and those of the plan that are not there. */
export function choosableSets(
  plan: StudyPlan,
  builtIn: StudyPlan,
  outlines: readonly SetOutline[],
): readonly ChoosableSet[] {
  const nameIn = (key: string, some: StudyPlan): string | undefined =>
    some.sets.find(({ name, source }) => sourceKey(source) === key && !isHeldOut(some, name))?.name;
  const known = outlines.map((outline): ChoosableSet => {
    const source = outline.ref;
    const key = sourceKey(source);
    return { key, source, name: nameIn(key, plan) ?? nameIn(key, builtIn) ?? outline.name, outline };
  });
  const missing = new Map<string, ChoosableSet>();
  for (const { source, name } of plan.sets) {
    const key = sourceKey(source);
    if (!known.some((set) => set.key === key) && !missing.has(key))
      missing.set(key, { key, source, name, outline: null });
  }
  return [...known, ...missing.values()];
}

/** What the plan does with a source; of several parts of it, what is done with the first that is trained on, else with the first. */
export function useOf(plan: StudyPlan, key: string): SetUse {
  const names = plan.sets.flatMap(({ name, source }) => (sourceKey(source) === key ? [name] : []));
  if (names.some((name) => plan.train.includes(name))) return 'training';
  if (names.some((name) => plan.truth === name)) return 'truth';
  return plan.tests.find(({ sets }) => sets.some((name) => names.includes(name)))?.role ?? 'unused';
}

/** Gives a set another use. A test of its own comes with the use as a test; it can then read other sets as well. */
export function withUse(plan: StudyPlan, builtIn: StudyPlan, set: ChoosableSet, use: SetUse): StudyPlan {
  if (useOf(plan, set.key) === use) return plan;
  const others = withoutSource(plan, set.key);
  if (use === 'unused') return others;
  const name = freeName(set.name, others.sets);
  const changed: StudyPlan = { ...others, sets: [...others.sets, { name, source: set.source, part: null }] };
  if (use === 'truth') return { ...changed, truth: name };
  if (use === 'training') return { ...changed, train: [...changed.train, name], concept: conceptOf(plan, set) };
  const shipped = builtIn.tests.find(({ role, sets }) => role === use && sets.length === 1 && sets[0] === name);
  return withTestEntry(changed, { name: freeName(shipped?.name ?? name, changed.tests), role: use, sets: [name] });
}

/**
 * The plan with a set that somebody wants to use, where its classes say as what: prompts of the plan's concept are trained on,
 * statements are for the controls on truth. The same plan where they do not, or where it has a use.
 */
export function withWanted(plan: StudyPlan, builtIn: StudyPlan, set: ChoosableSet): StudyPlan {
  if (set.outline === null || useOf(plan, set.key) !== 'unused') return plan;
  const labels = countLabels(set.outline.tally).flatMap(([label, prompts]) => (prompts > 0 ? [label] : []));
  const isStatements = labels.length > 0 && labels.every((label) => label === 'true' || label === 'false');
  if (isStatements) return plan.truth === null ? withUse(plan, builtIn, set, 'truth') : plan;
  const isOfConcept =
    plan.train.length === 0 || plan.concept.positive === labelName('harmful', set.outline.concept ?? null);
  const hasClass = labels.some((label) => label === 'harmful' || label === 'safe');
  return hasClass && isOfConcept ? withUse(plan, builtIn, set, 'training') : plan;
}

/** A plan of the same reading and checkpoints that uses no set yet. */
export const withoutSets = (plan: StudyPlan): StudyPlan => ({ ...plan, sets: [], train: [], tests: [], truth: null });

/** The share of a training set that is kept for tests; null where the set is none, or its part is not of that kind. */
export function heldOutShare(plan: StudyPlan, key: string): number | null {
  const set = trainingSet(plan, key);
  if (set === undefined || (set.part?.from ?? 0) !== 0) return null;
  return rounded(1 - (set.part?.to ?? 1));
}

/** Keeps a share of a training set, drawn by the plan's seed, for tests: first for one in distribution. 0: trains on all of it. */
export function withHeldOut(plan: StudyPlan, key: string, share: number): StudyPlan {
  const set = trainingSet(plan, key);
  if (set === undefined || heldOutShare(plan, key) === null) return plan;
  const to = rounded(1 - share);
  const part = share === 0 ? null : { seed: set.part?.seed ?? plan.seed, from: 0, to };
  const cut: PlanSet = { ...set, part };
  const held = heldOutOf(cut);
  const before = heldOutOf(set)?.name ?? null;
  const isRead = before !== null && plan.tests.some(({ sets }) => sets.includes(before));
  const kept = plan.sets.filter(({ name }) => name !== before).map((other) => (other === set ? cut : other));
  const changed = { ...plan, sets: held === null ? kept : [...kept, held] };
  if (held === null) return before === null ? changed : withoutNames(changed, [before]);
  if (isRead) return changed;
  const test = changed.tests.find(({ name, role }) => name === HELD_OUT_TEST && role === 'in-distribution');
  if (test !== undefined) return withTestSet(changed, test.name, held, true);
  const name = freeName(HELD_OUT_TEST, changed.tests);
  return withTestEntry(changed, { name, role: 'in-distribution', sets: [held.name] });
}

/** What tests may read: neither training sets nor statements, and of training sets what they hold back. */
export function testableSets(plan: StudyPlan): readonly PlanSet[] {
  const read = plan.sets.filter(({ name }) => !plan.train.includes(name) && name !== plan.truth);
  const held = plan.sets.filter(({ name }) => plan.train.includes(name)).flatMap((set) => heldOutOf(set) ?? []);
  return [...read, ...held.filter(({ name }) => !read.some((other) => other.name === name))];
}

/** Reads a set in a test or no longer; a test that reads nothing is gone. */
export function withTestSet(plan: StudyPlan, test: string, set: PlanSet, isOn: boolean): StudyPlan {
  const sets = plan.sets.some(({ name }) => name === set.name) ? plan.sets : [...plan.sets, set];
  const tests = plan.tests.map((entry) => {
    if (entry.name !== test) return entry;
    const others = entry.sets.filter((name) => name !== set.name);
    return { ...entry, sets: isOn ? [...others, set.name] : others };
  });
  return { ...plan, sets, tests: tests.filter((entry) => entry.sets.length > 0) };
}

/** A name that another test has, and an empty one, change nothing. */
export function withTestName(plan: StudyPlan, test: string, name: string): StudyPlan {
  if (name.trim() === '' || plan.tests.some((entry) => entry.name === name.trim())) return plan;
  return { ...plan, tests: plan.tests.map((entry) => (entry.name === test ? { ...entry, name: name.trim() } : entry)) };
}

export function withTestRole(plan: StudyPlan, test: string, role: TestRole): StudyPlan {
  return { ...plan, tests: plan.tests.map((entry) => (entry.name === test ? { ...entry, role } : entry)) };
}

const trainingSet = (plan: StudyPlan, key: string): PlanSet | undefined =>
  plan.sets.find(({ name, source }) => sourceKey(source) === key && plan.train.includes(name));

/** What a set that ends before 1 leaves over. */
function heldOutOf({ name, source, part }: PlanSet): PlanSet | null {
  if (part === null || part.from !== 0 || part.to >= 1) return null;
  return { name: `${name}, held out`, source, part: { ...part, from: part.to, to: 1 } };
}

const isHeldOut = ({ sets, train }: StudyPlan, name: string): boolean =>
  sets.some((set) => train.includes(set.name) && heldOutOf(set)?.name === name);

/** The words of the plan, or of the first set that brings a concept of its own along. */
function conceptOf({ concept, train }: StudyPlan, { outline }: ChoosableSet): StudyPlan['concept'] {
  const own = outline?.concept ?? null;
  if (own === null || train.length > 0) return concept;
  return { positive: labelName('harmful', own), negative: labelName('safe', own) };
}

const withTestEntry = (plan: StudyPlan, test: StudyPlan['tests'][number]): StudyPlan => ({
  ...plan,
  tests: [...plan.tests, test],
});

function withoutSource(plan: StudyPlan, key: string): StudyPlan {
  return withoutNames(plan, plan.sets.flatMap(({ name, source }) => (sourceKey(source) === key ? [name] : []))); // prettier-ignore
}

function withoutNames(plan: StudyPlan, gone: readonly string[]): StudyPlan {
  const stays = (name: string): boolean => !gone.includes(name);
  const tests = plan.tests.map((test) => ({ ...test, sets: test.sets.filter(stays) }));
  return {
    ...plan,
    sets: plan.sets.filter(({ name }) => stays(name)),
    train: plan.train.filter(stays),
    tests: tests.filter(({ sets }) => sets.length > 0),
    truth: plan.truth === null || stays(plan.truth) ? plan.truth : null,
  };
}

function freeName(wanted: string, taken: readonly { readonly name: string }[]): string {
  const isTaken = (name: string): boolean => taken.some((other) => other.name === name);
  let name = wanted;
  for (let count = 2; isTaken(name); count++) name = `${wanted} ${count}`;
  return name;
}

const rounded = (share: number): number => Math.round(share * 1e4) / 1e4; // 0.8, not 0.8000000000000000444
