import { describe, expect, test } from 'vitest';
import { countText, planProblems } from '../../../../src/state/study/plan-counts.ts';
import { withoutUnused } from '../../../../src/state/study/plan-edit.ts';
import {
  choosableSets,
  heldOutShare,
  testableSets,
  useOf,
  withHeldOut,
  withoutSets,
  withTestName,
  withTestSet,
  withUse,
  withWanted,
  type ChoosableSet,
  type SetUse,
} from '../../../../src/state/study/plan-sets.ts';
import { parseStudyPlan } from '../../../../src/formats/study/study-plan.ts';
import type { StudyPlan } from '../../../../src/formats/study/study-plan.ts';
import type { Label } from '../../../../src/formats/prompts/prompt-set.ts';
import type { SetOutline } from '../../../../src/labs/prompts/prompt-messages.ts';
import { madeUpPlan } from '../../../support/made-up-results.ts';

function outline(name: string, counts: Partial<Record<Label, number>>, concept: string | null = null): SetOutline {
  const tally = (Object.entries(counts) as [Label, number][]).map(([label, prompts]) => ({
    ...{ label, category: label, split: 'all', prompts, rewrites: 0 },
  }));
  const prompts = tally.reduce((sum, row) => sum + row.prompts, 0);
  return { ref: { kind: 'own', id: name }, name, concept, origin: '', prompts, tally, createdAt: 1 };
}

const OWN = [
  outline('rude', { harmful: 200 }, 'rudeness'),
  outline('polite', { safe: 400 }),
  outline('insults', { harmful: 50 }),
  outline('facts', { true: 10, false: 12 }),
];

const choose = (plan: StudyPlan, name: string): ChoosableSet => {
  const set = choosableSets(plan, madeUpPlan, OWN).find((one) => one.name === name);
  if (set === undefined) throw new Error(`no set ${name}`);
  return set;
};
const use = (plan: StudyPlan, name: string, chosen: SetUse): StudyPlan =>
  withoutUnused(withUse(plan, madeUpPlan, choose(plan, name), chosen));
const problems = (plan: StudyPlan): readonly string[] =>
  planProblems(plan, { sets: choosableSets(plan, madeUpPlan, OWN), summaries: [] });

/** Own sets alone: rude and polite prompts, a fifth of each held out. */
function ownPlan(): StudyPlan {
  const trained = use(use(withoutSets(madeUpPlan), 'rude', 'training'), 'polite', 'training');
  return withHeldOut(withHeldOut(trained, 'own:rude', 0.2), 'own:polite', 0.2);
}

describe('the uses of sets in a plan’s form', () => {
  test('make a plan of own sets alone, of another concept, that reads back as written', () => {
    const plan = ownPlan();
    expect(plan.concept).toEqual({ positive: 'with rudeness', negative: 'without rudeness' });
    expect(plan.train).toEqual(['rude', 'polite']);
    expect(plan.tests).toEqual([
      { name: 'Held out', role: 'in-distribution', sets: ['rude, held out', 'polite, held out'] },
    ]);
    const parts = plan.sets.map(({ name, part }) => [name, part?.from, part?.to, part?.seed]);
    expect(parts).toEqual([
      ['rude', 0, 0.8, 1],
      ['polite', 0, 0.8, 1],
      ['rude, held out', 0.8, 1, 1],
      ['polite, held out', 0.8, 1, 1],
    ]);
    expect(parseStudyPlan(JSON.stringify(plan), 'plan.json')).toEqual(plan);
    expect(problems(plan)).toEqual([]);
  });

  test('read a set together with what a training set holds back', () => {
    const alone = use(ownPlan(), 'insults', 'out-of-distribution');
    expect(problems(alone)).toEqual(['Test “insults”: no prompts of class “without rudeness”.']);
    const held = testableSets(alone).find(({ name }) => name === 'polite, held out');
    if (held === undefined) throw new Error('nothing is held out');
    const together = withTestSet(alone, 'insults', held, true);
    expect(together.tests[1]).toEqual({
      ...{ name: 'insults', role: 'out-of-distribution', sets: ['insults', 'polite, held out'] },
    });
    expect(problems(together)).toEqual([]);
    expect(testableSets(together).map(({ name }) => name)).not.toContain('polite'); // it is trained on
    expect(withTestName(together, 'insults', 'Held out')).toBe(together);
    expect(withTestName(together, 'insults', ' Insults ').tests[1]?.name).toBe('Insults');
  });

  test('hold a part back that is disjoint from what is trained on, and give it back', () => {
    const plan = ownPlan();
    const more = withHeldOut(plan, 'own:rude', 0.35);
    expect(heldOutShare(more, 'own:rude')).toBe(0.35);
    expect(more.sets.find(({ name }) => name === 'rude')?.part?.to).toBe(0.65);
    expect(more.sets.find(({ name }) => name === 'rude, held out')?.part?.from).toBe(0.65);
    expect(more.tests[0]?.sets).toContain('rude, held out');
    const none = withHeldOut(withHeldOut(more, 'own:rude', 0), 'own:polite', 0);
    expect(none.sets.map(({ name, part }) => [name, part])).toEqual([
      ['rude', null],
      ['polite', null],
    ]);
    expect(none.tests).toEqual([]);
    expect(problems(none)[0]).toContain('There is no test');
    expect(heldOutShare(use(plan, 'insults', 'rewritten'), 'own:insults')).toBeNull();
  });

  test('follow from its classes where somebody wants to use it', () => {
    const wanted = (plan: StudyPlan, name: string): StudyPlan =>
      withWanted(plan, madeUpPlan, choosableSets(plan, madeUpPlan, [...OWN, outline('both', { harmful: 5, safe: 5 }), outline('unrated', {})]).find((set) => set.name === name) ?? choose(plan, name)); // prettier-ignore
    const none = withoutSets(madeUpPlan);
    expect(useOf(wanted(madeUpPlan, 'both'), 'own:both')).toBe('training');
    expect(wanted(none, 'rude').concept.positive).toBe('with rudeness'); // the first one brings its own
    expect(wanted(madeUpPlan, 'rude')).toBe(madeUpPlan); // another concept than what is trained on
    expect(useOf(wanted(none, 'facts'), 'own:facts')).toBe('truth');
    const read = use(madeUpPlan, 'insults', 'rewritten');
    expect(wanted(read, 'insults')).toBe(read); // it has a use
    expect(wanted(none, 'unrated')).toBe(none);
  });

  test('take a set out everywhere, with the tests that read nothing else', () => {
    const plan = use(use(ownPlan(), 'facts', 'truth'), 'insults', 'rewritten');
    expect(['rude', 'facts', 'insults'].map((name) => useOf(plan, `own:${name}`))).toEqual(['training', 'truth', 'rewritten']); // prettier-ignore
    const without = ['rude', 'facts', 'insults'].reduce((rest, name) => use(rest, name, 'unused'), plan);
    expect(without.sets.map(({ name }) => name)).toEqual(['polite', 'polite, held out']);
    expect(without.truth).toBeNull();
    expect(without.tests).toEqual([{ name: 'Held out', role: 'in-distribution', sets: ['polite, held out'] }]);
    expect(problems(without)).toEqual([
      'Training: no prompts of class “with rudeness”.',
      'Test “Held out”: no prompts of class “with rudeness”.',
    ]);
  });

  test('bring a built-in set back under its own names, and show one that the browser lacks', () => {
    const builtIn: SetOutline = { ...outline('harm-rewritten', { harmful: 3, safe: 4 }), ref: { kind: 'built-in', file: 'harm-rewritten.jsonl' } }; // prettier-ignore
    const plan = { ...madeUpPlan, sets: [...madeUpPlan.sets, { name: 'gone', source: { kind: 'own', id: 'x1' } as const, part: null }] }; // prettier-ignore
    const sets = choosableSets(plan, madeUpPlan, [...OWN, builtIn]);
    expect(sets.find(({ key }) => key === 'own:x1')).toMatchObject({ name: 'gone', outline: null });
    const rewritten = sets.find(({ key }) => key === 'built-in:harm-rewritten.jsonl');
    if (rewritten === undefined) throw new Error('no built-in set');
    expect(rewritten.name).toBe('rewritten');
    const without = withoutUnused(withUse(madeUpPlan, madeUpPlan, rewritten, 'unused'));
    expect(without.tests.map(({ name }) => name)).not.toContain('rewritten');
    const back = withUse(without, madeUpPlan, rewritten, 'rewritten');
    expect(back.tests.at(-1)).toEqual({ name: 'rewritten', role: 'rewritten', sets: ['rewritten'] });
  });

  test('count what a part comes to before it is drawn, and say so', () => {
    const plan = ownPlan();
    expect(countText(plan, { counts: new Map([['harmful', 1600]]), exact: false })).toBe('about 1,600 with rudeness');
    const summaries = [{ name: 'rude', digest: '', tooLong: 0, counts: [{ label: 'safe', category: '', prompts: 1 }] }];
    const sets = choosableSets(plan, madeUpPlan, OWN);
    expect(planProblems(plan, { sets, summaries })[0]).toBe('Training: no prompts of class “with rudeness”.');
  });
});
