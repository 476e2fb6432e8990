import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseHubLadder, type HubLadder } from '../../../../src/formats/ladders/hub-ladder.ts';
import { pickCheckpoints, reposOf, type ListedRef } from '../../../../src/labs/models/ladder-picks.ts';
import { olmoBranches } from '../../../support/olmo-branches.ts';

const LADDERS = join(import.meta.dirname, '../../../../public/ladders');
const read = (id: string): HubLadder => parseHubLadder(readFileSync(join(LADDERS, `${id}.json`), 'utf8'), id);
const commit = (index: number): string => String(index).padStart(40, '0');

/** Refs in the order of a server that has none. */
function refsOf(ladder: HubLadder): Map<string, ListedRef[]> {
  return new Map(
    reposOf(ladder).map((repo) => [
      repo,
      olmoBranches(repo).map((name, index) => ({ name, commit: commit(index) })).reverse(), // prettier-ignore
    ]),
  );
}

describe('the ladders of the Hub', () => {
  it.each(['olmo-3-7b', 'olmo-2-1b', 'olmo-2-7b'])(
    '%s: every pick is a branch, once, in the order of training',
    (id) => {
      const ladder = read(id);
      expect(ladder.id).toBe(id);
      const picks = pickCheckpoints(ladder, refsOf(ladder));
      for (const { repo, revision } of picks) expect(olmoBranches(repo)).toContain(revision);
      expect(new Set(picks.map(({ repo, revision }) => repo + revision)).size).toBe(picks.length);
      const steps = picks
        .filter(({ stage }) => stage === 'init' || stage === 'pretraining')
        .map(({ step }) => step ?? -1);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      expect(picks.slice(-3).map(({ stage }) => stage)).toEqual(['sft', 'dpo', 'instruct']);
    },
  );

  it('OLMo 3 7B has 39: initialisation, 10 early ones, 23 to the end of pretraining, both later stages, three after', () => {
    const ladder = read('olmo-3-7b');
    const picks = pickCheckpoints(ladder, refsOf(ladder));
    expect(picks).toHaveLength(39);
    const revisions = picks.map(({ revision }) => revision);
    expect(revisions.slice(0, 11)).toEqual(Array.from({ length: 11 }, (_, i) => `stage1-step${i * 1000}`));
    expect(revisions.slice(33)).toEqual(['stage1-step1413814', 'stage2-step47684', 'stage3-step11921', 'main', 'main', 'main']); // prettier-ignore
  });

  it('OLMo 2 1B begins in its early-training repository, and knows its tokens', () => {
    const ladder = read('olmo-2-1b');
    const picks = pickCheckpoints(ladder, refsOf(ladder));
    expect(picks.filter(({ repo }) => repo.endsWith('-early-training'))).toHaveLength(11);
    expect(picks.find(({ step }) => step === 1_907_359)).toMatchObject({ tokens: 4001e9, stage: 'pretraining' });
  });
});

describe('pickCheckpoints', () => {
  const list = (...entries: unknown[]): HubLadder => parseHubLadder(JSON.stringify(entries), 'mine.json');
  const refs = new Map([
    [
      'a/b',
      ['main', 'step1', 'step20', 'step3', 'step3-copy', 'xstep9'].map((name, i) => ({ name, commit: commit(i) })),
    ],
  ]);
  const rule = (branches: string, pick: object): object => ({ source: { repo: 'a/b', branches }, pick });

  it('orders by steps and wants whole names', () => {
    const all = list(rule('step{step}', { kind: 'spread', count: 9, after: 1 }));
    expect(pickCheckpoints(all, refs).map(({ revision }) => revision)).toEqual(['step3', 'step20']);
    expect(pickCheckpoints(list(rule('step{step}', { kind: 'last' })), refs)[0]).toMatchObject({ revision: 'step20', commit: commit(2) }); // prettier-ignore
  });

  it('pins a named revision to its commit, and takes a commit for what it is', () => {
    const named = list({ repo: 'a/b', revision: 'main' }, { repo: 'a/b', revision: 'f'.repeat(40) });
    expect(pickCheckpoints(named, refs).map((pick) => pick.commit)).toEqual([commit(0), 'f'.repeat(40)]);
  });

  it('passes over branches whose steps or tokens are no numbers that can be held', () => {
    const names = ['step3', `step${'9'.repeat(400)}`, 'step9007199254740993'];
    const other = new Map([['a/b', names.map((name, i) => ({ name, commit: commit(i) }))]]);
    const last = list(rule('step{step}', { kind: 'last' }));
    expect(pickCheckpoints(last, other).map(({ revision }) => revision)).toEqual(['step3']);
    const tokens = new Map([['a/b', ['step3-tokens9007200B', 'step2-tokens4B'].map((name, i) => ({ name, commit: commit(i) }))]]); // prettier-ignore
    const byTokens = list(rule('step{step}-tokens{tokens}B', { kind: 'last' }));
    expect(pickCheckpoints(byTokens, tokens).map(({ revision }) => revision)).toEqual(['step2-tokens4B']);
  });

  it('takes each checkpoint once', () => {
    expect(
      pickCheckpoints(list({ repo: 'a/b', revision: 'step1' }, rule('step{step}', { kind: 'first' })), refs),
    ).toHaveLength(1);
  });

  it('names what is missing', () => {
    expect(() => pickCheckpoints(list({ repo: 'a/b', revision: 'step2' }), refs)).toThrow(
      /a\/b has no revision “step2”/,
    );
    expect(() => pickCheckpoints(list(rule('stage{step}', { kind: 'last' })), refs)).toThrow(
      /a\/b has no branch that matches stage\{step\}/,
    );
    expect(() => pickCheckpoints(list({ repo: 'c/d', revision: 'main' }), refs)).toThrow(/c\/d has no revision/);
  });
});
