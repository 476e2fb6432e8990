import { describe, expect, it } from 'vitest';
import { parseStudyPlan, type StudyPlan } from '../../../src/formats/study-plan.ts';
import { parseStudyResults } from '../../../src/formats/study-results-file.ts';
import { PLAN } from '../study/whole/made-up-study.ts';

const plan = (changes: object): string => JSON.stringify({ ...PLAN, ...changes });

describe('a plan as a file', () => {
  it('reads back as it was written', () => {
    const whole: StudyPlan = {
      ...PLAN,
      layer: 'auto',
      ladder: {
        kind: 'hub',
        name: 'Mine',
        checkpoints: [
          {
            repo: 'allenai/Olmo-3-1025-7B',
            revision: 'stage1-step0',
            commit: 'a'.repeat(40),
            stage: 'init',
            step: 0,
            tokens: 0,
          },
          { repo: 'me/mine', revision: 'main', commit: null, stage: null, step: null, tokens: null },
        ],
      },
      sets: [
        ...PLAN.sets,
        { name: 'Mine', source: { kind: 'own', id: 'abc' }, part: { seed: 1, from: 0, to: 0.5 } },
        { name: 'Beside', source: { kind: 'file', path: 'a.jsonl' }, part: null },
      ],
    };
    expect(parseStudyPlan(JSON.stringify(whole), 'plan.json')).toEqual(whole);
  });

  it.each([
    [{ version: 2 }, 'plan.json: version 2 of a plan is unknown to this lab'],
    [{ layer: -1 }, 'layer is no whole number from 0 up'],
    [{ layer: 'best' }, 'layer is no whole number'],
    [{ pooling: 'first' }, 'pooling is not one of last, last-of-instruction, mean, max'],
    [{ train: ['nothing'] }, 'the set “nothing” is used and not among the sets'],
    [{ sets: [...PLAN.sets, ...PLAN.sets] }, 'the set “train” is there twice'],
    [{ resamples: 10 }, 'resamples is no whole number from 100 to 100000'],
    [{ seed: -1 }, 'seed is no whole number from 0 to 4294967295'],
    [{ ladder: { kind: 'disk' } }, 'ladder.kind is not one of built-in, hub'],
    [{ sets: [{ name: 'a', source: { kind: 'file' } }] }, 'sets[0].source.path is no text'],
    [{ sets: [{ name: 'a', source: { kind: 'own', id: 'x' }, part: { seed: 0, from: 0.6, to: 0.5 } }] }, 'part.to is no number from 0.6 to 1'], // prettier-ignore
    [{ ladder: { kind: 'hub', name: 'x', checkpoints: [{ repo: 'a/b', revision: 'main', commit: 'abc' }] } }, 'checkpoints[0].commit is no commit'], // prettier-ignore
    [{ concept: null }, 'concept is no object'],
    [{ tests: 'all' }, 'tests is no list'],
  ])('names the field: %j', (changes, message) => {
    expect(() => parseStudyPlan(plan(changes), 'plan.json')).toThrow(message);
  });

  it('refuses what is no JSON', () => {
    expect(() => parseStudyPlan('{"version": 1,', 'plan.json')).toThrow('plan.json is not valid JSON');
  });
});

const RESULTS = {
  format: 'harmscope-study',
  version: 1,
  plan: PLAN,
  points: [
    { label: 'a', stage: 'init', step: 0, tokens: 0 },
    { label: 'b', stage: null, step: null, tokens: null },
  ],
  sets: [],
  names: ['general', 'theft'],
  layer: { layer: 1, layers: 3, hidden: 4, scores: [0.5, 1, 0.9] },
  surface: [],
  checkpoints: [0, 1].map((point) => ({
    point,
    commit: 'c',
    probes: [],
    controls: [],
    sweep: [],
    classes: [],
    directions: [],
    cosines: [
      [1, 0],
      [0, 1],
    ],
  })),
  ladder: { directions: [{ name: 'general', cosines: [[1, 0.5], [0.5, 1]], transfer: [] }], drift: [], pca: null, angles: [], jumps: [] }, // prettier-ignore
  failures: [],
};

const results = (change: (copy: typeof RESULTS) => object): string =>
  JSON.stringify({ ...RESULTS, ...change(structuredClone(RESULTS)) });

describe('results as a file', () => {
  it('reads what has the right shape', () => {
    expect(parseStudyResults(JSON.stringify(RESULTS), 'r.json')).toEqual(RESULTS);
  });

  it.each<[string, (copy: typeof RESULTS) => object, string]>([
    ['a later version', () => ({ version: 2 }), 'r.json was written by a later lab (version 2 of the results; this one reads 1)'], // prettier-ignore
    ['another file', () => ({ format: 'else' }), 'r.json: this is no file of study results'],
    ['a checkpoint of no point', ({ checkpoints }) => ({ checkpoints: [{ ...checkpoints[0], point: 2 }] }), 'checkpoints[0].point is no whole number from 0 to 1'], // prettier-ignore
    ['a matrix of another size', ({ ladder }) => ({ ladder: { ...ladder, directions: [{ name: 'general', cosines: [[1]], transfer: [] }] } }), 'ladder.directions[0].cosines is no list of 2 rows'], // prettier-ignore
    ['a ragged matrix', ({ ladder }) => ({ ladder: { ...ladder, directions: [{ name: 'general', cosines: [[1, 0], [1]], transfer: [] }] } }), 'ladder.directions[0].cosines[1] has 1 numbers, not 2'], // prettier-ignore
    ['text for a number', ({ layer }) => ({ layer: { ...layer, scores: [1, '<b>', 1] } }), 'layer.scores[1] is no number'], // prettier-ignore
    ['a plan that is none', () => ({ plan: { ...PLAN, layer: null } }), 'layer is no whole number'],
    ['no points', () => ({ points: null }), 'points is no list'],
  ])('names the field of %s', (_, change, message) => {
    expect(() => parseStudyResults(results(change), 'r.json')).toThrow(message);
  });
});
