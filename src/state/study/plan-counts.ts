/** How many prompts of each class a plan's sets have, and what that leaves it short of. */
import type { PlanSet, StudyPlan } from '../../formats/study/study-plan.ts';
import type { StudyOutline } from '../../labs/study/study-messages.ts';
import type { Label } from '../../formats/prompts/prompt-set.ts';
import { isolated } from '../../core/text/visible-text.ts';
import { countLabels } from '../prompts/prompt-labels.ts';
import type { ChoosableSet } from './plan-sets.ts';
import { sourceKey } from './plan-sets.ts';

export interface ClassCounts {
  readonly counts: ReadonlyMap<Label, number>;
  readonly exact: boolean; // false: from the share of a part, until the plan was worked out
}

export interface CountSources {
  readonly sets: readonly ChoosableSet[];
  readonly summaries: StudyOutline['summaries']; // of this very plan; empty: not worked out, or it cannot be
}

/** Null where nothing is known of the set. */
function countSet({ name, source, part }: PlanSet, { sets, summaries }: CountSources): ClassCounts | null {
  const summary = summaries.find((entry) => entry.name === name);
  if (summary !== undefined) {
    const counts = new Map<Label, number>();
    for (const { label, prompts } of summary.counts) counts.set(label as Label, (counts.get(label as Label) ?? 0) + prompts); // prettier-ignore
    return { counts, exact: true };
  }
  const outline = sets.find(({ key }) => key === sourceKey(source))?.outline ?? null;
  if (outline === null) return null;
  const share = part === null ? 1 : part.to - part.from;
  const counts = new Map(countLabels(outline.tally).map(([label, prompts]) => [label, Math.round(prompts * share)]));
  return { counts, exact: part === null };
}

/** Of several sets together; null where of one of them nothing is known. */
export function countSets(some: readonly PlanSet[], sources: CountSources): ClassCounts | null {
  const counts = new Map<Label, number>();
  let exact = true;
  for (const set of some) {
    const found = countSet(set, sources);
    if (found === null) return null;
    exact &&= found.exact;
    for (const [label, prompts] of found.counts) counts.set(label, (counts.get(label) ?? 0) + prompts);
  }
  return { counts, exact };
}

/** A label as the plan's readers say it. */
function labelWord({ concept }: StudyPlan, label: Label): string {
  if (label === 'harmful') return isolated(concept.positive, 40);
  return label === 'safe' ? isolated(concept.negative, 40) : label;
}

/** `800 harmful, 200 safe`; `about` where a part is not drawn yet. */
export function countText(plan: StudyPlan, { counts, exact }: ClassCounts): string {
  const listed = [...counts].map(([label, prompts]) => `${prompts.toLocaleString('en-GB')} ${labelWord(plan, label)}`);
  return `${exact ? '' : 'about '}${listed.join(', ')}`;
}

/** Why the plan cannot run as it is, in sentences; empty where nothing is in its way. */
export function planProblems(plan: StudyPlan, sources: CountSources): readonly string[] {
  const problems: string[] = [];
  const look = (what: string, names: readonly string[], labels: readonly Label[]): void => {
    const counted = countSets(plan.sets.filter(({ name }) => names.includes(name)), sources); // prettier-ignore
    if (counted === null) return;
    const lacking = labels.filter((label) => (counted.counts.get(label) ?? 0) === 0);
    if (lacking.length === 0) return;
    const words = lacking.map((label) => `“${labelWord(plan, label)}”`).join(' and ');
    problems.push(`${what}: no prompts of class ${words}.`);
  };
  look('Training', plan.train, ['harmful', 'safe']);
  for (const { name, sets } of plan.tests) look(`Test “${isolated(name)}”`, sets, ['harmful', 'safe']);
  if (plan.tests.length === 0)
    problems.push('There is no test: hold out part of a training set, or use a set as a test.');
  if (plan.truth !== null) look('Truth control', [plan.truth], ['true', 'false']);
  return problems;
}
