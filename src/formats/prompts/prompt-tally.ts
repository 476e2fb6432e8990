/** How many prompts a set has of each kind. */
import type { Label, Prompt } from './prompt-set.ts';

export interface TallyRow {
  readonly label: Label;
  readonly category: string;
  readonly split: string;
  readonly prompts: number;
  readonly rewrites: number; // of these, how many rewrite another prompt
}

/** Counts by label, category and split, in the order in which these first occur. */
export function tallyPrompts(prompts: readonly Prompt[]): TallyRow[] {
  const rows = new Map<string, { -readonly [Key in keyof TallyRow]: TallyRow[Key] }>();
  for (const { label, category, split, rewriteOf } of prompts) {
    const key = JSON.stringify([label, category, split]);
    const row = rows.get(key) ?? { label, category, split, prompts: 0, rewrites: 0 };
    rows.set(key, row);
    row.prompts++;
    if (rewriteOf !== undefined) row.rewrites++;
  }
  return [...rows.values()];
}
