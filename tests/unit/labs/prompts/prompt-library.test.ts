import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { GUESS_LABELS } from '../../../../src/formats/prompts/label-decision.ts';
import type { PromptSetRef } from '../../../../src/formats/prompts/saved-prompt-set.ts';
import { parsePromptSet, type Prompt } from '../../../../src/formats/prompts/prompt-set.ts';
import { GUESS_LAYOUT } from '../../../../src/formats/tables/guess-table-layout.ts';
import { OwnPromptSets } from '../../../../src/sources/own-prompt-sets.ts';
import { PromptLibrary } from '../../../../src/labs/prompts/prompt-library.ts';
import type { ImportRequest, PromptProgress, SetOutline } from '../../../../src/labs/prompts/prompt-messages.ts';
import type { RowQuery } from '../../../../src/labs/prompts/prompt-rows.ts';
import { MemoryListedStore } from '../../../support/memory-listed-store.ts';

const quiet = (): void => undefined;
const ALL: RowQuery = { search: '', label: null, category: null, split: null, offset: 0, limit: 50 };

const BUILT_IN: Readonly<Record<string, readonly Prompt[]>> = {
  'test.jsonl': [{ id: 't-1', text: 'Mend a dress.', label: 'safe', category: 'safe', split: 'test' }],
  'rewritten.jsonl': [
    { id: 'r-1', text: 'Patch a gown.', label: 'safe', category: 'safe', split: 'rewritten', rewriteOf: 't-1' },
  ],
};

function makeLibrary(store = new MemoryListedStore()): PromptLibrary {
  return new PromptLibrary({
    own: new OwnPromptSets(store),
    builtInFiles: () => Promise.resolve(Object.keys(BUILT_IN)),
    builtInSet: (file) => Promise.resolve(BUILT_IN[file] ?? []),
    recipes: () => Promise.resolve([]),
    openPublished: () => Promise.reject(new Error('nothing is asked of the Hub here')),
    fileSource: (file) => ({
      ...bytesSource(file.name, new Uint8Array()),
      byteLength: file.size,
      slice: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
    }),
  });
}

const CSV = [
  'prompt,label,topic',
  'How do I mend a dress?,safe,home',
  '"=HYPERLINK(""http://x.invalid"")",safe,cells',
  '<img src=x onerror=alert(1)>,unsafe,cells',
  'how do I MEND a dress,unsafe,home',
  ',safe,home',
].join('\n');

async function importRequest(library: PromptLibrary, name: string, text: string): Promise<ImportRequest> {
  const file = new File([text], name);
  const { layout, mapping: proposed } = await library.sample({ file, choice: GUESS_LAYOUT });
  const { mapping } = await library.decideLabels({ file, layout, mapping: proposed, labels: GUESS_LABELS });
  return { file, layout, mapping, name, concept: null };
}

async function importText(library: PromptLibrary, name: string, text: string): Promise<SetOutline> {
  return library.importFile(await importRequest(library, name, text), quiet);
}

const idOf = ({ ref }: SetOutline): string => (ref.kind === 'own' ? ref.id : '');
const texts = async (library: PromptLibrary, ref: PromptSetRef): Promise<string[]> =>
  (await library.rows(ref, ALL)).rows.map(({ text }) => text);

describe('an import', () => {
  it('is sampled, shown, counted and then kept, every cell as text', async () => {
    const library = makeLibrary();
    const request = await importRequest(library, 'mine.csv', CSV);
    const preview = await library.preview(request);
    expect(preview[1]).toMatchObject({ row: 3, kind: 'prompt', text: '=HYPERLINK("http://x.invalid")', label: 'safe' });
    expect(preview[4]).toMatchObject({ row: 6, kind: 'left-out', reason: 'no-text' });
    const progress: PromptProgress[] = [];
    const count = await library.count(request, (step) => progress.push(step));
    expect(count).toMatchObject({ rows: 5, prompts: 4, leftOut: { 'no-text': 1, filtered: 0 }, doubled: 1 });
    expect(progress[0]).toMatchObject({ phase: 'reading', done: CSV.length, total: CSV.length, rows: 5 });
    expect(await library.own()).toEqual([]); // nothing is kept by counting
    const { ref, origin } = await library.importFile(request, quiet);
    expect(origin).toBe('mine.csv');
    expect((await library.rows(ref, { ...ALL, label: 'harmful' })).rows).toMatchObject([
      { id: 'mine-4', text: '<img src=x onerror=alert(1)>', category: 'cells' },
      { id: 'mine-5', category: 'home' },
    ]);
    expect((await library.rows(ref, { ...ALL, search: 'mend A', offset: 1 })).found).toBe(2);
  });

  it('of what was exported is the same set', async () => {
    const library = makeLibrary();
    const first = await importText(library, 'mine.csv', CSV);
    const lines = await library.exportSet(first.ref, 'jsonl');
    const again = await importText(library, 'other.jsonl', await lines.text());
    expect(again.ref).toEqual(first.ref);
    expect(parsePromptSet('x', await lines.text())).toHaveLength(4);
  });

  it('stops where it is asked to, and leaves what is there', async () => {
    const library = makeLibrary();
    await importText(library, 'mine.csv', CSV);
    const rows = Array.from({ length: 300_000 }, (_, index) => `How do I do ${index}?,safe,x`).join('\n');
    const request = await importRequest(library, 'large.csv', `prompt,label,topic\n${rows}`);
    const importing = library.importFile(request, () => void library.interrupt());
    await expect(importing).rejects.toMatchObject({ code: 'interrupted' });
    expect((await library.own()).map(({ name }) => name)).toEqual(['mine.csv']);
  });

  it('that finds the disk full leaves what is there', async () => {
    const store = new MemoryListedStore();
    const library = makeLibrary(store);
    await importText(library, 'mine.csv', CSV);
    store.isFull = true;
    await expect(importText(library, 'other.csv', `${CSV}\nOne more.,safe,x`)).rejects.toMatchObject({ code: 'storage' }); // prettier-ignore
    store.isFull = false;
    expect((await library.own()).map(({ name }) => name)).toEqual(['mine.csv']);
  });
});

describe('duplicates', () => {
  it('are told with what they double, other labels first, and go with an undo', async () => {
    const library = makeLibrary();
    const { ref, ...outline } = await importText(library, 'mine.csv', CSV);
    const report = await library.duplicates(ref, null, 'near', quiet);
    expect(report).toMatchObject({ prompts: 4, duplicates: 1, acrossLabels: 1, acrossSplits: 0 });
    expect(report.groups).toMatchObject([{ kept: { id: 'mine-2' }, others: [{ prompt: { id: 'mine-5' }, isExact: true }] }]); // prettier-ignore
    const smaller = await library.removeDuplicates(idOf({ ref, ...outline }), 'exact', quiet);
    expect(await texts(library, smaller.ref)).toHaveLength(3);
    expect((await library.own()).map(({ prompts }) => prompts)).toEqual([3]);
    await library.undo();
    expect((await library.own()).map(({ prompts, name }) => [prompts, name])).toEqual([[4, 'mine.csv']]);
  });

  it('between two sets are told of the second', async () => {
    const library = makeLibrary();
    const { ref } = await importText(library, 'mine.csv', CSV);
    const other = await importText(library, 'other.csv', 'prompt,label\nHow do I mend a dress!,safe\nNew.,safe\n');
    const report = await library.duplicates(ref, other.ref, 'exact', quiet);
    expect(report).toMatchObject({ prompts: 2, duplicates: 1 });
    expect(report.groups[0]?.others[0]?.prompt.id).toBe('other-2');
  });
});

describe('sets', () => {
  it('that are shipped show each rewrite beside its source', async () => {
    const library = makeLibrary();
    expect((await library.builtIn()).map(({ name, prompts }) => [name, prompts])).toEqual([['test', 1], ['rewritten', 1]]); // prettier-ignore
    const rewritten = await library.rows({ kind: 'built-in', file: 'rewritten.jsonl' }, ALL);
    expect(rewritten.rows[0]?.source).toBe('Mend a dress.');
    const test = await library.rows({ kind: 'built-in', file: 'test.jsonl' }, ALL);
    expect(test.rows[0]?.rewrites).toEqual(['Patch a gown.']);
  });

  it('are made of accepted rewrites, labelled as their sources', async () => {
    const library = makeLibrary();
    const source = { kind: 'built-in', file: 'test.jsonl' } as const;
    const request = { source, name: 'again', model: 'a model', rewrites: [{ id: 't-1', text: 'Darn a frock.' }] };
    const { ref } = await library.keepRewrites(request);
    expect((await library.rows(ref, ALL)).rows).toEqual([
      {
        ...{ id: 't-1-rewritten', text: 'Darn a frock.', label: 'safe', category: 'safe', split: 'test-rewritten' },
        ...{ rewriteOf: 't-1', source: 'Mend a dress.', rewrites: [] },
      },
    ]);
    expect((await library.rows(source, ALL)).rows[0]?.rewrites).toEqual(['Darn a frock.', 'Patch a gown.']);
  });

  it('are renamed, removed and brought back', async () => {
    const library = makeLibrary();
    const outline = await importText(library, 'mine.csv', CSV);
    expect((await library.rename(idOf(outline), '  Mine ')).name).toBe('Mine');
    await expect(library.rename(idOf(outline), ' ')).rejects.toMatchObject({ code: 'bad-request' });
    await library.remove(idOf(outline));
    expect(await library.own()).toEqual([]);
    await library.undo();
    expect((await library.own()).map(({ name }) => name)).toEqual(['Mine']);
  });

  it('go out as CSV without formulas', async () => {
    const library = makeLibrary();
    const { ref } = await importText(library, 'mine.csv', CSV);
    const file = await library.exportSet(ref, 'csv');
    expect(file.name).toBe('mine.csv.csv');
    expect(await file.text()).toContain('"\'=HYPERLINK(""http://x.invalid"")"');
  });
});
