/** A study goes on whatever one checkpoint, set or test does: that is left out with its reason, and the rest stands as it would without. */
import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { leftOutLines } from '../../../../src/findings/left-out.ts';
import type { StudyPlan } from '../../../../src/formats/study/study-plan.ts';
import { parseStudyResults, writeStudyResults } from '../../../../src/formats/study/study-results-file.ts';
import type { StudyResults } from '../../../../src/formats/study/study-results.ts';
import { findingsOf, limitsOf } from '../../../../src/findings/findings.ts';
import { StudyLab, type StudyLabParts } from '../../../../src/labs/study/study-lab.ts';
import { MadeUpExtractor } from '../../../support/made-up-extractor.ts';
import { HIDDEN, MemoryStore, PLAN, SOURCES } from '../../../support/made-up-study.ts';

type Edit = (values: Float32Array, set: string, hidden: number) => void;

function lab(store: MemoryStore, edits: Readonly<Record<string, Edit>> = {}, others: Partial<StudyLabParts> = {}) {
  const extractor = new MadeUpExtractor(store);
  extractor.edit = ({ label }, { name }, values) => edits[label]?.(values, name, HIDDEN);
  const study = new StudyLab({
    ...SOURCES,
    store,
    extractors: () => Promise.resolve([extractor]),
    pin: ({ source }) => Promise.resolve(source.revision),
    storage: () => Promise.resolve(null),
    ...others,
  });
  const run = (plan: StudyPlan = PLAN): Promise<StudyResults> =>
    study.run({ plan, provider: 'wasm' }, () => undefined, () => undefined); // prettier-ignore
  return { study, extractor, run };
}

const constant: Edit = (values) => values.forEach((_, place) => (values[place] = 0.1 * (1 + (place % HIDDEN))));
const nan: Edit = (values) => (values[5] = NaN);
const infinite: Edit = (values) => (values[HIDDEN + 1] = Infinity);
const only =
  (set: string, edit: Edit): Edit =>
  (values, name, hidden) => {
    if (name === set) edit(values, name, hidden);
  };

const numbersAt = (results: StudyResults, point: number): unknown =>
  results.checkpoints.find((one) => one.point === point);

/** Whatever is left out, every page, the report and the file can deal with the results. */
function isWhole(results: StudyResults): void {
  const read = parseStudyResults(writeStudyResults(results), 'results.json');
  expect(read).toEqual(results);
  const found = findingsOf(results);
  expect(found.flatMap(({ numbers }) => numbers.map(({ value }) => value)).every(Number.isFinite)).toBe(true);
  const said = found.flatMap(({ because, numbers }) => [because, ...numbers.map(({ what }) => what)]);
  expect(said.join(' ')).not.toMatch(/NaN|undefined|Infinity/);
  expect(limitsOf(results).join(' ')).not.toMatch(/undefined|\.\.|: *$/);
}

describe('one bad checkpoint', { timeout: 60_000 }, () => {
  it.each([
    ['the same activation for every prompt', constant, 'same mean activation'],
    ['NaN', nan, 'NaN'],
    ['infinity', infinite, 'Infinity'],
  ] as const)('is left out, wherever it stands: %s', async (_, edit, reason) => {
    const whole = await lab(new MemoryStore()).run();
    for (const [point, label] of ['step0', 'step10', 'SFT', 'Instruct'].entries()) {
      const store = new MemoryStore();
      const results = await lab(store, { [label]: edit }).run();
      const others = [0, 1, 2, 3].filter((other) => other !== point);
      expect(results.checkpoints.map((checkpoint) => checkpoint.point)).toEqual(others);
      for (const other of others) expect(numbersAt(results, other)).toEqual(numbersAt(whole, other));
      expect(results.failures).toMatchObject([{ point, message: expect.stringContaining(reason) as string }]);
      expect(results.ladder?.directions[0]?.cosines).toHaveLength(3);
      expect(results.ladder?.drift[0]?.distances).toHaveLength(2);
      expect(leftOutLines(results)[0]).toMatchObject({ where: label });
      isWhole(results);
      const again = lab(store, { [label]: edit });
      expect(await again.run()).toEqual(results);
      expect(again.extractor.worked).toEqual([]);
      expect((await again.study.kept())?.complete).toBe(true);
      expect((await again.study.exportDirections(PLAN)).length).toBeGreaterThan(0);
    }
  });

  it('lets the one before it choose the layer', async () => {
    const auto: StudyPlan = { ...PLAN, layer: 'auto' };
    for (const edit of [constant, nan]) {
      const one = lab(new MemoryStore(), { Instruct: edit });
      one.extractor.layersEdited = 'all';
      const results = await one.run(auto);
      expect(results.layer).toMatchObject({ layer: 1, point: 2 });
      expect(results.checkpoints.map(({ point }) => point)).toEqual([0, 1, 2]);
      expect(limitsOf(results).join(' ')).toContain('chosen by AUROC on SFT');
      isWhole(results);
    }
    const unread = lab(new MemoryStore());
    unread.extractor.beforeUnit = ({ label }) => {
      if (label === 'Instruct') throw new LabError('format', 'model.safetensors is cut short.', 'Fetch it again.');
    };
    const results = await unread.run(auto);
    expect(results.layer).toMatchObject({ layer: 1, point: 2 });
    expect(results.failures).toMatchObject([{ point: 3, message: 'model.safetensors is cut short.' }]);
  });

  it('of another width is left out before anything is extracted', async () => {
    const { run, extractor } = lab(new MemoryStore(), {}, {
      shape: ({ point }) => Promise.resolve({ layers: 3, hidden: point.stage === 'instruct' ? 8 : HIDDEN, room: 1024 }),
    }); // prettier-ignore
    const results = await run();
    expect(results.checkpoints.map(({ point }) => point)).toEqual([0, 1, 2]);
    expect(results.failures).toMatchObject([{ point: 3, message: expect.stringContaining('8 dimensions') as string }]);
    expect(extractor.worked.some((unit) => unit.startsWith('Instruct'))).toBe(false);
  });

  it('whatever it throws, and a revision that cannot be found, is left out', async () => {
    const { run, extractor } = lab(new MemoryStore());
    extractor.beforeUnit = ({ label }) => {
      if (label === 'SFT') throw new RangeError('Invalid typed array length: -1');
    };
    const results = await run();
    expect(results.failures).toMatchObject([{ point: 2, message: expect.stringContaining('Invalid typed array length') as string }]); // prettier-ignore
  });

  it('are all of them bad, each is named, and nothing is tried for ever', async () => {
    for (const plan of [PLAN, { ...PLAN, layer: 'auto' } as const]) {
      const store = new MemoryStore();
      const all = { step0: nan, step10: constant, SFT: infinite, Instruct: nan };
      const { run, study, extractor } = lab(store, all);
      extractor.layersEdited = 'all';
      const results = await run(plan);
      expect(results.checkpoints).toEqual([]);
      expect(results.ladder).toBeNull();
      expect(results.failures.map(({ point }) => point)).toEqual([0, 1, 2, 3]);
      expect((await study.kept())?.results).toEqual(results);
      isWhole(results);
    }
  });

  it('ends the study where the disk is full, which is not a checkpoint’s fault', async () => {
    const { run, extractor } = lab(new MemoryStore());
    extractor.beforeUnit = ({ label }) => {
      if (label === 'SFT') throw new LabError('storage', 'The disk is full.', 'Free some.');
    };
    await expect(run()).rejects.toMatchObject({ code: 'storage' });
  });
});

describe('one bad part of a checkpoint', { timeout: 60_000 }, () => {
  it('a test is left out there, and named', async () => {
    const whole = await lab(new MemoryStore()).run();
    const results = await lab(new MemoryStore(), { SFT: only('rewritten', nan) }).run();
    const at = results.checkpoints[2];
    expect(at?.probes.some(({ test }) => test === 'Rewritten')).toBe(false);
    expect(at?.probes.filter(({ test }) => test === 'In distribution')).toEqual(whole.checkpoints[2]?.probes.filter(({ test }) => test === 'In distribution')); // prettier-ignore
    expect(leftOutLines(results)).toMatchObject([{ where: 'SFT', text: expect.stringMatching(/on “Rewritten”: .*NaN/) as string }]); // prettier-ignore
    const transfer = results.ladder?.directions[0]?.transfer.find(({ test }) => test === 'Rewritten')?.auroc ?? [];
    expect(transfer.map((row) => row[2])).toEqual([NaN, NaN, NaN, NaN]);
    expect(transfer[0]?.[0]).toBe(whole.ladder?.directions[0]?.transfer.find(({ test }) => test === 'Rewritten')?.auroc[0]?.[0]); // prettier-ignore
    expect(results.ladder?.jumps.filter(({ test }) => test === 'Rewritten')).toHaveLength(3);
    isWhole(results);
  });

  it('statements, which leaves the controls on truth out', async () => {
    const results = await lab(new MemoryStore(), { SFT: only('truth', nan) }).run();
    expect(results.checkpoints[2]?.controls.map(({ control }) => control)).not.toContain('truth');
    expect(leftOutLines(results)).toMatchObject([{ where: 'SFT', text: expect.stringContaining('the controls on truth on “truth”') as string }]); // prettier-ignore
    isWhole(results);
  });

  it('a category that lies where the other class does has no direction there', async () => {
    const asSafe: Edit = (values) => {
      const size = 40 * HIDDEN; // prompts that are safe, then those of theft
      values.copyWithin(size, 0, size);
    };
    const whole = await lab(new MemoryStore()).run();
    const results = await lab(new MemoryStore(), { SFT: only('train', asSafe) }).run();
    const at = results.checkpoints[2];
    expect(at?.probes.some(({ direction }) => direction === 'theft')).toBe(false);
    expect(at?.probes.filter(({ direction }) => direction === 'violence').length).toBe(whole.checkpoints[2]?.probes.filter(({ direction }) => direction === 'violence').length); // prettier-ignore
    expect(at?.cosines.map((row) => row[1])).toEqual([NaN, NaN, NaN]);
    expect(results.ladder?.directions[1]?.cosines[2]).toEqual([NaN, NaN, NaN, NaN]);
    expect(results.ladder?.directions[1]?.transfer[0]?.auroc[2]).toEqual([NaN, NaN, NaN, NaN]);
    expect(results.ladder?.jumps.filter(({ direction }) => direction === 'theft').length).toBeLessThan(whole.ladder?.jumps.filter(({ direction }) => direction === 'theft').length ?? 0); // prettier-ignore
    expect(leftOutLines(results)[0]).toMatchObject({
      where: 'SFT',
      text: expect.stringContaining('of theft') as string,
    });
    isWhole(results);
  });
});

describe('what would only fail after all extraction', () => {
  const refused = async (prompts: (set: string) => object[], problem: string, plan = PLAN): Promise<void> => {
    const { study, run, extractor } = lab(new MemoryStore(), {}, {
      readSet: (source) => Promise.resolve(prompts(source.kind === 'built-in' ? source.file.replace('.jsonl', '') : '') as never), // prettier-ignore
    }); // prettier-ignore
    await expect(study.outline(plan)).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining(problem) as string }); // prettier-ignore
    await expect(run(plan)).rejects.toMatchObject({ message: expect.stringContaining(problem) as string });
    expect(extractor.worked).toEqual([]);
  };
  const row = (text: string, label: string, category = label): object => ({
    id: text,
    text,
    label,
    category,
    split: 'x',
  });
  const test = [row('c', 'harmful'), row('d', 'safe')];
  const truth = [row('t', 'true'), row('f', 'false')];
  const sets =
    (train: object[], others: Readonly<Record<string, object[]>> = {}) =>
    (set: string): object[] =>
      others[set] ?? (set === 'train' ? train : set === 'truth' ? truth : test);

  it('is refused before it starts', async () => {
    const pair = [row('a', 'harmful'), row('b', 'harmful'), row('e', 'safe'), row('f', 'safe')];
    await refused(sets([row('a', 'harmful'), row('b', 'safe'), row('e', 'safe')]), 'only one prompt that is harmful');
    await refused(sets([row('a', 'harmful'), row('b', 'harmful'), row('e', 'safe')]), 'only one prompt that is safe');
    await refused(sets([row('a', 'harmful'), row('a', 'safe'), row('a', 'safe'), row('a', 'harmful')]), 'the same texts'); // prettier-ignore
    await refused(sets([...pair, row('e', 'harmful', 'x'), row('f', 'harmful', 'x')]), '“x” have the same texts');
    await refused(sets(pair, { test: [row('d', 'safe')] }), 'The test “In distribution” has no prompt that is harmful');
    await refused(sets(pair, { truth: [row('t', 'true')] }), 'no statement that is false');
  });

  it('is a layer that the checkpoints lack', async () => {
    const { study, run } = lab(new MemoryStore());
    await expect(study.outline({ ...PLAN, layer: 3 })).rejects.toMatchObject({ message: expect.stringContaining('have 3 layers') as string }); // prettier-ignore
    await expect(run({ ...PLAN, layer: 3 })).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('is a set that is read twice for one purpose, under whatever names', async () => {
    const twin = { ...PLAN.sets[0], name: 'twin' } as StudyPlan['sets'][number];
    const part = (from: number, to: number) => ({ seed: 1, from, to });
    const plan: StudyPlan = { ...PLAN, sets: [...PLAN.sets, twin], train: ['train', 'twin'] };
    await expect(lab(new MemoryStore()).study.outline(plan)).rejects.toMatchObject({ message: expect.stringContaining('“train” and “twin” contain the same prompts') as string }); // prettier-ignore
    const parts = (one: object, other: object): StudyPlan => ({
      ...plan,
      sets: plan.sets.map((set) => (set.name === 'train' ? { ...set, part: one } : set.name === 'twin' ? { ...set, part: other } : set) as typeof set), // prettier-ignore
    });
    await expect(lab(new MemoryStore()).study.outline(parts(part(0, 0.6), part(0.5, 1)))).rejects.toThrow(
      'count twice',
    );
    await expect(lab(new MemoryStore()).study.outline(parts(part(0, 0.5), part(0.5, 1)))).resolves.toBeDefined();
    await expect(lab(new MemoryStore()).study.outline({ ...PLAN, train: ['train', 'train'] })).rejects.toThrow('twice');
    const files = (one: string, other: string, ...both: [object, object]): StudyPlan => ({
      ...parts(...both),
      sets: parts(...both).sets.map((set) => (set.name === 'train' || set.name === 'twin' ? { ...set, source: { kind: 'file', path: set.name === 'train' ? one : other } } : set)), // prettier-ignore
    });
    const rows = [row('a', 'harmful'), row('b', 'harmful'), row('e', 'safe'), row('f', 'safe')];
    const read = (copy: object[]) =>
      lab(new MemoryStore(), {}, {
        readSet: (source) => Promise.resolve((source.kind === 'file' ? (source.path.endsWith('copy.jsonl') ? copy : rows) : source.kind === 'built-in' ? sets(rows)(source.file.replace('.jsonl', '')) : []) as never), // prettier-ignore
      }).study; // prettier-ignore
    const whole = part(0, 1);
    await expect(read(rows).outline(files('a.jsonl', 'x/.././a.jsonl', part(0, 0.9), part(0.1, 1)))).rejects.toThrow('count twice'); // prettier-ignore
    await expect(read([...rows].reverse()).outline(files('a.jsonl', 'copy.jsonl', whole, whole))).rejects.toThrow('count twice'); // prettier-ignore
    await expect(read([...rows, row('g', 'safe')]).outline(files('a.jsonl', 'copy.jsonl', whole, whole))).rejects.toThrow('count twice'); // prettier-ignore
    await expect(read([row('a', 'safe'), row('b', 'safe')]).outline(files('a.jsonl', 'copy.jsonl', whole, whole))).resolves.toBeDefined(); // prettier-ignore
  });
});
