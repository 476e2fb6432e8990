/** The prompts of a plan: each set read, cut to its part, and given the digests that its activations are stored under. */
import type { StudySet } from './study-set.ts';
import { LabError } from '../../../core/errors.ts';
import { textDraw } from '../../../core/sampling/text-draw.ts';
import { sha256 } from '../../../engine/convert/digests.ts';
import type { Prompt } from '../../../formats/prompts/prompt-set.ts';
import type { PlanPart, PlanSet, StudyPlan } from '../../../formats/study/study-plan.ts';
import type { SetSummary } from '../../../formats/study/study-results.ts';
import { checkSets } from './check-sets.ts';
import { classOf, directionsOf } from './class-names.ts';
import type { FindTooLong } from './prompt-room.ts';

/** Reads what a set's source names. Throws `not-found` or `format` errors that name it. */
export type ReadSet = (source: PlanSet['source']) => Promise<readonly Prompt[]>;

/**
 * The plan's sets by name.
 * @throws LabError `bad-request`, when a set has no prompts; and the errors of `checkSets`
 */
export async function resolveSets(
  plan: StudyPlan,
  read: ReadSet,
  findTooLong: FindTooLong,
): Promise<ReadonlyMap<string, StudySet>> {
  const sets = await Promise.all(plan.sets.map((set) => resolveSet(set, read, findTooLong)));
  const resolved = new Map(sets.map((set) => [set.name, set]));
  checkSets(plan, resolved);
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

/** The sets with these names, in that order. */
export function setsOf(sets: ReadonlyMap<string, StudySet>, names: readonly string[]): StudySet[] {
  return names.flatMap((name) => sets.get(name) ?? []);
}

/** `general` and the classes of the positive training prompts. */
export function directionNames(plan: StudyPlan, sets: ReadonlyMap<string, StudySet>): string[] {
  return directionsOf(setsOf(sets, plan.train).flatMap(({ prompts }) => prompts));
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
      'Use a larger part, or remove it from the plan.',
    );
  }
  const problem = `Every prompt of the set “${name}” is longer than the checkpoints’ context.`;
  return new LabError('bad-request', problem, 'Remove it from the plan, or shorten its prompts.');
}

const digestOf = (value: unknown): Promise<string> => sha256(new TextEncoder().encode(JSON.stringify(value)));

/** Combines several digests into one. */
export function joinDigests(digests: readonly string[]): Promise<string> {
  return digestOf(digests);
}
