/** Checks a study's prompt sets before it starts, for anything that would make it fail or distort its numbers. */
import { LabError } from '../../../core/errors.ts';
import { remember } from '../../../core/memoise.ts';
import { shown } from '../../../core/text/quote.ts';
import { GENERAL } from '../../../formats/study/study-results.ts';
import type { Prompt } from '../../../formats/prompts/prompt-set.ts';
import type { PlanPart, PlanSet, StudyPlan } from '../../../formats/study/study-plan.ts';
import { classOf, directionsOf } from './class-names.ts';
import { textKey } from './shared-prompts.ts';
import type { StudySet } from './study-set.ts';

type Sets = ReadonlyMap<string, StudySet>;
type Side = readonly [label: Prompt['label'], word: string];

/** @throws LabError `bad-request`, naming the set or the test */
export function checkSets(plan: StudyPlan, sets: Sets): void {
  const { positive, negative } = plan.concept;
  const sides: readonly Side[] = [
    ['harmful', positive],
    ['safe', negative],
  ];
  checkCategories(sets);
  checkTraining(promptsIn(sets, plan.train), sides);
  for (const { name, sets: read } of plan.tests) {
    const [missing] = lacking(promptsIn(sets, read), sides);
    if (missing === undefined) continue;
    const problem = `The test “${name}” has no prompt that is ${missing}.`;
    throw refused(problem, 'Add a set with such prompts to the test, or remove the test from the plan.');
  }
  if (plan.truth !== null) checkTruth(plan.truth, promptsIn(sets, [plan.truth]));
  for (const [what, read] of [
    ['training', plan.train] as const,
    ...plan.tests.map((test) => [`test “${test.name}”`, test.sets] as const),
  ]) {
    // prettier-ignore
    checkOnce(what, read, plan, sets);
  }
}

function checkTraining(prompts: readonly Prompt[], sides: readonly Side[]): void {
  const [none] = lacking(prompts, sides);
  if (none !== undefined) {
    throw refused(
      `The training sets have no prompt that is ${none}.`,
      'Add a set with such prompts to the plan’s training sets.',
    );
  }
  const [single] = lacking(prompts, sides, 2);
  if (single !== undefined) {
    const problem = `The training sets have only one prompt that is ${single}, but probes need two of each class.`;
    throw refused(problem, 'Add more such prompts to the plan’s training sets.');
  }
  const count = directionsOf(prompts).length;
  if (count > MOST_DIRECTIONS) {
    const problem = `The training sets have ${count - 1} categories, more than a study allows (${MOST_DIRECTIONS - 1}).`;
    throw refused(problem, 'Choose another category column, or one category for all rows.');
  }
  const safe = sharesOf(prompts.filter(({ label }) => label === 'safe'));
  for (const name of directionsOf(prompts)) {
    const own = prompts.filter(
      (prompt) => prompt.label === 'harmful' && (name === GENERAL || classOf(prompt) === name),
    );
    if (!areEqual(sharesOf(own), safe)) continue;
    const which = name === GENERAL ? 'harmful' : `“${name}”`;
    const problem = `The training prompts that are ${which} have the same texts as the safe ones, so there is no direction between them.`;
    throw refused(problem, 'Check the labels of the training sets.');
  }
}

const LONGEST_CATEGORY = 200; // characters
const MOST_DIRECTIONS = 200; // as many as the page can draw

function checkCategories(sets: Sets): void {
  for (const { name, prompts } of sets.values()) {
    const long = prompts.find(({ category }) => category.length > LONGEST_CATEGORY);
    if (long === undefined) continue;
    const problem = `The category “${shown(long.category)}” of the set “${name}” has ${long.category.length} characters, more than ${LONGEST_CATEGORY}.`;
    throw refused(problem, 'Use a shorter name, or choose another category column.');
  }
}

function checkTruth(name: string, prompts: readonly Prompt[]): void {
  const [missing] = lacking(prompts, [
    ['true', 'true'],
    ['false', 'false'],
  ]);
  if (missing === undefined) return;
  const problem = `The set “${name}”, for the truth controls, has no statement that is ${missing}.`;
  throw refused(problem, 'Choose a set with true and false statements, or none.');
}

/** Checks sets that are used together: a prompt in two of them would count twice. */
function checkOnce(what: string, names: readonly string[], plan: StudyPlan, sets: Sets): void {
  for (const [index, name] of names.entries()) {
    for (const other of names.slice(0, index)) {
      if (!isWithin(sets.get(name), sets.get(other)) && !isShared(name, other, plan)) continue;
      const problem = `The sets “${other}” and “${name}” contain the same prompts, and both are used for the ${what}: they would count twice.`;
      throw refused(problem, 'Remove one of them, or give them parts with the same seed and separate ranges.');
    }
  }
}

/** Whether one set contains all prompts of the other, whatever files they come from. */
function isWithin(one: StudySet | undefined, other: StudySet | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const [smaller, larger] = [keysOf(one), keysOf(other)].sort((a, b) => a.size - b.size) as [Keys, Keys];
  for (const key of smaller) if (!larger.has(key)) return false;
  return true;
}

type Keys = ReadonlySet<string>;
const keys = new WeakMap<StudySet, Keys>(); // texts and classes

function keysOf(set: StudySet): Keys {
  return remember(keys, set, () => new Set(set.prompts.map((prompt) => `${classOf(prompt)}\0${textKey(prompt)}`)));
}

/** Whether both sets use overlapping parts of the same file. */
function isShared(name: string, other: string, plan: StudyPlan): boolean {
  const [one, two] = [name, other].map((wanted) => plan.sets.find((set) => set.name === wanted));
  if (one === undefined || two === undefined || sourceOf(one) !== sourceOf(two)) return false;
  return overlap(one.part, two.part);
}

/** Identifies a set's source: `./a.jsonl` and `b/../a.jsonl` are the same file. */
function sourceOf({ source }: PlanSet): string {
  if (source.kind !== 'file') return JSON.stringify(source);
  const parts: string[] = [];
  for (const [index, part] of source.path.split('/').entries()) {
    if (part === '.' || (part === '' && index > 0)) continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return JSON.stringify({ kind: 'file', path: parts.join('/') });
}

/** Whether two parts overlap; parts with different seeds share prompts by chance. */
function overlap(one: PlanPart | null, other: PlanPart | null): boolean {
  if (one === null || other === null || one.seed !== other.seed) return true;
  return one.from < other.to && other.from < one.to;
}

/** The names of the classes with fewer than `least` prompts. */
function lacking(prompts: readonly Prompt[], sides: readonly Side[], least = 1): string[] {
  const count = (wanted: Prompt['label']): number =>
    prompts.reduce((sum, { label }) => sum + Number(label === wanted), 0);
  return sides.flatMap(([label, word]) => (count(label) >= least ? [] : [`${word} (label “${label}”)`]));
}

/** The share of each text among the prompts. */
function sharesOf(prompts: readonly Prompt[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of prompts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return new Map([...counts].map(([text, count]) => [text, count / prompts.length]));
}

const areEqual = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean =>
  one.size === other.size && [...one].every(([text, share]) => Math.abs((other.get(text) ?? 0) - share) < 1e-12);

const promptsIn = (sets: Sets, names: readonly string[]): readonly Prompt[] =>
  names.flatMap((name) => sets.get(name)?.prompts ?? []);

const refused = (problem: string, nextStep: string): LabError => new LabError('bad-request', problem, nextStep);
