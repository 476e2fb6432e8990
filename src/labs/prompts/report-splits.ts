/** Describes how an import read a table's splits, and warns if there is only one class. */
import { shown } from '../../core/text/quote.ts';
import type { SplitRule } from '../../formats/prompts/prompt-mapping.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';
import { WHOLE_SPLIT } from '../../formats/prompts/split-names.ts';

const MOST_SPLITS = 12; // splits listed on a line
const LONGEST = 60; // maximum characters quoted from a file

const quoted = (text: string): string => `“${shown(text, LONGEST)}”`;

/**
 * Says where splits come from; nothing if a table has none.
 * @param hint says how to use a column that is not used
 */
export function reportSplitRule(split: SplitRule, hint: (column: string) => string): string[] {
  if (split.kind === 'column') return [`splits: column ${quoted(split.column)}`];
  if (split.unread !== undefined) return reportUnread(split, hint);
  return split.split === WHOLE_SPLIT ? [] : [`splits: ${quoted(split.split)} for all`];
}

/** Says that a column looks like splits but is not used. */
export function reportUnread(split: SplitRule, hint: (column: string) => string = () => ''): string[] {
  if (split.kind !== 'fixed' || split.unread === undefined) return [];
  const { column, example } = split.unread;
  const why = example === null ? 'its first rows are empty' : `values such as ${quoted(example)} are not split names (train, validation, test)`; // prettier-ignore
  const how = hint(column);
  return [`splits: column ${quoted(column)} is not used, because ${why}${how === '' ? '' : ` (${how})`}`];
}

/** Counts the prompts of each split. Also says that a study uses all splits, which a set with a test split does not suggest. */
export function reportSplits(prompts: readonly Prompt[], split: SplitRule): string[] {
  if (split.kind === 'fixed') return [];
  const counts = new Map<string, number>();
  for (const prompt of prompts) counts.set(prompt.split, (counts.get(prompt.split) ?? 0) + 1);
  const first = [...counts].slice(0, MOST_SPLITS).map(([name, count]) => `${count} ${shown(name, LONGEST)}`);
  const rest = counts.size > MOST_SPLITS ? ` and ${counts.size - MOST_SPLITS} more splits` : '';
  return [
    `splits: ${first.join(', ')}${rest}`,
    ...(counts.has(WHOLE_SPLIT) ? [`rows without a split are in the split “${WHOLE_SPLIT}”`] : []),
    ...(counts.size > 1 ? ['a study uses all splits of a set: to train on one and test on another, import each one separately with a filter'] : []), // prettier-ignore
  ];
}

/** Warns if all prompts are of one class: a direction points from one class to the other. */
export function reportOneClass(prompts: readonly Prompt[]): string[] {
  const labels = new Set(prompts.map(({ label }) => label));
  const hasBoth = (labels.has('safe') && labels.has('harmful')) || (labels.has('true') && labels.has('false'));
  return hasBoth ? [] : ['all prompts are in one class: a direction also needs a set of the other class']; // prettier-ignore
}
