/** The classes of a study's prompts, and the directions named after them. */
import { apartFrom } from '../../../core/text/distinct-names.ts';
import type { Prompt } from '../../../formats/prompts/prompt-set.ts';
import { GENERAL, NEGATIVE } from '../../../formats/study/study-results.ts';

const OWN = [GENERAL, NEGATIVE];

/** The name of a category's class: the category's own name, unless that is reserved. */
const classNameOf = (category: string): string => apartFrom(category, OWN, 'category');

/** The class of positive prompts without a category: they count only for the general direction. */
const UNSORTED = classNameOf(GENERAL);

/** The class of a prompt: its category's class, `negative`, or '' for a statement, which has none. */
export function classOf({ label, category }: Prompt): string {
  if (label === 'safe') return NEGATIVE;
  if (label !== 'harmful') return '';
  return category === '' ? UNSORTED : classNameOf(category);
}

/** The classes of the positive prompts, in alphabetical order of their categories. */
export function classesOf(prompts: readonly Prompt[]): string[] {
  const classes = new Map<string, string>(); // by category
  for (const prompt of prompts) if (prompt.label === 'harmful') classes.set(prompt.category, classOf(prompt));
  const sorted = [...classes].sort(([one], [other]) => (one < other ? -1 : 1)); // by category, so that renaming a reserved class does not change the order
  return [...new Set(sorted.map(([, name]) => name))];
}

/** `general` and the classes of the positive prompts; a single class is the same as `general`. */
export function directionsOf(prompts: readonly Prompt[]): string[] {
  const classes = classesOf(prompts);
  return [GENERAL, ...(classes.length > 1 ? classes.filter((name) => name !== UNSORTED) : [])];
}
