/** Tests that read what is trained on, and prompts that count twice: counted and said. */
import { describe, expect, it } from 'vitest';
import { sharedLines } from '../../../../../src/findings/shared-prompts.ts';
import { limitsOf } from '../../../../../src/findings/findings.ts';
import type { Prompt } from '../../../../../src/formats/prompts/prompt-set.ts';
import type { StudyPlan } from '../../../../../src/formats/study/study-plan.ts';
import { parseStudyResults, writeStudyResults } from '../../../../../src/formats/study/study-results-file.ts';
import type { SharedPrompts, StudyResults } from '../../../../../src/formats/study/study-results.ts';
import { emptyResults } from '../../../../../src/labs/study/analysis/study-analysis.ts';
import { resolveStudy } from '../../../../../src/labs/study/plan/resolve-study.ts';
import { reportFacts } from '../../../../../src/views/report/report-facts.ts';
import type { ReadSet } from '../../../../../src/labs/study/plan/study-sets.ts';
import { PLAN, SOURCES } from '../../../../support/made-up-study.ts';

const rows = (label: Prompt['label'], texts: string): Prompt[] =>
  texts.split(' ').map((text) => ({ id: text, text, label, category: label, split: 'x' }));
const both = (harmful: string, safe: string): Prompt[] => [...rows('harmful', harmful), ...rows('safe', safe)];
const TRAIN = both('h1 h2 h3 h4', 's1 s2 s3 s4');

interface Change {
  readonly train?: readonly string[];
  readonly tests?: readonly (readonly string[])[]; // sets of each
  readonly parts?: Readonly<Record<string, readonly [from: number, to: number]>>;
}

/** Sets by name, or by the file that a set `name:file` reads. */
async function study(
  files: Readonly<Record<string, Prompt[]>>,
  { train = ['train'], tests = [['test']], parts = {} }: Change = {},
): Promise<StudyResults> {
  const names = [...new Set([...train, ...tests.flat()])];
  const plan: StudyPlan = {
    ...PLAN,
    sets: names.map((name) => {
      const part = parts[name];
      return {
        name,
        source: { kind: 'file', path: name.split(':').at(-1) ?? '' },
        part: part === undefined ? null : { seed: 1, from: part[0], to: part[1] },
      };
    }),
    train,
    tests: tests.map((sets, index) => ({ name: `T${index}`, role: 'in-distribution', sets })),
    truth: null,
  };
  const readSet: ReadSet = (source) => Promise.resolve(source.kind === 'file' ? (files[source.path] ?? []) : []);
  return emptyResults(await resolveStudy(plan, { ...SOURCES, readSet }));
}

describe('a test that holds nothing out', () => {
  it.each<[string, Record<string, Prompt[]>, Change]>([
    ['the same set', {}, { tests: [['train']] }],
    ['the same file and part under another name', {}, { train: ['a:train'], tests: [['b:train']], parts: { 'a:train': [0, 0.7], 'b:train': [0, 0.7] } }], // prettier-ignore
    ['a part of what is trained on', {}, { tests: [['b:train']], parts: { 'b:train': [0.3, 1] } }],
    ['a copy in another order', { test: [...TRAIN].reverse() }, {}],
    [
      'a copy with other blanks and line ends',
      { test: TRAIN.map((one) => ({ ...one, text: ` ${one.text}\r\n` })) },
      {},
    ],
    ['some of them', { test: both('h2 h3', 's1') }, {}],
    ['some of them with other labels', { test: both('s2 s3', 'h1') }, {}],
    ['several training sets', { more: both('h5', 's5') }, { train: ['train', 'more'], tests: [['more', 'train']] }],
  ])('is counted whole: %s', async (_, files, change) => {
    const { shared = [] } = await study({ train: TRAIN, ...files }, change);
    const found = shared.find(({ kind, test }) => kind === 'trained-on' && test === 'T0');
    expect(found?.of).toBeGreaterThan(0);
    expect(found?.prompts).toBe(found?.of);
  });

  it('is not a part that is held out', async () => {
    const parts = { 'a:train': [0, 0.5], 'b:train': [0.5, 1] } as const;
    const train = both('h1 h2 h3 h4 h5 h6 h7 h8', 's1 s2 s3 s4 s5 s6 s7 s8');
    expect((await study({ train }, { train: ['a:train'], tests: [['b:train']], parts })).shared).toBeUndefined();
  });
});

describe('prompts that a test shares with training', () => {
  const trained = (sets: string[], prompts: number, of: number, otherLabel = 0): SharedPrompts => ({ kind: 'trained-on', test: 'T0', sets, prompts, of, otherLabel }); // prettier-ignore

  it.each<[string, Prompt[], SharedPrompts]>([
    ['of one class', both('h9 h8', 's1 s2 s9'), trained(['test', 'train'], 2, 5)],
    ['all of one class', both('h9', 's1 s2 s3 s4'), trained(['test', 'train'], 4, 5)],
    ['with another label', both('h9 s1', 's9 h1 s2'), trained(['test', 'train'], 3, 5, 2)],
    ['with other blanks', [...both('h9', 's9'), ...rows('safe', 's1').map((one) => ({ ...one, text: '\ts1 \n' }))], trained(['test', 'train'], 1, 3)], // prettier-ignore
  ])('are counted: %s', async (_, test, expected) => {
    expect((await study({ train: TRAIN, test })).shared).toEqual([expected]);
  });

  it('are told of a set once that is both trained on and tested with others', async () => {
    const { shared } = await study({ train: TRAIN, test: both('h9', 's9') }, { tests: [['test', 'train']] });
    expect(shared).toEqual([trained(['train'], 8, 10)]);
  });

  it('are the same however their characters are encoded', async () => {
    const train = [...TRAIN, ...rows('harmful', 'caf\u00e9')];
    expect((await study({ train, test: both('cafe\u0301 h9', 's9') })).shared).toEqual([trained(['test', 'train'], 1, 3)]); // prettier-ignore
  });

  it('are told of the sets that hold them, and of that test alone', async () => {
    const files = { train: TRAIN, more: both('h5', 's5'), test: both('h9', 's9'), other: both('h5 h7', 's7') };
    const { shared } = await study(files, { train: ['train', 'more'], tests: [['test', 'other'], ['test']] });
    expect(shared).toEqual([trained(['other', 'more'], 1, 5)]);
  });

  it('are those of parts that overlap, or that were drawn with another seed', async () => {
    const change = { train: ['a:train'], tests: [['b:train']], parts: { 'a:train': [0, 0.6], 'b:train': [0.4, 1] } as const }; // prettier-ignore
    const train = both(Array.from({ length: 40 }, (_, index) => `h${index}`).join(' '), Array.from({ length: 40 }, (_, index) => `s${index}`).join(' ')); // prettier-ignore
    const { shared, sets } = await study({ train }, change);
    const counts = sets.map((set) => set.counts.reduce((sum, { prompts }) => sum + prompts, 0));
    expect(shared).toEqual([trained(['b:train', 'a:train'], (counts[0] ?? 0) + (counts[1] ?? 0) - train.length, counts[1] ?? 0)]); // prettier-ignore
  });

  it('are none where no text is there twice', async () => {
    expect(await study({ train: TRAIN, test: both('h9', 's9') })).not.toHaveProperty('shared');
  });
});

describe('prompts that are read twice for one purpose', () => {
  it('are counted in several sets and within one', async () => {
    const files = { train: TRAIN, more: both('h4 h5 h5', 's1 s5'), test: [...both('h9 h9 h8', 's9'), ...rows('safe', 'h8')] }; // prettier-ignore
    expect((await study(files, { train: ['train', 'more'] })).shared).toEqual([
      { kind: 'repeated', test: null, sets: ['train', 'more'], prompts: 3, of: 13, otherLabel: 0 },
      { kind: 'repeated', test: 'T0', sets: ['test'], prompts: 2, of: 5, otherLabel: 1 },
    ]);
  });

  it('are refused where a set is wholly in another, whatever blanks are around its prompts', async () => {
    const copy = TRAIN.slice(1).map((one) => ({ ...one, text: `${one.text} ` }));
    const change = { train: ['train', 'copy'] };
    await expect(study({ train: TRAIN, copy, test: both('h9', 's9') }, change)).rejects.toThrow('count twice');
  });
});

describe('what is said of them', () => {
  it('is said first among the limits, in the facts of the report and in the file of the results', async () => {
    const results = await study({ train: [...TRAIN, ...rows('safe', 's4')], test: both('h9', 's1 s2 h3') });
    const lines = [
      'Test “T0”: 3 of its 4 prompts are also in training, 1 of them with a different label (in “test”, “train”), so its numbers are not held-out results.',
      'Training: 1 of 9 prompts repeats the text of another (in “train”) and counts twice, so intervals are too narrow.',
    ];
    expect(sharedLines(results.shared ?? [])).toEqual(lines);
    expect(limitsOf(results).slice(0, 2)).toEqual(lines);
    expect(reportFacts(results).find(([what]) => what === 'Test: T0')?.[1]).toContain(
      '3 of 4 prompts also in training',
    );
    expect(parseStudyResults(writeStudyResults(results), 'r.json')).toEqual(results);
  });
});
