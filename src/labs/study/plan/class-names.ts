/** The classes of a study's prompts, and the directions that are named after them. */
import { apartFrom } from '../../../core/text/distinct-names.ts';
import type { Prompt } from '../../../formats/prompts/prompt-set.ts';
import { GENERAL, NEGATIVE } from '../../../formats/study/study-results.ts';

const OWN = [GENERAL, NEGATIVE];

/** What a category's class is called: its own name, unless the lab uses that for something else. */
const classNameOf = (category: string): string => apartFrom(category, OWN, 'category');

/** Prompts with the concept and no category of their own: part of the general direction alone. */
const UNSORTED = classNameOf(GENERAL);

/** A category's class, `negative`, or '' for a statement, which is of no class. */
export function classOf({ label, category }: Prompt): string {
  if (label === 'safe') return NEGATIVE;
  if (label !== 'harmful') return '';
  return category === '' ? UNSORTED : classNameOf(category);
}

/** The classes of the prompts with the concept, in the alphabetical order of their categories. */
export function classesOf(prompts: readonly Prompt[]): string[] {
  const classes = new Map<string, string>(); // by category
  for (const prompt of prompts) if (prompt.label === 'harmful') classes.set(prompt.category, classOf(prompt));
  const sorted = [...classes].sort(([one], [other]) => (one < other ? -1 : 1)); // as written: a class's other name moves nothing
  return [...new Set(sorted.map(([, name]) => name))];
}

/** `general`, and the classes of the prompts with the concept; a class alone is the general one. */
export function directionsOf(prompts: readonly Prompt[]): string[] {
  const classes = classesOf(prompts);
  return [GENERAL, ...(classes.length > 1 ? classes.filter((name) => name !== UNSORTED) : [])];
}
