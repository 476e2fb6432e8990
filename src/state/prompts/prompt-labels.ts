/** What the pages call labels, splits and reasons. */
import { isolated } from '../../core/text/visible-text.ts';
import type { Label } from '../../formats/prompts/prompt-set.ts';
import type { LeftOut } from '../../formats/prompts/labelled-row.ts';
import type { PromptSetRef } from '../../formats/prompts/saved-prompt-set.ts';
import type { TallyRow } from '../../formats/prompts/prompt-tally.ts';

/** A label as a reader says it: of a concept other than harm, `harmful` is with it and `safe` without. */
export function labelName(label: Label, concept: string | null): string {
  if (concept === null || label === 'true' || label === 'false') return label;
  return label === 'harmful' ? `with ${isolated(concept, 40)}` : `without ${isolated(concept, 40)}`;
}

export const LEFT_OUT_TEXT: Readonly<Record<LeftOut, string>> = {
  filtered: 'left out by a filter',
  'no-text': 'without a prompt',
  'no-label': 'without a label',
  'no-category': 'in no category, or in several',
};

export const refKey = (ref: PromptSetRef): string => (ref.kind === 'own' ? `own:${ref.id}` : `built-in:${ref.file}`);

/** Prompts of each label in their order. */
export function countLabels(tally: readonly TallyRow[]): readonly (readonly [Label, number])[] {
  const counts = new Map<Label, number>();
  for (const { label, prompts } of tally) counts.set(label, (counts.get(label) ?? 0) + prompts);
  return [...counts];
}

/** Rows of one label and category together. */
export function groupTally(tally: readonly TallyRow[]): readonly (readonly TallyRow[])[] {
  const found = new Map<string, TallyRow[]>();
  for (const row of tally) {
    const key = JSON.stringify([row.label, row.category]);
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  return [...found.values()];
}

const CATEGORY_NAMES: Readonly<Record<string, string>> = {
  discrimination: 'Discrimination',
  drug_abuse: 'Drug abuse',
  financial_crime: 'Financial crime',
  hate_speech: 'Hate speech',
  non_violent: 'Unethical behavior',
  privacy_violation: 'Privacy violation',
  violence: 'Violence',
  safe: 'Safe',
  general: 'General',
};

export const isLabCategory = (category: string): boolean => Object.hasOwn(CATEGORY_NAMES, category);

export const categoryName = (category: string): string =>
  isLabCategory(category) ? (CATEGORY_NAMES[category] ?? category) : category;

export const formatCount = (count: number): string => count.toLocaleString('en-GB');
