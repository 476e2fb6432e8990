/** Plans of studies, and their results, which are drawn as well. */
import fc from 'fast-check';
import { findingsOf, limitsOf } from '../../../src/findings/findings.ts';
import { parseStudyPlan } from '../../../src/formats/study/study-plan.ts';
import { parseStudyResults, writeStudyResults } from '../../../src/formats/study/study-results-file.ts';
import type { StudyResults } from '../../../src/formats/study/study-results.ts';
import { fixtureJson } from '../../support/checkpoint-fixtures.ts';
import { madeUpPlan, madeUpResults } from '../../support/made-up-results.ts';
import { anyJson, oddName, type Json } from '../harness/spoilt-json.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';
import { drawAll } from './drawn-results.ts';

const ladder = fc.oneof<fc.Arbitrary<Json>[]>(
  fc.constant({ kind: 'built-in', id: 'tiny-olmo3', revisions: 'all' }),
  fc.record({
    kind: fc.constant('hub'),
    name: oddName,
    checkpoints: fc.array(
      fc.record(
        {
          repo: fc.constantFrom('allenai/OLMo-2-0425-1B', 'a/b'),
          revision: fc.nat(9).map((step) => `stage1-step${step}`),
          commit: fc.constant('b6'.repeat(20)),
          stage: fc.constantFrom('pretraining', 'sft'),
          step: fc.nat(1000),
          tokens: fc.nat(1e9),
        },
        { requiredKeys: ['repo', 'revision'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);
const plan: fc.Arbitrary<Json> = fc
  .tuple(
    fc.constantFrom<Json>(madeUpPlan as unknown as Json, fixtureJson('study/small-plan.json') as Json),
    ladder,
    fc.boolean(),
  )
  .map(([whole, points, isOther]) => (isOther ? { ...(whole as object), ladder: points } : whole));

function checkPlan(text: string): void {
  const read = parseStudyPlan(text, 'plan.json');
  const again = parseStudyPlan(JSON.stringify(read), 'again.json');
  hold(JSON.stringify(again) === JSON.stringify(read), 'a plan that is written is read again');
  const names = new Set(read.sets.map(({ name }) => name));
  hold([...read.train, ...read.tests.flatMap(({ sets }) => sets)].every((name) => names.has(name)), 'sets that are used are there'); // prettier-ignore
}

/** Results of few checkpoints, directions and tests: a change to one field of a large file is rarely of one that matters. */
function smallResults(missing: readonly number[], directions: number): Json {
  const whole = madeUpResults(missing);
  const names = whole.names.slice(0, directions);
  const isKept = ({ direction }: { readonly direction: string }): boolean => names.includes(direction);
  const isClass = ({ name }: { readonly name: string }): boolean => name === 'negative' || names.includes(name);
  const { ladder: over } = whole;
  const small: StudyResults = {
    ...whole,
    names,
    surface: whole.surface.filter(isKept),
    checkpoints: whole.checkpoints.map((checkpoint) => ({
      ...checkpoint,
      probes: checkpoint.probes.filter(isKept),
      sweep: checkpoint.sweep.filter(isKept),
      classes: checkpoint.classes.filter(isClass),
      directions: checkpoint.directions.filter(isClass),
      cosines: checkpoint.cosines.slice(0, directions).map((row) => row.slice(0, directions)),
    })),
    ladder: over && {
      ...over,
      directions: over.directions.filter(isClass),
      drift: over.drift.filter(isClass),
      pca: over.pca && { ...over.pca, tracks: over.pca.tracks.filter(isClass) },
      jumps: over.jumps.filter(isKept),
    },
  };
  return JSON.parse(writeStudyResults(small)) as Json;
}

const ALL = Array.from({ length: 15 }, (_, point) => point);
const results = fc.constantFrom(
  smallResults(ALL.slice(2), 2),
  smallResults(ALL.slice(3), 1),
  smallResults(ALL.filter((point) => point % 7 !== 0), 2),
  smallResults(ALL, 1),
); // prettier-ignore

function checkResults(text: string): void {
  const read = parseStudyResults(text, 'results.json');
  const again = parseStudyResults(writeStudyResults(read), 'again.json');
  hold(writeStudyResults(again) === writeStudyResults(read), 'results that are written are read again');
  for (const { point } of read.checkpoints) hold(point < read.points.length, 'a checkpoint is one of the points');
  hold(findingsOf(read).length > 0, 'there are findings');
  limitsOf(read);
  drawAll(read);
}

export const STUDY_TARGETS: readonly FuzzTarget[] = [
  defineTarget('plan', anyJson(plan), checkPlan),
  defineTarget('results', anyJson(results), checkResults),
];
