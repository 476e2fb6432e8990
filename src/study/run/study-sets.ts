/** The prompts of a plan: each set read, cut to its part, and given the digests that its activations are stored under. */
import { LabError } from '../../core/errors.ts';
import { textDraw } from '../../core/text-draw.ts';
import { sha256 } from '../../engine/convert/digests.ts';
import type { Prompt } from '../../formats/prompt-set.ts';
import type { PlanPart, PlanSet, StudyPlan } from '../../formats/study-plan.ts';
import { GENERAL, NEGATIVE, type SetSummary } from '../../formats/study-results.ts';

export interface StudySet {
  readonly name: string;
  readonly prompts: readonly Prompt[];
  readonly digest: string; // SHA-256 of the texts: activations depend on nothing else of a set
  readonly labelDigest: string; // SHA-256 of texts and classes
}

/** Reads what a set's source names. Throws `not-found` or `format` errors that name it. */
export type ReadSet = (source: PlanSet['source']) => Promise<readonly Prompt[]>;

/** The plan's sets by name. Throws `bad-request` where a set, or a class of the training sets, has no prompts. */
export async function resolveSets(plan: StudyPlan, read: ReadSet): Promise<ReadonlyMap<string, StudySet>> {
  const resolved = new Map<string, StudySet>();
  for (const { name, source, part } of plan.sets) {
    const prompts = takePart(await read(source), part);
    if (prompts.length === 0) {
      throw new LabError(
        'bad-request',
        `The set “${name}” has no prompts.`,
        'Widen its part, or take it out of the plan.',
      );
    }
    const texts = prompts.map(({ text }) => text);
    const classes = prompts.map((prompt) => classOf(prompt));
    const [digest, labelDigest] = await Promise.all([digestOf(texts), digestOf([texts, classes])]);
    resolved.set(name, { name, prompts, digest, labelDigest });
  }
  checkClasses(plan, resolved);
  return resolved;
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

export function summariseSet({ name, digest, prompts }: StudySet): SetSummary {
  const counts = new Map<string, { label: string; category: string; prompts: number }>();
  for (const { label, category } of prompts) {
    const key = JSON.stringify([label, category]);
    const count = counts.get(key) ?? { label, category, prompts: 0 };
    count.prompts++;
    counts.set(key, count);
  }
  return { name, digest, counts: [...counts.values()] };
}

function takePart(prompts: readonly Prompt[], part: PlanPart | null): readonly Prompt[] {
  if (part === null) return prompts;
  return prompts.filter(({ text }) => {
    const draw = textDraw(part.seed, text);
    return draw >= part.from && draw < part.to;
  });
}

function checkClasses(plan: StudyPlan, sets: ReadonlyMap<string, StudySet>): void {
  const labels = new Set(setsOf(sets, plan.train).flatMap(({ prompts }) => prompts.map(({ label }) => label)));
  for (const [label, words] of [
    ['harmful', plan.concept.positive],
    ['safe', plan.concept.negative],
  ] as const) {
    if (labels.has(label)) continue;
    const problem = `The training sets hold no prompt that is ${words} (label “${label}”).`;
    throw new LabError('bad-request', problem, 'Add a set of them to the plan’s training sets.');
  }
}

const digestOf = (value: unknown): Promise<string> => sha256(new TextEncoder().encode(JSON.stringify(value)));

/** One digest of several. */
export function joinDigests(digests: readonly string[]): Promise<string> {
  return digestOf(digests);
}
