/** Finds prompts with the same wording, within a set or between two sets. */
import { findDuplicates, NEAR } from '../../core/text/near-duplicates.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';

/** `exact`: the same except for letter case, white space and punctuation. `near`: also if nine tenths of the words are shared. */
export type DuplicateKind = 'exact' | 'near';

interface DuplicateOf {
  readonly prompt: Prompt;
  readonly similarity: number; // Jaccard similarity of the sets of words
  readonly isExact: boolean;
}

interface DuplicateGroup {
  readonly kept: Prompt; // the first of the group of the group
  readonly others: readonly DuplicateOf[];
}

export interface DuplicateReport {
  readonly kind: DuplicateKind;
  readonly prompts: number; // prompts compared
  readonly duplicates: number; // prompts that would be removed to leave each text once
  readonly acrossSplits: number; // duplicates in a different split from the prompt they repeat
  readonly acrossLabels: number; // duplicates with a different label from the prompt they repeat
  readonly groups: readonly DuplicateGroup[]; // the first `MOST_GROUPS`, most serious first
}

export interface DuplicateRun {
  readonly kind: DuplicateKind;
  readonly signal?: AbortSignal;
  readonly breathe?: (done: number) => Promise<void>;
}

const MOST_GROUPS = 200; // groups listed; all are counted

/** Finds prompts that repeat an earlier one. Returns the report, and the prompts that do not repeat one. */
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

/** Finds prompts of `others` that repeat one of `prompts`; prompts of the same set are not compared. */
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

/** How serious a group is: two labels for one text rank above one text in two splits. */
function gravity({ kept, others }: DuplicateGroup): number {
  const otherLabel = others.some(({ prompt }) => prompt.label !== kept.label);
  const otherSplit = others.some(({ prompt }) => prompt.split !== kept.split);
  return (otherLabel ? 2 : 0) + (otherSplit ? 1 : 0);
}
