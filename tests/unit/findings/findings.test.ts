import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lowestAt } from '../../../src/findings/geometry-findings.ts';
import { findingsOf, limitsOf } from '../../../src/findings/findings.ts';
import type { Finding } from '../../../src/findings/finding.ts';
import type { CheckpointResult, StudyResults } from '../../../src/formats/study/study-results.ts';
import { madeUpResults } from '../../support/made-up-results.ts';
import { testSeed } from '../../support/test-seed.ts';

const whole = madeUpResults();

function finding(results: StudyResults, id: string): Finding {
  const found = findingsOf(results).find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no finding ${id}`);
  return found;
}

const edited = (edit: (checkpoint: CheckpointResult) => CheckpointResult): StudyResults => ({
  ...whole,
  checkpoints: whole.checkpoints.map(edit),
});

/** AUROC on one test set to a value, with a narrow interval. */
const withAuroc = (point: number, name: string, auroc: number, half = 0.01): StudyResults =>
  edited((checkpoint) => ({
    ...checkpoint,
    probes: checkpoint.probes.map((row) =>
      checkpoint.point === point && row.test === name
        ? { ...row, auroc, interval: { low: auroc - half, high: auroc + half } }
        : row,
    ),
  }));

describe('a claim is judged by this run’s numbers', () => {
  test('at initialisation', () => {
    expect(finding(withAuroc(0, 'held out', 0.91), 'init')).toMatchObject({
      verdict: 'supported',
      numbers: [{ what: 'AUROC on held out at stage1-step0', value: 0.91 }],
    });
    expect(finding(withAuroc(0, 'held out', 0.7), 'init').verdict).toBe('not-supported');
    expect(finding(withAuroc(0, 'held out', 0.84, 0.05), 'init').verdict).toBe('cannot-tell');
    expect(finding(madeUpResults([0]), 'init')).toMatchObject({ verdict: 'cannot-tell', numbers: [] });
  });

  test('on rewritten prompts, both halves of the claim count', () => {
    expect(finding(whole, 'rewritten').verdict).toBe('supported');
    expect(finding(withAuroc(14, 'rewritten', 0.8), 'rewritten').verdict).toBe('not-supported');
    expect(finding(madeUpResults([12, 13, 14]), 'rewritten').verdict).toBe('cannot-tell');
    const noDrop = edited((checkpoint) => ({
      ...checkpoint,
      probes: checkpoint.probes.map((row) => (row.test === 'rewritten' ? { ...row, auroc: 0.99 } : row)),
    }));
    expect(finding(noDrop, 'rewritten').verdict).toBe('not-supported');
  });

  test('random labels', () => {
    expect(finding(whole, 'random-labels').verdict).toBe('supported');
    const biased = edited((checkpoint) => ({
      ...checkpoint,
      controls: checkpoint.controls.map((row) => ({ ...row, auroc: 0.6 })),
    }));
    expect(finding(biased, 'random-labels')).toMatchObject({
      verdict: 'not-supported',
      numbers: [{ value: expect.closeTo(0.6) as number }, {}],
    });
    expect(
      finding(
        edited((checkpoint) => ({ ...checkpoint, controls: [] })),
        'random-labels',
      ).verdict,
    ).toBe('cannot-tell');
  });

  test('the largest jump is looked for among neighbours', () => {
    expect(finding(whole, 'jump')).toMatchObject({
      verdict: 'supported',
      numbers: [{ what: '1 − cosine, stage3-step45 → SFT' }],
    });
    const ladder = whole.ladder;
    if (ladder === null) throw new Error('the made-up results have no ladder');
    const turnedEarly: StudyResults = {
      ...whole,
      ladder: {
        ...ladder,
        directions: ladder.directions.map((entry) => ({
          ...entry,
          cosines: entry.cosines.map((row, i) => row.map((value, j) => (i + j === 1 ? -1 : value))),
        })),
      },
    };
    expect(finding(turnedEarly, 'jump')).toMatchObject({ verdict: 'not-supported', numbers: [{}, { value: 2 }] });
    expect(finding(turnedEarly, 'jump').because).toContain('after pretraining, base → SFT differs most');
    expect(finding(madeUpResults([12]), 'jump').verdict).toBe('cannot-tell');
  });

  test('the outlier among the categories', () => {
    expect(finding(whole, 'privacy')).toMatchObject({ verdict: 'supported' });
    const equal = edited((checkpoint) => ({
      ...checkpoint,
      cosines: whole.names.map((a) => whole.names.map((b) => (a === b ? 1 : [a, b].includes('violence') ? 0.1 : 0.9))),
    }));
    expect(finding(equal, 'privacy')).toMatchObject({
      verdict: 'not-supported',
      numbers: [{}, { what: 'Lowest: Violence', value: expect.closeTo(0.1) as number }],
    });
    expect(finding({ ...whole, names: ['general', 'cats'] }, 'privacy').verdict).toBe('cannot-tell');
  });

  test('what words alone tell', () => {
    expect(finding(whole, 'words').verdict).toBe('supported');
    expect(finding(withAuroc(14, 'rewritten', 0.58), 'words').verdict).toBe('cannot-tell');
    expect(finding({ ...whole, surface: [] }, 'words').verdict).toBe('cannot-tell');
  });

  test('nothing is concluded from nothing', () => {
    const empty: StudyResults = { ...whole, checkpoints: [], ladder: null, surface: [] };
    expect(new Set(findingsOf(empty).map(({ verdict }) => verdict))).toEqual(new Set(['cannot-tell']));
  });
});

test('limits name what is missing', () => {
  const limits = limitsOf(madeUpResults([3, 4])).join('\n');
  expect(limits).toContain('2 of 15 checkpoints have no results');
  expect(limits).toContain('stage1-step50 was left out: The weights of this checkpoint could not be read.');
  expect(limitsOf(whole).join('\n')).not.toContain('no results');
});

test.each([
  [0, 10, false, 'It is the lowest at none of 10 checkpoints.'],
  [1, 10, false, 'It is the lowest at 1 of 10 checkpoints, but not at the last.'],
  [1, 10, true, 'It is the lowest at 1 of 10 checkpoints, which is the last.'],
  [4, 10, true, 'It is the lowest at 4 of 10 checkpoints, the last among them.'],
  [10, 10, true, 'It is the lowest at all 10 checkpoints.'],
  [1, 1, true, 'It is the lowest at the only checkpoint.'],
  [0, 1, false, 'It is not the lowest at the only checkpoint.'],
])('how often it is the lowest: %d of %d', (times, all, isLast, sentence) => {
  expect(lowestAt(times, all, isLast)).toBe(sentence);
});

test('categories are called what people call them', () => {
  const equal = edited((checkpoint) => ({
    ...checkpoint,
    cosines: whole.names.map((a) => whole.names.map((b) => (a === b ? 1 : [a, b].includes('drug_abuse') ? 0.1 : 0.9))),
  }));
  expect(finding(equal, 'privacy').numbers[1]?.what).toBe('Lowest: Drug abuse');
});

test('sentences make sense whatever is missing', () => {
  const gaps = fc.record({
    points: fc.subarray(whole.points.map((_, point) => point)),
    categories: fc.subarray(whole.names.slice(1)),
    tests: fc.subarray(whole.plan.tests.map(({ name }) => name)),
    nowhere: fc.constantFrom('general', 'privacy_violation', 'violence', 'none'),
    stages: fc.boolean(),
  });
  fc.assert(
    fc.property(gaps, ({ points, categories, tests, nowhere, stages }) => {
      const results = madeUpResults(whole.points.map((_, point) => point).filter((point) => !points.includes(point)));
      const at = results.names.indexOf(nowhere);
      const withGaps = (rows: readonly (readonly number[])[]): number[][] =>
        rows.map((row, i) => row.map((value, j) => (i === at || j === at ? NaN : value)));
      const odd: StudyResults = {
        ...results,
        points: results.points.map((point) => (stages ? point : { ...point, stage: null })),
        checkpoints: results.checkpoints.map((checkpoint) => ({
          ...checkpoint,
          probes: checkpoint.probes.filter((row) => tests.includes(row.test) && row.direction !== nowhere && categories.concat('general').includes(row.direction)), // prettier-ignore
          cosines: withGaps(checkpoint.cosines),
          leftOut: [{ what: 'the LDA probe', direction: 'violence', test: null, reason: 'a score is NaN' }],
        })),
      };
      const found = findingsOf(odd);
      const said = [...found.flatMap(({ because, numbers }) => [because, ...numbers.map(({ what }) => what)]), ...limitsOf(odd)]; // prettier-ignore
      for (const sentence of said) {
        expect(sentence).not.toMatch(
          /undefined|NaN,|Infinity|\bnull\b|_|\b(0|1) (of 0|checkpoints)|\b1 (prompts|repeats)/,
        );
        expect(sentence).not.toMatch(/\.\.|  |: *\.$/);
      }
      expect(found.flatMap(({ numbers }) => numbers.map(({ value }) => value)).every(Number.isFinite)).toBe(true);
    }),
    { seed: testSeed(3), numRuns: 100 },
  );
});
