/** A study of published prompts, from their files to its results, on two checkpoints of the built-in ladder. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HARM_CATEGORIES } from '../../../src/core/categories.ts';
import type { PlanSet, StudyPlan } from '../../../src/formats/study/study-plan.ts';
import { parseStudyResults } from '../../../src/formats/study/study-results-file.ts';
import { HAS_REAL_DATA, REAL_DATA } from '../../support/real-data.ts';
import { lab, makeFolder } from '../../support/run-cli.ts';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const SETS = {
  beavertails: ['prompts/beavertails-evaluation.csv', '--mapped-only'],
  alpaca: ['prompts/alpaca-3000.jsonl', '--label', 'safe'],
  advbench: ['prompts/advbench.csv', '--label', 'harmful'],
  harmbench: ['prompts/harmbench_test.csv', '--category', 'general', '--label', 'harmful'],
  malicious: ['prompts/malicious_instruct.txt', '--label', 'harmful'],
  cities: ['truth/cities.csv'],
} as const;

/** Few of each, so that a checkpoint takes seconds: the sets themselves have thousands. */
const set = (name: string, file: string, from: number, to: number): PlanSet => ({
  name,
  source: { kind: 'file', path: `${file}.jsonl` },
  part: { seed: 1, from, to },
});

const out = (name: string): StudyPlan['tests'][number] => ({
  ...{ name, role: 'out-of-distribution', sets: [name, 'Alpaca, rest'] },
});

const PLAN: StudyPlan = {
  version: 1,
  name: 'Published prompts',
  concept: { positive: 'harmful', negative: 'safe' },
  ladder: { kind: 'built-in', id: 'tiny-olmo3', revisions: ['stage1-step0', 'Instruct'] },
  sets: [
    set('BeaverTails', 'beavertails', 0, 0.2),
    set('BeaverTails, held out', 'beavertails', 0.9, 1),
    set('Alpaca', 'alpaca', 0, 0.02),
    set('Alpaca, held out', 'alpaca', 0.02, 0.026),
    set('Alpaca, rest', 'alpaca', 0.026, 0.032),
    set('AdvBench', 'advbench', 0, 0.03),
    set('HarmBench', 'harmbench', 0, 0.1),
    set('MaliciousInstruct', 'malicious', 0, 0.15),
    set('Cities', 'cities', 0, 0.02),
  ],
  train: ['BeaverTails', 'Alpaca'],
  tests: [
    { name: 'Held out', role: 'in-distribution', sets: ['BeaverTails, held out', 'Alpaca, held out'] },
    ...['AdvBench', 'HarmBench', 'MaliciousInstruct'].map(out),
  ],
  truth: 'Cities',
  layer: 'auto',
  sweep: true,
  pooling: 'last',
  template: 'chat',
  resamples: 100,
  controlRepeats: 2,
  seed: 1, // as the parts': halves of a part must not depend on how it was drawn
};

describe.skipIf(!HAS_REAL_DATA)(
  'lab study of published prompts (skipped where ../shared/data is absent)',
  { timeout: 240_000 },
  () => {
    it('imports them, and runs to its end with rows for every test', async () => {
      for (const [name, [file, ...options]] of Object.entries(SETS)) {
        const target = join(folder, `${name}.jsonl`);
        const { code, stderr } = await lab('prompts', 'import', '--file', join(REAL_DATA, file), '--out', target, ...options); // prettier-ignore
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      }
      writeFileSync(join(folder, 'plan.json'), JSON.stringify(PLAN));
      const to = join(folder, 'out');
      const { code, stderr } = await lab('study', '--plan', join(folder, 'plan.json'), '--out', to);
      expect(code, stderr).toBe(0);
      const results = parseStudyResults(readFileSync(join(to, 'results.json'), 'utf8'), 'results.json');
      expect(results.failures).toEqual([]);
      expect(results.names).toEqual(['general', ...[...HARM_CATEGORIES].sort()]);
      expect(results.checkpoints).toHaveLength(2);
      for (const { probes, controls } of results.checkpoints) {
        for (const test of PLAN.tests) {
          const rows = probes.filter((row) => row.test === test.name && row.direction === 'general');
          expect(rows).toHaveLength(3);
          for (const { auroc, positives, negatives } of rows) {
            expect(auroc).toBeGreaterThanOrEqual(0);
            expect(auroc).toBeLessThanOrEqual(1);
            expect(Math.min(positives, negatives)).toBeGreaterThan(0);
          }
        }
        expect(controls.map(({ control }) => control)).toEqual(expect.arrayContaining(['truth', 'concept-on-truth']));
      }
    });
  },
);
