/** Finds prompts that a study uses more than once: test prompts that are also in training, and repeated ones. */
import { remember } from '../../../core/memoise.ts';
import type { Prompt } from '../../../formats/prompts/prompt-set.ts';
import type { StudyPlan } from '../../../formats/study/study-plan.ts';
import type { SharedPrompts } from '../../../formats/study/study-results.ts';
import type { StudySet } from './study-set.ts';

type Sets = ReadonlyMap<string, StudySet>;

const keys = new WeakMap<Prompt, string>();

/** Identifies a text, ignoring differences in Unicode encoding and surrounding white space. */
export const textKey = (prompt: Prompt): string => remember(keys, prompt, () => prompt.text.normalize('NFC').trim());

/** Repeated prompts in training and in each test, and the prompts of each test that are also in training. */
export function sharedPrompts(plan: StudyPlan, sets: Sets): SharedPrompts[] {
  const training = countTexts(promptsIn(plan.train, sets));
  const found = [repeated(null, plan.train, sets)];
  for (const { name, sets: read } of plan.tests)
    found.push(trainedOn(name, read, plan, sets, training), repeated(name, read, sets));
  return found.filter(({ prompts }) => prompts > 0);
}

type Texts = ReadonlyMap<string, ReadonlySet<Prompt['label']>>; // text → its labels

function countTexts(prompts: readonly Prompt[]): Texts {
  const texts = new Map<string, Set<Prompt['label']>>();
  for (const prompt of prompts) remember(texts, textKey(prompt), () => new Set<Prompt['label']>()).add(prompt.label);
  return texts;
}

function trainedOn(
  test: string,
  read: readonly string[],
  { train }: StudyPlan,
  sets: Sets,
  training: Texts,
): SharedPrompts {
  const prompts = promptsIn(read, sets);
  const both = prompts.filter((prompt) => training.has(textKey(prompt)));
  const texts = new Set(both.map(textKey));
  return {
    kind: 'trained-on',
    test,
    sets: [...new Set([...read, ...train])].filter((name) => holds(sets.get(name), texts)),
    prompts: both.length,
    of: prompts.length,
    otherLabel: both.filter((prompt) => !(training.get(textKey(prompt))?.has(prompt.label) ?? false)).length,
  };
}

/** Every occurrence of a text after the first. */
function repeated(test: string | null, read: readonly string[], sets: Sets): SharedPrompts {
  const prompts = promptsIn(read, sets);
  const first = new Map<string, Prompt['label']>();
  const again = prompts.filter((prompt) => {
    const isFirst = !first.has(textKey(prompt));
    if (isFirst) first.set(textKey(prompt), prompt.label);
    return !isFirst;
  });
  const texts = new Set(again.map(textKey));
  return {
    kind: 'repeated',
    test,
    sets: read.filter((name) => holds(sets.get(name), texts)),
    prompts: again.length,
    of: prompts.length,
    otherLabel: again.filter((prompt) => first.get(textKey(prompt)) !== prompt.label).length,
  };
}

const holds = (set: StudySet | undefined, texts: ReadonlySet<string>): boolean =>
  set?.prompts.some((prompt) => texts.has(textKey(prompt))) ?? false;

const promptsIn = (names: readonly string[], sets: Sets): Prompt[] =>
  names.flatMap((name) => sets.get(name)?.prompts ?? []);
