/** No name that a user gives means anything to the lab: under whatever names, the numbers are those of harmless ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../../../src/formats/prompts/prompt-set.ts';
import type { StudyPlan } from '../../../../src/formats/study/study-plan.ts';
import type { StudyResults } from '../../../../src/formats/study/study-results.ts';
import { parseStudyResults, writeStudyResults } from '../../../../src/formats/study/study-results-file.ts';
import { StudyLab } from '../../../../src/labs/study/study-lab.ts';
import { MadeUpExtractor } from '../../../support/made-up-extractor.ts';
import { LADDER, MemoryStore, PLAN, promptsOf, SOURCES } from '../../../support/made-up-study.ts';
import { testSeed } from '../../../support/test-seed.ts';

const NAMES = [
  ...['general', 'safe', 'negative', 'harmful', 'random', 'true', 'false', 'null', 'undefined', 'category negative'],
  ...['category general', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '0', '1', ' ', '.', '..'],
  ...[
    '/',
    'a/b',
    'a',
    'b',
    'A',
    'a.b',
    '*',
    'caf\u00e9',
    'cafe\u0301',
    '\ud800',
    'x'.repeat(200),
    'checkpoint',
    'train',
  ],
];
const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== '')); // prettier-ignore
const different = (count: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(name, { minLength: count, maxLength: count });

const TWO_POINTS = { ...LADDER, checkpoints: LADDER.checkpoints.slice(1, 3) };

/** What the study finds with other names for its categories. The extractor knows sets by their own names. */
function study(plan: StudyPlan, rename: (prompt: Prompt) => Prompt): Promise<StudyResults> {
  const store = new MemoryStore();
  const lab = new StudyLab({
    ...SOURCES,
    fetchLadder: () => Promise.resolve(TWO_POINTS),
    readSet: (source) => Promise.resolve(promptsOf(source.kind === 'built-in' ? source.file.replace('.jsonl', '') : '').map(rename)), // prettier-ignore
    store,
    extractors: () => Promise.resolve([new MadeUpExtractor(store)]),
    pin: ({ source }) => Promise.resolve(source.revision),
    storage: () => Promise.resolve(null),
  });
  return lab.run({ plan, provider: 'wasm' }, () => undefined, () => undefined); // prettier-ignore
}

const SMALL: StudyPlan = { ...PLAN, controlRepeats: 2, sweep: true };
const renaming =
  (names: ReadonlyMap<string, string>) =>
  (prompt: Prompt): Prompt => ({
    ...prompt,
    category: prompt.label === 'harmful' ? (names.get(prompt.category) ?? prompt.category) : prompt.category,
  });

/** The numbers, with directions under what they were called before. */
function numbers({ names, checkpoints, ladder, surface }: StudyResults, called: readonly string[]): unknown {
  const back = new Map(names.map((own, index) => [own, called[index] ?? '']));
  const renamed = (_: string, part: unknown): unknown =>
    part instanceof Object && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).map(([key, value]) => [key, key === 'name' || key === 'direction' ? (back.get(String(value)) ?? value) : value])) // prettier-ignore
      : part;
  return JSON.parse(JSON.stringify({ checkpoints, ladder, surface }, renamed));
}

describe('names that a user gives', { timeout: 60_000 }, () => {
  it('make no difference as categories', async () => {
    const plain = await study(SMALL, renaming(new Map()));
    const property = fc.asyncProperty(different(2), async (given) => {
      const [theft = '', violence = ''] = [...given].sort(); // the order of classes moves the draws of the bootstrap
      fc.pre(theft !== 'general' && violence !== 'general'); // which stands for no category
      const results = await study(SMALL, renaming(new Map([['theft', theft], ['violence', violence]]))); // prettier-ignore
      expect(results.names).toHaveLength(3);
      expect(new Set(results.names).size).toBe(3);
      expect(results.failures).toEqual([]);
      expect(results.leftOut).toBeUndefined();
      expect(numbers(results, plain.names)).toEqual(numbers(plain, plain.names));
      expect(parseStudyResults(writeStudyResults(results), 'r.json')).toEqual(results);
    });
    await fc.assert(property, { numRuns: 12, seed: testSeed(1), examples: [[['negative', 'safe']], [['__proto__', 'constructor']], [['category negative', 'negative']], [['a', 'A']], [['caf\u00e9', 'cafe\u0301']]] }); // prettier-ignore
  });

  it('take a category called general for the union, each prompt once', async () => {
    const called = (category: string): Promise<StudyResults> =>
      study(SMALL, (prompt) => (prompt.label === 'harmful' && Number(prompt.id.split('-').at(-1)) % 2 === 0 ? { ...prompt, category } : prompt)); // prettier-ignore
    const [general, other] = [await called('general'), await called('other')];
    expect(general.names).toEqual(['general', 'theft', 'violence']);
    const rows = ({ checkpoints }: StudyResults): unknown => checkpoints.map(({ probes }) => probes.filter(({ direction }) => direction !== 'other')); // prettier-ignore
    expect(rows(general)).toEqual(rows(other));
    const counts = general.checkpoints[0]?.classes.map(({ name: own, count }) => [own, count]);
    expect(counts).toEqual([['negative', 40], ['general', 80], ['theft', 20], ['violence', 20]]); // prettier-ignore
  });

  it('make no difference as sets and tests', async () => {
    const plain = await study(SMALL, renaming(new Map()));
    const aurocs = (results: StudyResults): number[] => results.checkpoints.flatMap(({ probes }) => probes.map(({ auroc }) => auroc)); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(different(4), different(2), async (sets, tests) => {
        // sets keep their order; the extractor goes by the files behind them
        const own = new Map(SMALL.sets.map((set, index) => [set.name, sets[index] ?? '']));
        const renamed = (set: string): string => own.get(set) ?? '';
        const plan: StudyPlan = {
          ...SMALL,
          sets: SMALL.sets.map((set) => ({ ...set, name: renamed(set.name) })),
          train: SMALL.train.map(renamed),
          tests: SMALL.tests.map((test, index) => ({
            ...test,
            name: tests[index] ?? '',
            sets: test.sets.map(renamed),
          })),
          truth: SMALL.truth === null ? null : renamed(SMALL.truth),
        };
        const results = await withPlainNames(plan, own);
        expect(aurocs(results)).toEqual(aurocs(plain));
        expect(results.ladder?.directions.map(({ transfer }) => transfer.map(({ auroc }) => auroc))).toEqual(plain.ladder?.directions.map(({ transfer }) => transfer.map(({ auroc }) => auroc))); // prettier-ignore
      }),
      {
        numRuns: 8,
        seed: testSeed(2),
        examples: [
          [
            ['__proto__', 'a/b', 'a', 'b'],
            ['b/c', 'c'],
          ],
        ],
      },
    );
  });
});

/** The made-up extractor makes activations by a set's name, so it is given those that it knows. */
function withPlainNames(plan: StudyPlan, own: ReadonlyMap<string, string>): Promise<StudyResults> {
  const plain = new Map([...own].map(([from, to]) => [to, from]));
  const store = new MemoryStore();
  const extractor = new MadeUpExtractor(store);
  const lab = new StudyLab({
    ...SOURCES,
    fetchLadder: () => Promise.resolve(TWO_POINTS),
    store,
    extractors: () => Promise.resolve([{ extract: (job, report) => extractor.extract({ ...job, units: job.units.map((unit) => ({ ...unit, name: plain.get(unit.name) ?? unit.name })) }, report), prefetch: () => undefined, stop: () => extractor.stop(), dispose: () => extractor.dispose() }]), // prettier-ignore
    pin: ({ source }) => Promise.resolve(source.revision),
    storage: () => Promise.resolve(null),
  });
  return lab.run({ plan, provider: 'wasm' }, () => undefined, () => undefined); // prettier-ignore
}
