import { describe, expect, it } from 'vitest';
import { parseStudyPlan, type StudyPlan } from '../../../../src/formats/study/study-plan.ts';
import { parseStudyResults, writeStudyResults } from '../../../../src/formats/study/study-results-file.ts';
import { PLAN } from '../../../support/made-up-study.ts';

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
    [{ version: undefined }, 'version undefined of a plan is unknown'],
    [{ version: 2 }, 'plan.json: version 2 of a plan is unknown to this lab'],
    [{ layer: -1 }, 'layer is not a whole number from 0'],
    [{ layer: 'best' }, 'layer is not a whole number'],
    [{ pooling: 'first' }, 'pooling is not one of last, last-of-instruction, mean, max'],
    [{ train: ['nothing'] }, 'the set “nothing” is used and not among the sets'],
    [{ sets: [...PLAN.sets, ...PLAN.sets] }, 'the set “train” is there twice'],
    [{ resamples: 10 }, 'resamples is not a whole number from 100 to 100000'],
    [{ seed: -1 }, 'seed is not a whole number from 0 to 4294967295'],
    [{ ladder: { kind: 'disk' } }, 'ladder.kind is not one of built-in, hub'],
    [{ sets: [{ name: 'a', source: { kind: 'file' } }] }, 'sets[0].source.path is not text'],
    [{ sets: [{ name: 'a', source: { kind: 'own', id: 'x' }, part: { seed: 0, from: 0.6, to: 0.5 } }] }, 'part.to is not a number from 0.6 to 1'], // prettier-ignore
    [{ ladder: { kind: 'hub', name: 'x', checkpoints: [{ repo: 'a/b', revision: 'main', commit: 'abc' }] } }, 'checkpoints[0].commit is not a commit'], // prettier-ignore
    [{ concept: null }, 'concept is not an object'],
    [{ tests: 'all' }, 'tests is not a list'],
    [{ train: ['train', 'train'] }, 'train has the set “train” twice'],
    [{ tests: [{ name: 't', role: 'rewritten', sets: ['test', 'test'] }] }, 'the test “t” has the set “test” twice'],
    [{ ladder: { kind: 'built-in', id: 'made-up', revisions: ['a', 'a'] } }, 'ladder.revisions has “a” twice'],
    [{ ladder: { kind: 'hub', name: 'x', checkpoints: [{ repo: 'a/b', revision: 'c' }, { repo: 'a/b', revision: 'c' }] } }, 'ladder.checkpoints has “a/b@c” twice'], // prettier-ignore
    [{ ladder: { kind: 'built-in', id: '../../../etc', revisions: 'all' } }, 'ladder.id is not the name of a ladder'],
    [{ ladder: { kind: 'built-in', id: '..', revisions: 'all' } }, 'ladder.id is not the name of a ladder'],
    [{ sets: [{ name: 'a', source: { kind: 'built-in', file: '../../package.json' } }] }, 'source.file is not a prompt set of the lab'], // prettier-ignore
    [{ sets: [{ name: 'a', source: { kind: 'built-in', file: '../prompts/a.jsonl' } }] }, 'source.file is not a prompt set of the lab'], // prettier-ignore
    [{ name: 'x'.repeat(5_000_000) }, 'name has 5000000 characters, more than 200'],
    [{ name: '  ' }, 'name is blank'],
    [{ sets: Array.from({ length: 1001 }, (_, index) => ({ name: String(index), source: { kind: 'own', id: 'x' } })) }, 'sets has 1001 entries, more than 1000'], // prettier-ignore
    [{ version: { deep: 'x'.repeat(10_000) } }, '…'],
  ])('names the field: %#', (changes, message) => {
    expect(() => parseStudyPlan(plan(changes), 'plan.json')).toThrow(message);
    expect(() => parseStudyPlan(plan(changes), 'plan.json')).toThrow(/^.{0,400}$/s); // what is repeated of it is cut
  });

  it('names a version that is nested without end', () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    const text = plan({ version: 'DEEP' }).replace('"DEEP"', deep);
    expect(() => parseStudyPlan(text, 'plan.json')).toThrow(/^plan\.json: version \[\[.{0,200}$/);
    const results = `{"format":"harmscope-study","version":${deep}}`;
    expect(() => parseStudyResults(results, 'r.json')).toThrow(/^r\.json: version \[\[.{0,200}$/);
  });

  it('refuses what is not JSON', () => {
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
  ladder: { directions: ['general', 'theft'].map((name) => ({ name, cosines: [[1, 0.5], [0.5, 1]], transfer: [] as object[] })), drift: [], pca: null, angles: [], jumps: [] }, // prettier-ignore
  failures: [],
};

const SURFACE = { surface: 'words', direction: 'general', test: 't', auroc: 0.7, interval: { low: 0.6, high: 0.8 } };
const CLASS = { name: 'theft', count: 3, centroidNorm: 1, variance: 1, meanDistance: 1, score: 0, deviation: 0 };

const results = (change: (copy: typeof RESULTS) => object): string =>
  JSON.stringify({ ...RESULTS, ...change(structuredClone(RESULTS)) });

describe('results as a file', () => {
  it('reads what has the right shape', () => {
    expect(parseStudyResults(JSON.stringify(RESULTS), 'r.json')).toEqual(RESULTS);
  });

  it('reads null as what was not measured, where there may be gaps, and what was left out', () => {
    const leftOut = [{ what: 'the LDA probe', direction: 'theft', test: null, reason: 'it cannot be fitted' }];
    const text = results(({ checkpoints, ladder }) => ({
      checkpoints: checkpoints.map((one) => ({ ...one, cosines: [[1, null], [null, null]], leftOut })),
      ladder: { ...ladder, directions: ladder.directions.map(({ name }) => ({ name, cosines: [[null, null], [null, 1]], transfer: [{ test: 't', auroc: [[null, 0.5], [1, null]] }] })) },
      leftOut,
    })); // prettier-ignore
    const read = parseStudyResults(text, 'r.json');
    expect(read.checkpoints[0]?.cosines).toEqual([[1, NaN], [NaN, NaN]]); // prettier-ignore
    expect(read.ladder?.directions[0]?.transfer[0]?.auroc).toEqual([[NaN, 0.5], [1, NaN]]); // prettier-ignore
    expect([read.leftOut, read.checkpoints[1]?.leftOut]).toEqual([leftOut, leftOut]);
    expect(writeStudyResults(read)).toBe(writeStudyResults(parseStudyResults(writeStudyResults(read), 'r.json')));
  });

  it.each<[string, (copy: typeof RESULTS) => object, string]>([
    ['a later version', () => ({ version: 2 }), 'r.json was written by a later lab (version 2 of the results; this one reads 1)'], // prettier-ignore
    ['no version', () => ({ version: undefined }), 'version undefined of the results is unknown'],
    ['another file', () => ({ format: 'else' }), 'r.json: this is not a file of study results'],
    ['a checkpoint of no point', ({ checkpoints }) => ({ checkpoints: [{ ...checkpoints[0], point: 2 }] }), 'checkpoints[0].point is not a whole number from 0 to 1'], // prettier-ignore
    ['a matrix of another size', ({ ladder }) => ({ ladder: { ...ladder, directions: [{ name: 'general', cosines: [[1]], transfer: [] }] } }), 'ladder.directions[0].cosines is not a list of 2 rows'], // prettier-ignore
    ['a ragged matrix', ({ ladder }) => ({ ladder: { ...ladder, directions: [{ name: 'general', cosines: [[1, 0], [1]], transfer: [] }] } }), 'ladder.directions[0].cosines[1] has 1 numbers, not 2'], // prettier-ignore
    ['text for a number', ({ layer }) => ({ layer: { ...layer, scores: [1, '<b>', 1] } }), 'layer.scores[1] is not a number'], // prettier-ignore
    ['a plan that is none', () => ({ plan: { ...PLAN, layer: null } }), 'layer is not a whole number'],
    ['no points', () => ({ points: null }), 'points is not a list'],
    ['layers without bounds', ({ layer }) => ({ layer: { ...layer, layers: 9007199254740991, scores: null } }), 'layer.layers is not a whole number from 1 to 1000'], // prettier-ignore
    ['a width without bounds', ({ layer }) => ({ layer: { ...layer, hidden: 1e12 } }), 'layer.hidden is not a whole number from 1 to 1000000'], // prettier-ignore
    ['more points than a page draws', () => ({ points: Array.from({ length: 200_000 }, (_, index) => ({ label: String(index) })) }), 'points has 200000 entries, more than 500'], // prettier-ignore
    ['a name twice', () => ({ names: ['general', 'theft', 'theft'] }), 'names has “theft” twice'],
    ['a name of the other class', () => ({ names: ['general', 'negative'] }), 'names does not begin with general, or has negative'], // prettier-ignore
    ['a checkpoint’s label twice', ({ points }) => ({ points: [points[0], points[0]] }), 'points has “a” twice'],
    ['a point twice', ({ checkpoints }) => ({ checkpoints: [checkpoints[0], checkpoints[0]] }), 'checkpoints has a point twice'], // prettier-ignore
    ['a class twice', ({ checkpoints }) => ({ checkpoints: checkpoints.map((one) => ({ ...one, classes: [CLASS, CLASS] })) }), 'checkpoints[0].classes has ["theft"] twice'], // prettier-ignore
    ['an unknown class', ({ checkpoints }) => ({ checkpoints: checkpoints.map((one) => ({ ...one, classes: [{ ...CLASS, name: '__proto__' }] })) }), 'classes[0].name “__proto__” is not one of the names'], // prettier-ignore
    ['a direction twice', ({ checkpoints }) => ({ checkpoints: checkpoints.map((one) => ({ ...one, directions: [0, 1].map(() => ({ name: 'theft', norm: 1 })) })) }), 'checkpoints[0].directions does not have one entry for each of the names, in their order'], // prettier-ignore
    ['a direction of the ladder twice', ({ ladder }) => ({ ladder: { ...ladder, directions: [ladder.directions[0], ladder.directions[0]] } }), 'ladder.directions does not have one entry for each of the names, in their order'], // prettier-ignore
    ['directions in another order', ({ checkpoints }) => ({ checkpoints: checkpoints.map((one) => ({ ...one, directions: ['theft', 'general'].map((name) => ({ name, norm: 1 })) })) }), 'checkpoints[0].directions does not have one entry for each of the names, in their order'], // prettier-ignore
    ['directions of the ladder in another order', ({ ladder }) => ({ ladder: { ...ladder, directions: [...ladder.directions].reverse() } }), 'ladder.directions does not have'], // prettier-ignore
    ['checkpoints in another order', ({ checkpoints }) => ({ checkpoints: [...checkpoints].reverse() }), 'checkpoints is not in the order of the points'], // prettier-ignore
    ['an interval that ends before it begins', () => ({ surface: [{ ...SURFACE, interval: { low: 0.9, high: 0.8 } }] }), 'surface[0].interval.high is not a number from 0.9 to 1'], // prettier-ignore
    ['a baseline of an unknown direction', () => ({ surface: [{ ...SURFACE, direction: 'arson' }] }), 'surface[0].direction “arson” is not one of the names'], // prettier-ignore
    ['a baseline twice', () => ({ surface: [SURFACE, SURFACE] }), 'surface has ["words","general","t"] twice'],
    ['a length beyond all bounds', ({ checkpoints }) => ({ checkpoints: checkpoints.map((one) => ({ ...one, classes: [{ ...CLASS, centroidNorm: 1e308 }] })) }), 'centroidNorm is not a number from 0 to'], // prettier-ignore
    ['null for a length', ({ checkpoints }) => ({ checkpoints: checkpoints.map((one) => ({ ...one, classes: [{ ...CLASS, variance: null }] })) }), 'variance is not a number'], // prettier-ignore
    ['a cosine of 3', ({ checkpoints }) => ({ checkpoints: checkpoints.map((one) => ({ ...one, cosines: [[1, 3], [3, 1]] })) }), 'cosines[0][1] is not a number from -1 to 1'], // prettier-ignore
    ['a step beyond all bounds', ({ points }) => ({ points: [{ ...points[0], tokens: 2 ** 53 - 1 }, points[1]] }), 'points[0].tokens is not a whole number'], // prettier-ignore
    ['a failure of no point', () => ({ failures: [{ point: 7, message: 'm', nextStep: 'n' }] }), 'failures[0].point is not a whole number'], // prettier-ignore
  ])('names the field of %s', (_, change, message) => {
    expect(() => parseStudyResults(results(change), 'r.json')).toThrow(message);
  });
});
