import { describe, expect, test } from 'vitest';
import {
  isSamePlan,
  revisionsOf,
  thinned,
  withHubLadder,
  withoutUnused,
  withRevisions,
  withTest,
  withTruth,
} from '../../../../src/state/study/plan-edit.ts';
import { StudyView } from '../../../../src/state/study/study-view.svelte.ts';
import { madeUpPlan, madeUpResults } from '../../../support/made-up-results.ts';

const results = madeUpResults([14]);

describe('what a page on results shows', () => {
  test('comes back from its query', () => {
    const view = new StudyView();
    expect(view.query).toBe('');
    view.set('direction', 'violence');
    view.set('axis', 'tokens');
    view.set('test', 'rewritten');
    view.set('controls', false);
    view.chooseCheckpoint(results, 4);
    const other = new StudyView();
    other.arrive(view.query);
    expect(other.params).toEqual(view.params);
    expect(other.problems).toEqual([]);
  });

  test('a bare page keeps what was chosen on another', () => {
    const view = new StudyView();
    view.set('direction', 'violence');
    view.arrive('');
    expect(view.params.direction).toBe('violence');
  });

  test('falls back where these results lack a name, and reports what cannot be read', () => {
    const view = new StudyView();
    view.arrive('direction=cats&test=nowhere&checkpoint=step9&axis=sideways&colour=red');
    expect(view.direction(results)).toBe('general');
    expect(view.test(results)).toBe('held out');
    expect(view.checkpoint(results)).toBe(results.checkpoints.length - 1);
    expect(view.problems.map(({ key }) => key)).toEqual(['axis', 'colour']);
  });

  test('the last checkpoint is whichever is last, while points come in', () => {
    const view = new StudyView();
    view.chooseCheckpoint(results, results.checkpoints.length - 1);
    expect(view.checkpoint(madeUpResults())).toBe(14);
    view.chooseCheckpoint(results, 2);
    expect(view.checkpoint(madeUpResults([0]))).toBe(1); // the same one, now the second
  });
});

describe('a plan’s form', () => {
  const all = ['a', 'b', 'c', 'd'];

  test('writes all checkpoints as all, some in the ladder’s order, and never none', () => {
    const some = withRevisions(madeUpPlan, ['d', 'a'], all);
    expect(revisionsOf(some, all)).toEqual(['a', 'd']);
    expect(withRevisions(some, ['d', 'c', 'b', 'a'], all).ladder).toMatchObject({ revisions: 'all' });
    expect(withRevisions(some, [], all)).toBe(some);
    const hub = { ...madeUpPlan, ladder: { kind: 'hub', name: 'OLMo', checkpoints: [] } as const };
    expect(revisionsOf(hub, all)).toBeNull();
    expect(withRevisions(hub, ['a'], all)).toBe(hub);
  });

  test('a thinned ladder keeps the ends of its stages', () => {
    const rungs = ['init', 'pretraining', 'pretraining', 'pretraining', 'pretraining', 'sft'].map((stage, index) => ({
      revision: `${index}`,
      stage,
    }));
    expect(thinned(rungs, 3)).toEqual(['0', '3', '4', '5']);
  });

  test('takes a test out with the sets that it alone used, and back in its place', () => {
    const without = withoutUnused(withTest(madeUpPlan, madeUpPlan, 'rewritten', false));
    expect(without.tests.map(({ name }) => name)).toEqual(['held out', 'questions', 'behaviours']);
    expect(without.sets.map(({ name }) => name)).not.toContain('rewritten');
    const back = withTest(without, madeUpPlan, 'rewritten', true);
    expect(back.tests).toEqual(madeUpPlan.tests);
    expect(back.sets.map(({ name }) => name)).toContain('rewritten');
  });

  test('keeps the last test', () => {
    const one = { ...madeUpPlan, tests: madeUpPlan.tests.slice(0, 1) };
    expect(withTest(one, madeUpPlan, 'held out', false)).toBe(one);
  });

  test('takes the truth control out and back', () => {
    const without = withoutUnused(withTruth(madeUpPlan, madeUpPlan, false));
    expect(without.sets.map(({ name }) => name)).not.toContain('truth');
    expect(isSamePlan(withTruth(without, madeUpPlan, true), madeUpPlan)).toBe(true);
  });
});

test('plans a ladder of the Hub as one that is streamed', () => {
  const rung = {
    repo: 'allenai/Olmo-3-1025-7B',
    revision: 'stage1-step0',
    commit: null,
    stage: null,
    step: 0,
    tokens: 0,
  };
  const planned = withHubLadder(
    { ...madeUpPlan, layer: 'auto', sweep: true, pooling: 'last-of-instruction' },
    'OLMo 3',
    [rung],
  );
  expect(planned).toMatchObject({
    layer: 15,
    sweep: false,
    pooling: 'last',
    ladder: { kind: 'hub', checkpoints: [rung] },
  });
  expect(withHubLadder(madeUpPlan, 'OLMo 2', [{ ...rung, repo: 'allenai/OLMo-2-0425-1B' }]).layer).toBe(7);
});
