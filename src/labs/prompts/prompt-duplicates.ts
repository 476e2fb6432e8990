/** Prompts that say the same in the same words: within a set, and between two sets. */
import { findDuplicates, NEAR } from '../../core/text/near-duplicates.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';

/** `exact`: alike but for letter case, white space and punctuation. `near`: also where nine tenths of the words are shared. */
export type DuplicateKind = 'exact' | 'near';

interface DuplicateOf {
  readonly prompt: Prompt;
  readonly similarity: number; // Jaccard of the sets of words
  readonly isExact: boolean;
}

interface DuplicateGroup {
  readonly kept: Prompt; // the first
  readonly others: readonly DuplicateOf[];
}

export interface DuplicateReport {
  readonly kind: DuplicateKind;
  readonly prompts: number; // that were compared
  readonly duplicates: number; // that would go, were each text to be there once
  readonly acrossSplits: number; // of these, how many are in another split than the one that they double
  readonly acrossLabels: number; // and with another label
  readonly groups: readonly DuplicateGroup[]; // the first of them
}

export interface DuplicateRun {
  readonly kind: DuplicateKind;
  readonly signal?: AbortSignal;
  readonly breathe?: (done: number) => Promise<void>;
}

const MOST_GROUPS = 200; // shown; all are counted

/** For each prompt whether it doubles one before it; then the report. */
export async function duplicatesWithin(
  prompts: readonly Prompt[],
  { kind, breathe }: DuplicateRun,
): Promise<{ readonly report: DuplicateReport; readonly kept: readonly Prompt[] }> {
  const texts = prompts.map(({ text }) => text);
  const near = kind === 'near' ? NEAR : null;
  const matches = await findDuplicates(texts, { near, ...(breathe && { breathe }) });
  const report = reportOf(kind, prompts, prompts, matches);
  return { report, kept: prompts.filter((_, index) => matches[index] === null) };
}

/** Prompts of `others` that double one of `prompts`; within each set nothing is compared. */
export async function duplicatesBetween(
  prompts: readonly Prompt[],
  others: readonly Prompt[],
  { kind, breathe }: DuplicateRun,
): Promise<DuplicateReport> {
  const all = [...prompts, ...others];
  const near = kind === 'near' ? NEAR : null;
  const texts = all.map(({ text }) => text);
  const matches = await findDuplicates(texts, { near, queriesFrom: prompts.length, ...(breathe && { breathe }) });
  return reportOf(kind, all, others, matches.fill(null, 0, prompts.length));
}

function reportOf(
  kind: DuplicateKind,
  all: readonly Prompt[],
  compared: readonly Prompt[],
  matches: Awaited<ReturnType<typeof findDuplicates>>,
): DuplicateReport {
  const groups = new Map<number, { kept: Prompt; others: DuplicateOf[] }>();
  let [duplicates, acrossSplits, acrossLabels] = [0, 0, 0];
  for (const [index, match] of matches.entries()) {
    const [prompt, kept] = [all[index], match === null ? undefined : all[match.of]];
    if (match === null || prompt === undefined || kept === undefined) continue;
    duplicates++;
    if (prompt.split !== kept.split) acrossSplits++;
    if (prompt.label !== kept.label) acrossLabels++;
    const group = groups.get(match.of) ?? { kept, others: [] };
    groups.set(match.of, group);
    group.others.push({ prompt, similarity: match.similarity, isExact: match.isExact });
  }
  const shown = [...groups.values()].sort((a, b) => gravity(b) - gravity(a)).slice(0, MOST_GROUPS);
  return { kind, prompts: compared.length, duplicates, acrossSplits, acrossLabels, groups: shown };
}

/** Two labels for one text come first, then one text in two splits. */
function gravity({ kept, others }: DuplicateGroup): number {
  const otherLabel = others.some(({ prompt }) => prompt.label !== kept.label);
  const otherSplit = others.some(({ prompt }) => prompt.split !== kept.split);
  return (otherLabel ? 2 : 0) + (otherSplit ? 1 : 0);
}
