/** Prompts of a plan that the checkpoints of the built-in ladder cannot read: the first of them has room for 256 tokens. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Options } from '../../../cli/command.ts';
import { folderFiles } from '../../../cli/files/folder.ts';
import { readPlan, studySources } from '../../../cli/study/study-files.ts';
import { OlmoTokenizer } from '../../../src/engine/tokens/tokenizer.ts';
import type { StudyPlan } from '../../../src/formats/study/study-plan.ts';
import type { ResolvedStudy } from '../../../src/labs/study/plan/resolved-study.ts';
import { resolveStudy } from '../../../src/labs/study/plan/resolve-study.ts';
import { makeFolder, ROOT, writeRows } from '../../support/run-cli.ts';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const rows = (label: string, texts: readonly string[]): unknown[] =>
  texts.map((text, index) => ({ id: `${label}-${index}`, text, label, category: 'theft', split: 'all' }));
const words = (count: number): string => 'the '.repeat(count).trim();

async function resolve(texts: readonly string[], change: Partial<StudyPlan> = {}): Promise<ResolvedStudy> {
  writeRows(folder, 'rows.jsonl', [...rows('safe', ['Be kind.', ...texts, 'Be fair.']), ...rows('harmful', ['Rob it.', 'Rob her.'])]); // prettier-ignore
  writeRows(folder, 'others.jsonl', [...rows('safe', ['Be glad.']), ...rows('harmful', ['Rob me.'])]);
  const sets = ['Rows', 'Others'].map((name) => ({ name, source: { kind: 'file', path: `${name.toLowerCase()}.jsonl` } as const, part: null })); // prettier-ignore
  const tests = [{ name: 'Others', role: 'in-distribution', sets: ['Others'] } as const];
  const plan = { ...(await readPlan('built-in')), sets, tests, train: ['Rows'], truth: null, ...change };
  return resolveStudy(plan, studySources(folder, new Options({})));
}
const last = (revision: string): Partial<StudyPlan> => ({
  ladder: { kind: 'built-in', id: 'tiny-olmo3', revisions: [revision] },
});

describe('prompts that are too long', () => {
  it('are left out at every checkpoint, and counted', async () => {
    const { sets } = await resolve([words(600), words(100), 'é'.repeat(100)], { template: 'chat' });
    const set = sets.get('Rows');
    expect(set?.tooLong).toBe(1);
    expect(set?.prompts.map(({ text }) => text)).toEqual([
      'Be kind.',
      words(100),
      'é'.repeat(100),
      'Be fair.',
      'Rob it.',
      'Rob her.',
    ]);
    expect(set?.digest).toBe((await resolve([words(100), 'é'.repeat(100)], { template: 'chat' })).sets.get('Rows')?.digest); // prettier-ignore
  });

  it('are counted in the tokens that the checkpoints read, to the last one', async () => {
    const tokenizer = await OlmoTokenizer.open(await folderFiles(join(ROOT, 'public/ladders/tiny-olmo3/Instruct')));
    let full = words(100);
    while (tokenizer.encode(full).length < 256) full += '!';
    const tooLong = async (text: string, change: Partial<StudyPlan>): Promise<number | undefined> =>
      (await resolve([text], { template: 'raw', ...change })).sets.get('Rows')?.tooLong;
    expect(await tooLong(full, {})).toBe(0);
    expect(await tooLong(`${full}!`, {})).toBe(1);
    expect(await tooLong(full, { template: 'chat' })).toBe(1);
    expect(await tooLong(`${full}!`, last('Instruct'))).toBe(0); // which has room for 1,024
  });

  it('do not stand in for a class', async () => {
    writeRows(folder, 'long.jsonl', rows('harmful', [words(600)]));
    const set = { name: 'Long', source: { kind: 'file', path: 'long.jsonl' } as const, part: null };
    const plan = await readPlan('built-in');
    const sets = [...plan.sets, set];
    const tests = [{ name: 'Long', role: 'rewritten', sets: ['Long'] } as const];
    await expect(resolveStudy({ ...plan, sets, tests }, studySources(folder, new Options({})))).rejects.toMatchObject({
      message: 'Every prompt of the set “Long” is longer than the checkpoints’ context.',
    });
  });
});

describe('a test without a class', () => {
  it('is an error that names both', async () => {
    writeRows(folder, 'harms.jsonl', rows('harmful', ['Rob it.']));
    const plan = await readPlan('built-in');
    const sets = [...plan.sets, { name: 'Harms', source: { kind: 'file', path: 'harms.jsonl' } as const, part: null }];
    const tests = [...plan.tests, { name: 'Harms', role: 'out-of-distribution', sets: ['Harms'] } as const];
    await expect(resolveStudy({ ...plan, sets, tests }, studySources(folder, new Options({})))).rejects.toMatchObject({
      message: 'The test “Harms” has no prompt that is safe (label “safe”).',
    });
  });
});
