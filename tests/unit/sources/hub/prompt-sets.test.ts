/** A prompt set through its recipe, from a server that speaks the Hub's protocol to labelled prompts in the store. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/sampling/random.ts';
import type { PromptRecipe } from '../../../../src/formats/prompts/prompt-recipe.ts';
import { openPublishedFiles } from '../../../../src/sources/hub/prompt-sets.ts';
import type { HubOptions } from '../../../../src/sources/hub/hub-fetch.ts';
import { promptLines } from '../../../../src/formats/prompts/prompt-set.ts';
import { readPublishedPromptSet, type PublishedOptions, type PublishedPromptSet } from '../../../../src/labs/prompts/published-prompt-set.ts'; // prettier-ignore
import { startHubServer, type HubServer } from '../../../hub-server/hub-server.ts';
import { birdRecipe } from '../../../support/bird-recipe.ts';
import { IMPATIENT } from '../../../support/impatient.ts';

const PARQUET = new Uint8Array(readFileSync(join(import.meta.dirname, '../../../fixtures/parquet/pairs.parquet')));
const CSV = 'question,tone,bird\nWhat does a wren eat?,kind,troglodytes\nWho cares for owls?,rude,owl\n';
const LARGE_ROWS = 20_000;
const LARGE = 'data/large.parquet';
const TOKEN = 'hf_of-the-hub';

/** Prompts and labels of a few hundred kilobytes beside answers of megabytes, in row groups of 1,000 as the Hub converts them. */
function largeTable(): Uint8Array {
  const random = createRandom(1);
  const word = (): string => Math.floor(random() * 2 ** 32).toString(36);
  const column = (make: (row: number) => string): string[] => Array.from({ length: LARGE_ROWS }, (_, row) => make(row));
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'question', data: column((row) => `What is ${row % 5000} and one?`) },
      { name: 'answer', data: column(() => Array.from({ length: 60 }, word).join(' ')) },
      { name: 'tone', data: column((row) => (row % 2 === 0 ? 'kind' : 'rude')) },
      { name: 'bird', data: column((row) => `bird ${row % 7}`) },
    ],
    rowGroupSize: 1000,
  });
  return new Uint8Array(bytes);
}

let server: HubServer;
let hub: HubOptions;
const large = largeTable();

beforeAll(async () => {
  const main = {
    'data/birds.csv': CSV,
    'data/more.csv': CSV.replaceAll('wren', 'lark'),
    'README.md': 'x',
    [LARGE]: large,
  };
  server = await startHubServer([
    { id: 'lab/birds', type: 'dataset', branches: { main, 'refs/convert/parquet': { 'default/pairs/0000.parquet': PARQUET } } },
  ]); // prettier-ignore
  hub = { fetch, hubUrl: server.url, limits: IMPATIENT };
});
beforeEach(() => {
  server.faults.clear();
  server.traffic.clear();
});
afterAll(() => server.close());

const source = (changes: object): object => ({ source: { kind: 'hub', repo: 'lab/birds', revision: 'main', files: ['data/*.csv'], ...changes } }); // prettier-ignore
const fromUrl = (sha256?: string): PromptRecipe =>
  birdRecipe({ source: { kind: 'url', files: [{ url: `${server.url}/datasets/lab/birds/resolve/main/data/birds.csv`, sha256 }] } }); // prettier-ignore

async function read(recipe: PromptRecipe, options: Partial<PublishedOptions> = {}): Promise<PublishedPromptSet> {
  const { signal } = options;
  return readPublishedPromptSet(recipe, await openPublishedFiles(recipe, { ...hub, ...(signal && { signal }) }), { seed: 0, ...options }); // prettier-ignore
}

/** What IndexedDB does, in memory. */
function memoryStore(): { get(key: string): Promise<unknown>; set(key: string, value: unknown): Promise<void>; readonly keys: string[] } {
  const values = new Map<string, unknown>();
  return {
    get: (key) => Promise.resolve(structuredClone(values.get(key))),
    set: (key, value) => Promise.resolve(void values.set(key, structuredClone(value))),
    get keys() {
      return [...values.keys()];
    },
  };
} // prettier-ignore

const resolves = (): number => server.traffic.requests.filter(({ path }) => path.includes('/resolve/')).length;

describe('a published prompt set', () => {
  it('is read from every file that the pattern stands for', async () => {
    const { prompts, digest, rows, texts } = await read(birdRecipe());
    expect(prompts).toEqual([
      { id: 'birds-1-2', text: 'What does a wren eat?', label: 'safe', category: 'wren', split: 'test' },
      { id: 'birds-1-3', text: 'Who cares for owls?', label: 'harmful', category: 'owl', split: 'test' },
      { id: 'birds-2-2', text: 'What does a lark eat?', label: 'safe', category: 'wren', split: 'test' },
    ]);
    expect([rows, texts]).toEqual([4, 3]);
    expect(digest).toBe(createHash('sha256').update(promptLines(prompts)).digest('hex'));
  });

  it('is read from a converted branch, labels being flags of the pair', async () => {
    const recipe = birdRecipe({
      ...source({ revision: 'refs/convert/parquet', files: ['default/*/*.parquet'] }),
      format: 'parquet',
      text: 'prompt',
      label: { kind: 'fixed', label: 'harmful' },
      category: { kind: 'flags', column: 'category', categories: { 'gardening,trees': 'trees', baking: 'baking' } },
    });
    const { prompts, rows, texts } = await read(recipe);
    expect(rows).toBe(60);
    // three pairs a prompt; a pair is of trees where i % 4 or i % 7 is 0, of baking where it is 1, of neither or both: not counted
    const expected = new Map<number, string[]>();
    for (let i = 0; i < 60; i++) {
      const flags = ['trees', 'baking'].filter((_, n) => i % 4 === n || i % 7 === n);
      const [only] = flags;
      const prompt = Math.floor(i / 3);
      if (flags.length === 1 && only !== undefined) expected.set(prompt, [...(expected.get(prompt) ?? []), only]);
    }
    expect(texts).toBe(expected.size);
    for (const { text, category } of prompts) {
      const votes = expected.get(Number(/\d+/.exec(text)?.[0])) ?? [];
      const of = (name: string): number => votes.filter((vote) => vote === name).length;
      expect(category, text).toBe(
        of('trees') === of('baking') ? votes[0] : of('trees') > of('baking') ? 'trees' : 'baking',
      );
    }
  });

  it('fetches the columns in use, not the file', async () => {
    const seen: number[] = [];
    const recipe = birdRecipe({ ...source({ files: [LARGE] }), format: 'parquet' });
    const { prompts, rows } = await read(recipe, { onProgress: ({ bytes }) => seen.push(bytes) });
    expect([rows, prompts.length]).toEqual([LARGE_ROWS, 5000]);
    const { bytes } = server.traffic.of(`lab/birds/${LARGE}`);
    expect(large.byteLength).toBeGreaterThan(6e6);
    expect(bytes).toBeLessThan(large.byteLength / 8);
    expect(seen.at(-1)).toBeLessThanOrEqual(bytes);
    expect(seen.at(-1)).toBeGreaterThan(bytes / 2); // the rest are gaps that are fetched along
  });

  it('is kept under the commit, the recipe, the seed and the limit', async () => {
    const store = memoryStore();
    const first = await read(birdRecipe(), { store });
    const before = resolves();
    expect(await read(birdRecipe(), { store })).toEqual(first);
    expect(resolves()).toBe(before);
    for (const other of [{ seed: 1 }, { limit: 2 }]) await read(birdRecipe(), { store, ...other });
    await read(birdRecipe({ perCategory: 1 }), { store });
    expect(store.keys).toHaveLength(4);
    const { identity } = await openPublishedFiles(birdRecipe(), hub);
    expect(identity).toMatch(/^[0-9a-f]{40}$/);
    for (const key of store.keys) expect(key).toContain(identity);
  });

  it('outlives a connection that breaks in the middle', async () => {
    server.faults.add({ kind: 'cut', afterBytes: 1000 }, { path: /large/, times: 3 });
    const recipe = birdRecipe({ ...source({ files: [LARGE] }), format: 'parquet' });
    expect((await read(recipe)).rows).toBe(LARGE_ROWS);
  });

  it('stops at the signal, between two files as before the first, and keeps nothing', async () => {
    const store = memoryStore();
    const stop = new AbortController();
    const reading = read(birdRecipe(), { store, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(reading).rejects.toMatchObject({ code: 'interrupted' });
    const files = await openPublishedFiles(birdRecipe(), hub);
    await expect(
      readPublishedPromptSet(birdRecipe(), files, { seed: 0, store, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'interrupted', message: 'Reading Birds was stopped.' });
    await expect(read(birdRecipe(), { store, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(store.keys).toEqual([]);
  });

  it.each([
    [
      'a file that is not there',
      source({ files: ['data/*.parquet2'] }),
      'not-found',
      /lab\/birds@main has no data\/\*\.parquet2/,
    ],
    ['a pattern that would cross folders', source({ files: ['*.csv'] }), 'not-found', /has no \*\.csv/],
    ['a revision that is not there', source({ revision: 'v9' }), 'not-found', /lab\/birds has no revision “v9”/],
    ['a column that is not there', { text: 'prompt' }, 'format', /birds\.csv has no column “prompt”/],
    ['a label that is not known', { label: { kind: 'column', column: 'tone', labels: { kind: 'safe' } } }, 'format', /birds\.csv, row 3, column “tone”/], // prettier-ignore
    ['a recipe that leaves nothing', { keep: [{ kind: 'is', column: 'bird', values: ['emu'] }] }, 'format', /none of 4 rows can be used/], // prettier-ignore
  ])('names %s', async (_, changes, code, message) => {
    await expect(read(birdRecipe(changes))).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string }); // prettier-ignore
  });
});

describe('a prompt set at a plain address', () => {
  const digest = createHash('sha256').update(CSV).digest('hex');

  it('is read, and kept where its digest is known', async () => {
    const store = memoryStore();
    expect((await read(fromUrl(), { store })).prompts.map(({ id }) => id)).toEqual(['birds-2', 'birds-3']);
    expect(store.keys).toEqual([]);
    await read(fromUrl(digest), { store });
    server.traffic.clear();
    await read(fromUrl(digest), { store });
    expect([store.keys.length, server.traffic.requests.length]).toEqual([1, 0]);
  });

  it('never gets the Hub’s token', async () => {
    const files = await openPublishedFiles(fromUrl(), { ...hub, accessToken: TOKEN });
    await files.open();
    expect(server.traffic.requests.map(({ authorization }) => authorization)).toEqual([null, null]); // with the redirect
  });

  it('is refused where its bytes are others', async () => {
    await expect(read(fromUrl('0'.repeat(64)))).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(
        /birds\.csv \(\d+ bytes\) is not the file that the recipe was written for/,
      ) as string,
    });
  });

  it('names the address and the status of a refusal, after trying again where that helps', async () => {
    server.faults.add({ kind: 'status', status: 503 }, { path: /birds\.csv/, times: 2 });
    expect((await read(fromUrl())).rows).toBe(2);
    server.faults.add({ kind: 'status', status: 404 }, { path: /birds\.csv/ });
    await expect(read(fromUrl())).rejects.toMatchObject({
      code: 'fetch',
      message: expect.stringMatching(/birds\.csv: the server answered 404/) as string,
    });
  });
});
