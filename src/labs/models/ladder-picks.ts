/** Applies a ladder's rules to the branches that exist. The result is plain data that can be read, edited and saved. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { spreadLogarithmically } from '../../core/statistics/log-spacing.ts';
import type { HubLadder, NamedEntry, PickRule, RuleEntry } from '../../formats/ladders/hub-ladder.ts';
import type { Stage } from '../../formats/ladders/ladder.ts';

/** A branch or tag, and the commit it pointed to when it was listed. */
export interface ListedRef {
  readonly name: string;
  readonly commit: string;
}

export interface PickedCheckpoint {
  readonly repo: string;
  readonly revision: string;
  readonly commit: string; // keeps a ladder the same when a branch moves
  readonly stage: Stage | null;
  readonly step: number | null; // training step within its stage
  readonly tokens: number | null; // tokens seen so far, if the branch's name says so
}

const COMMIT = /^[0-9a-f]{40}$/;

/** The repositories whose refs `pickCheckpoints` needs, without repeats. */
export function reposOf(ladder: HubLadder): string[] {
  return [...new Set(ladder.entries.map(({ repo }) => repo))];
}

/**
 * The checkpoints of a ladder in its order, without repeats, chosen from the refs of its repositories.
 * @throws LabError `not-found`, when a named revision is missing or a rule matches nothing
 */
export function pickCheckpoints(
  ladder: HubLadder,
  refsOf: ReadonlyMap<string, readonly ListedRef[]>,
): PickedCheckpoint[] {
  const picks = ladder.entries.flatMap((entry) => {
    const refs = refsOf.get(entry.repo) ?? [];
    return entry.kind === 'named' ? [pickNamed(entry, refs)] : pickByRule(entry, refs);
  });
  return [...new Map(picks.map((pick) => [`${pick.repo}@${pick.revision}`, pick])).values()];
}

function pickNamed(entry: NamedEntry, refs: readonly ListedRef[]): PickedCheckpoint {
  const { repo, revision, stage, step, tokens } = entry;
  const commit = COMMIT.test(revision) ? revision : refs.find(({ name }) => name === revision)?.commit;
  if (commit === undefined) {
    const nextStep = 'Check the spelling against the list of branches and tags.';
    throw new LabError('not-found', `${shown(repo)} has no revision “${shown(revision)}”.`, nextStep);
  }
  return { repo, revision, commit, stage, step, tokens };
}

function pickByRule(entry: RuleEntry, refs: readonly ListedRef[]): PickedCheckpoint[] {
  const { repo, branches, stage, pick } = entry;
  const fitting = refs.flatMap(({ name, commit }) => {
    const found = readBranch(branches, name);
    return found === null ? [] : [{ repo, revision: name, commit, stage, ...found }];
  });
  const byStep = new Map(fitting.map((checkpoint) => [checkpoint.step, checkpoint]));
  const chosen = chooseSteps(
    [...byStep.keys()].sort((a, b) => a - b),
    pick,
  );
  if (chosen.length === 0) {
    const problem = `${shown(repo)} has no branch that matches ${shown(branches)} for the rule “${pick.kind}”.`;
    throw new LabError('not-found', problem, 'Check the list of branches and correct the ladder.');
  }
  return chosen.flatMap((step) => byStep.get(step) ?? []);
}

/** The step and tokens in a branch's name; null if the name does not match the pattern. */
function readBranch(pattern: string, name: string): { step: number; tokens: number | null } | null {
  const source = pattern
    .split(/(\{step\}|\{tokens\}B)/)
    .map((part) => (part === '{step}' ? '(?<step>\\d+)' : part === '{tokens}B' ? '(?<tokens>\\d+)B' : escape(part)))
    .join('');
  const groups = new RegExp(`^${source}$`).exec(name)?.groups;
  if (groups === undefined) return null;
  const [step, tokens] = [
    Number(groups['step']),
    groups['tokens'] === undefined ? null : Number(groups['tokens']) * 1e9,
  ];
  return Number.isSafeInteger(step) && (tokens === null || Number.isSafeInteger(tokens)) ? { step, tokens } : null;
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The steps that a rule picks from `steps`, which are in ascending order. */
function chooseSteps(steps: readonly number[], pick: PickRule): readonly number[] {
  switch (pick.kind) {
    case 'first':
      return steps.slice(0, 1);
    case 'last':
      return steps.slice(-1);
    case 'every':
      return steps.filter((step) => step >= pick.from && step <= pick.to && step % pick.steps === 0);
    case 'spread':
      return spreadLogarithmically(steps, pick.after, pick.count);
  }
}
