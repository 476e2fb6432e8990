/** What the values of a table's columns were said to mean, as a mapping. */
import { BEAVERTAILS_CATEGORIES } from '../core/beavertails.ts';
import type { CategoryRule, Label, LabelValue, PromptMapping, SampledColumn } from '../../workers/prompts-api.ts';

/** What a value of the label column says; null: nothing yet, so a row with it is an error. */
export type Meaning = Label | 'leave-out' | null;

export type Meanings = ReadonlyMap<string, Meaning>;

export const NO_MEANINGS: Meanings = new Map();

export const withMeaning = (meanings: Meanings, value: string, meaning: Meaning): Meanings =>
  new Map(meanings).set(value, meaning);

/** Of the values of the whole file: what was said before, else what the word itself says. */
export const meaningsOf = (rows: readonly LabelValue[], before: Meanings): Meanings =>
  new Map(rows.map(({ value, meaning }) => [value, before.get(value) ?? meaning]));

/** The mapping with these meanings: rows whose label is to be left out are filtered. */
export function meantMapping(mapping: PromptMapping, meanings: Meanings): PromptMapping {
  if (mapping.label.kind === 'fixed') return mapping;
  const { column } = mapping.label;
  const counted = [...meanings].filter(([, meaning]) => meaning !== 'leave-out'); // rows with these count, or are errors
  const labels = new Map(counted.filter((pair): pair is [string, Label] => pair[1] !== null));
  const filter = { kind: 'is', column, values: counted.map(([value]) => value) } as const;
  const keep = counted.length === meanings.size ? mapping.keep : [...mapping.keep, filter];
  return { ...mapping, keep, label: { kind: 'column', column, labels } };
}

/** A rule for a column of categories; BeaverTails' names become the lab's where `translate` says so. */
export function categoryRuleOf(column: string, sampled: SampledColumn | undefined, translate: boolean): CategoryRule {
  const lab = new Map<string, string>(translate ? BEAVERTAILS_CATEGORIES : []);
  if (sampled?.isFlags !== true) return { kind: 'column', column, categories: lab, others: 'keep' };
  const own = new Map(sampled.values.map((value) => [value, value]));
  return { kind: 'flags', column, categories: translate ? lab : own };
}
