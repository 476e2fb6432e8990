/** The prompts of a plan: each set read, cut to its part, and given the digests that its activations are stored under. */
import { LabError } from '../../core/errors.ts';
import { textDraw } from '../../core/text-draw.ts';
import { sha256 } from '../../engine/convert/digests.ts';
import type { Prompt } from '../../formats/prompt-set.ts';
import type { PlanPart, PlanSet, StudyPlan } from '../../formats/study-plan.ts';
import { GENERAL, NEGATIVE, type SetSummary } from '../../formats/study-results.ts';
import type { FindTooLong } from './prompt-room.ts';

export interface StudySet {
  readonly name: string;
  readonly prompts: readonly Prompt[]; // that every checkpoint can read
  readonly tooLong: number; // prompts that are left out since they have more tokens than the checkpoints have room for
  readonly digest: string; // SHA-256 of the texts: activations depend on nothing else of a set
  readonly labelDigest: string; // SHA-256 of texts and classes
}

/** Reads what a set's source names. Throws `not-found` or `format` errors that name it. */
export type ReadSet = (source: PlanSet['source']) => Promise<readonly Prompt[]>;

/** The plan's sets by name. Throws `bad-request` where a set, or a class of the training sets or of a test, has no prompts. */
export async function resolveSets(
  plan: StudyPlan,
  read: ReadSet,
  findTooLong: FindTooLong,
): Promise<ReadonlyMap<string, StudySet>> {
  const sets = await Promise.all(plan.sets.map((set) => resolveSet(set, read, findTooLong)));
  const resolved = new Map(sets.map((set) => [set.name, set]));
  checkClasses(plan, resolved);
  return resolved;
}

async function resolveSet({ name, source, part }: PlanSet, read: ReadSet, findTooLong: FindTooLong): Promise<StudySet> {
  const taken = takePart(await read(source), part);
  const tooLong = await findTooLong(taken.map(({ text }) => text));
  const prompts = taken.filter((_, index) => !tooLong.has(index));
  if (prompts.length === 0) throw emptySet(name, tooLong.size);
  const texts = prompts.map(({ text }) => text);
  const classes = prompts.map((prompt) => classOf(prompt));
  const [digest, labelDigest] = await Promise.all([digestOf(texts), digestOf([texts, classes])]);
  return { name, prompts, tooLong: tooLong.size, digest, labelDigest };
}

/** Sets by their names, in that order. */
export function setsOf(sets: ReadonlyMap<string, StudySet>, names: readonly string[]): StudySet[] {
  return names.flatMap((name) => sets.get(name) ?? []);
}

/** `general` and the categories of the training prompts that have the concept, in the order of the alphabet. */
export function directionNames(plan: StudyPlan, sets: ReadonlyMap<string, StudySet>): string[] {
  const categories = setsOf(sets, plan.train).flatMap(({ prompts }) =>
    prompts.flatMap((prompt) => (prompt.label === 'harmful' ? [prompt.category] : [])),
  );
  const sorted = [...new Set(categories)].filter((name) => name !== GENERAL).sort();
  return [GENERAL, ...(sorted.length > 1 ? sorted : [])]; // one category alone is the general one
}

/** A category, `negative`, or '' for a statement, which is of no class. */
export function classOf({ label, category }: Prompt): string {
  return label === 'harmful' ? category : label === 'safe' ? NEGATIVE : '';
}

export function summariseSet({ name, digest, prompts, tooLong }: StudySet): SetSummary {
  const counts = new Map<string, { label: string; category: string; prompts: number }>();
  for (const { label, category } of prompts) {
    const key = JSON.stringify([label, category]);
    const count = counts.get(key) ?? { label, category, prompts: 0 };
    count.prompts++;
    counts.set(key, count);
  }
  return { name, digest, counts: [...counts.values()], tooLong };
}

function takePart(prompts: readonly Prompt[], part: PlanPart | null): readonly Prompt[] {
  if (part === null) return prompts;
  return prompts.filter(({ text }) => {
    const draw = textDraw(part.seed, text);
    return draw >= part.from && draw < part.to;
  });
}

function emptySet(name: string, tooLong: number): LabError {
  if (tooLong === 0) {
    return new LabError(
      'bad-request',
      `The set “${name}” has no prompts.`,
      'Widen its part, or take it out of the plan.',
    );
  }
  const problem = `Every prompt of the set “${name}” has more tokens than the checkpoints have room for.`;
  return new LabError('bad-request', problem, 'Take it out of the plan, or shorten its prompts.');
}

function checkClasses(plan: StudyPlan, sets: ReadonlyMap<string, StudySet>): void {
  const { positive, negative } = plan.concept;
  const classes = [
    ['harmful', positive],
    ['safe', negative],
  ] as const;
  const [lacking] = lackingLabels(sets, plan.train, classes);
  if (lacking !== undefined) {
    const problem = `The training sets hold no prompt that is ${lacking}.`;
    throw new LabError('bad-request', problem, 'Add a set of them to the plan’s training sets.');
  }
  for (const test of plan.tests) {
    const [missing] = lackingLabels(sets, test.sets, classes);
    if (missing === undefined) continue;
    const problem = `The test “${test.name}” holds no prompt that is ${missing}.`;
    throw new LabError(
      'bad-request',
      problem,
      'Read it together with a set of them, or take the test out of the plan.',
    );
  }
}

/** In words, the classes of which the sets have no prompt. */
function lackingLabels(
  sets: ReadonlyMap<string, StudySet>,
  names: readonly string[],
  classes: readonly (readonly [label: Prompt['label'], word: string])[],
): string[] {
  const labels = new Set(setsOf(sets, names).flatMap(({ prompts }) => prompts.map(({ label }) => label)));
  return classes.flatMap(([label, word]) => (labels.has(label) ? [] : [`${word} (label “${label}”)`]));
}

const digestOf = (value: unknown): Promise<string> => sha256(new TextEncoder().encode(JSON.stringify(value)));

/** One digest of several. */
export function joinDigests(digests: readonly string[]): Promise<string> {
  return digestOf(digests);
}
