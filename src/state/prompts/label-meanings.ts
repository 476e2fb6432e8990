/** What the values of a table's columns were said to mean, as a mapping. */
import { BEAVERTAILS_CATEGORIES } from '../../core/beavertails.ts';
import type { CategoryRule } from '../../formats/prompts/prompt-recipe.ts';
import type { Label } from '../../formats/prompts/prompt-set.ts';
import type { LabelValue, Meaning } from '../../formats/prompts/label-column.ts';
import type { PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
import type { SampledColumn } from '../../labs/prompts/prompt-messages.ts'; // prettier-ignore

/** What a value of the label column says; null: nobody knows yet, so that nothing can be imported. */
export type { Meaning };

export type Meanings = ReadonlyMap<string, Meaning>;

export const NO_MEANINGS: Meanings = new Map();

export const withMeaning = (meanings: Meanings, value: string, meaning: Meaning): Meanings =>
  new Map(meanings).set(value, meaning);

/** What the lab reads in each value. */
export const meaningsOf = (rows: readonly LabelValue[]): Meanings =>
  new Map(rows.map(({ value, meaning }) => [value, meaning]));

/** The mapping with these meanings: a value without one is in neither list, and an error where it occurs. */
export function meantMapping(mapping: PromptMapping, meanings: Meanings): PromptMapping {
  if (mapping.label.kind !== 'column') return mapping;
  const { column } = mapping.label;
  const isLabel = (pair: readonly [string, Meaning]): pair is [string, Label] =>
    pair[1] !== null && pair[1] !== 'leave-out';
  const labels = new Map([...meanings].filter(isLabel));
  const unlabelled = new Set([...meanings].flatMap(([value, meaning]) => (meaning === 'leave-out' ? [value] : [])));
  return { ...mapping, label: { kind: 'column', column, labels, unlabelled } };
}

/** A rule for a column of categories; BeaverTails' names become the lab's where `translate` says so. */
export function categoryRuleOf(column: string, sampled: SampledColumn | undefined, translate: boolean): CategoryRule {
  const lab = new Map<string, string>(translate ? BEAVERTAILS_CATEGORIES : []);
  if (sampled?.isFlags !== true) return { kind: 'column', column, categories: lab, others: 'keep', ofSafe: 'safe' };
  const own = new Map(sampled.values.map((value) => [value, value]));
  return { kind: 'flags', column, categories: translate ? lab : own, ofSafe: 'safe' };
}
