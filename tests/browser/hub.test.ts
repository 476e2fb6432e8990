import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { extractResiduals } from '../../src/engine/run/residuals.ts';
import { startHubServer, type HubServer } from '../hub-server/hub-server.ts';
import { filesOfFolder } from '../hub-server/served-file.ts';
import { goldenFiles, goldenFolder, openModel } from '../support/checkpoint-fixtures.ts';
import { parsePromptRecipe } from '../../src/formats/prompts/prompt-recipe.ts';
import { openPublishedFiles } from '../../src/sources/hub/prompt-sets.ts';
import { readPublishedPromptSet } from '../../src/labs/prompts/published-prompt-set.ts';
import { BIRD_RECIPE } from '../support/bird-recipe.ts';
import type { HubTarget } from './engine-page/hub-reads.ts';
import { launchEngine, type LaunchedPage } from './harness/launch.ts';

const GOLDEN = 'olmo3-bf16-sharded';
const SHARD = 'model-00002-of-00003.safetensors';
const TOKEN = 'hf_let-in';
const BYTES = readFileSync(join(goldenFolder(GOLDEN), SHARD));
const digestOf = (start: number, end: number): string =>
  createHash('sha256').update(BYTES.subarray(start, end)).digest('hex');

const PAIRS = new Uint8Array(readFileSync(join(import.meta.dirname, '../fixtures/parquet/pairs.parquet')));
const PAIRS_RECIPE = {
  ...BIRD_RECIPE,
  source: { kind: 'hub', repo: 'golden/pairs', revision: 'refs/convert/parquet', files: ['default/*.parquet'] },
  format: 'parquet',
  text: 'prompt',
  label: { kind: 'fixed', label: 'safe' },
  category: { kind: 'flags', column: 'category', categories: { 'gardening,trees': 'trees', baking: 'baking' } },
  perCategory: 5,
};

let server: HubServer;
let launched: LaunchedPage;

beforeAll(async () => {
  const files = filesOfFolder(goldenFolder(GOLDEN));
  const branches = { main: files };
  server = await startHubServer(
    [
      { id: 'golden/olmo3', branches },
      { id: 'golden/private', branches, access: { kind: 'private', tokens: [TOKEN] } },
      { id: 'golden/gated', branches, access: { kind: 'gated', tokens: [TOKEN] } },
      { id: 'golden/pairs', type: 'dataset', branches: { 'refs/convert/parquet': { 'default/0000.parquet': PAIRS } } },
    ],
    { treePageSize: 3 },
  );
  launched = await launchEngine({ provider: 'wasm' });
});
afterAll(async () => {
  await launched.close(); // throws where a request left for another host
  await server.close();
});
beforeEach(() => {
  server.faults.clear();
  server.traffic.clear();
});

const target = (repo: string, more: Partial<HubTarget> = {}): HubTarget => ({
  hubUrl: server.url,
  repo,
  revision: 'main',
  ...more,
});
const digest = (start: number, end: number, more: HubTarget = target('golden/olmo3')) =>
  launched.page.evaluate(([more, file, start, end]) => window.engine.hubDigest(more, file, start, end), [
    more,
    SHARD,
    start,
    end,
  ] as const);
const errorOf = (more: HubTarget) =>
  launched.page.evaluate(([more, file]) => window.engine.hubError(more, file), [more, SHARD] as const);

describe('the Hub, from a page of another origin', () => {
  it('lists files and refs', async () => {
    const files = await launched.page.evaluate((more) => window.engine.hubFiles(more), target('golden/olmo3'));
    expect(files).toHaveLength(8);
    const refs = await launched.page.evaluate((more) => window.engine.hubRefs(more), target('golden/olmo3'));
    expect(refs.map(({ name }) => name)).toEqual(['main']);
  });

  it('reads a range across the redirect to its storage, and no other byte', async () => {
    const expected = digestOf(1000, 60_000);
    expect(await digest(1000, 60_000)).toEqual({ digest: expected, streamed: expected, notices: [] });
    expect(server.traffic.of(`golden/olmo3/${SHARD}`)).toEqual({ requests: 2, bytes: 2 * 59_000 });
    expect(server.traffic.requests.some(({ origin, range }) => origin === 'cdn' && range === 'bytes=1000-59999')).toBe(
      true,
    );
  });

  it('sends the token to the Hub alone', async () => {
    const { digest: read } = await digest(0, 1000, target('golden/private', { accessToken: TOKEN }));
    expect(read).toBe(digestOf(0, 1000));
    const sent = (origin: string): (string | null)[] =>
      server.traffic.requests
        .filter((request) => request.origin === origin && request.method === 'GET')
        .map((request) => request.authorization);
    expect(new Set(sent('hub'))).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect(new Set(sent('cdn'))).toEqual(new Set([null]));
  });

  it.each([
    ['cut', 'the connection was lost'],
    ['stall', 'the connection stalled'],
  ] as const)('goes on where a %s left it', async (kind, reason) => {
    server.faults.add({ kind, afterBytes: 30_000 }, { path: /00002-of/, times: 1 });
    const { digest: read, notices } = await digest(0, BYTES.byteLength);
    expect(read).toBe(digestOf(0, BYTES.byteLength));
    expect(notices).toMatchObject([{ kind: 'retry', reason }, { kind: 'resumed' }]);
    const starts = server.traffic.requests.map(({ range }) => Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0));
    const resumedAt = starts.find((start) => start > 0) ?? 0; // a broken stream may drop what came last
    expect(resumedAt).toBeLessThanOrEqual(30_000);
    if (kind === 'stall') expect(resumedAt).toBe(30_000);
  });

  it.each([
    ['429', { kind: 'status', status: 429, headers: { 'Retry-After': '1' } }],
    ['503', { kind: 'status', status: 503 }],
    ['a dropped connection', { kind: 'drop' }],
    ['an answer that never comes', { kind: 'hang' }],
  ] as const)('asks again after %s', async (_, fault) => {
    server.faults.add(fault, { path: /revision|00002-of/, times: 2 });
    const { digest: read, notices } = await digest(5, 50);
    expect(read).toBe(digestOf(5, 50));
    expect(notices.filter(({ kind }) => kind === 'retry').length).toBeGreaterThan(0);
  });

  it('bears with a server that ignores ranges', async () => {
    server.faults.add({ kind: 'ignore-ranges' }, { path: /00002-of/ });
    expect((await digest(100, 200)).digest).toBe(digestOf(100, 200));
  });

  it('tells what is wrong, and what to do', async () => {
    expect(await errorOf(target('golden/none'))).toMatchObject({ code: 'not-found' });
    expect(await errorOf(target('golden/olmo3', { revision: 'stage9' }))).toMatchObject({ code: 'not-found' });
    expect((await errorOf(target('golden/gated')))?.nextStep).toContain(`${server.url}/golden/gated`);
    expect((await errorOf(target('golden/gated', { accessToken: 'hf_no' })))?.message).toContain(
      'has not been granted access',
    );
    server.faults.add({ kind: 'corrupt' }, { path: /00002-of/ });
    expect(await errorOf(target('golden/olmo3'))).toMatchObject({ code: 'format' });
  });

  it('computes the residuals of the folder that it serves', async () => {
    const ids = [3, 1, 4, 1, 5, 9];
    const model = await openModel(await goldenFiles(GOLDEN));
    const layers = Array.from({ length: model.config.layers }, (_, layer) => layer);
    const expected = await extractResiduals(model, { prompts: [ids], layers, pooling: 'last' });
    await model.dispose();
    const read = await launched.page.evaluate(([more, ids]) => window.engine.hubResiduals(more, ids), [
      target('golden/olmo3'),
      ids,
    ] as const);
    expect(read).toHaveLength(layers.length);
    for (const layer of layers) {
      const reference = expected.get(layer) ?? new Float32Array();
      for (const [index, value] of (read[layer] ?? []).entries()) expect(value).toBeCloseTo(reference[index] ?? NaN, 5);
    }
  });

  it('gives the prompts of a Parquet table that Node gives', async () => {
    const json = JSON.stringify(PAIRS_RECIPE);
    const recipe = parsePromptRecipe(json, 'recipe.json');
    const files = await openPublishedFiles(recipe, { fetch, hubUrl: server.url });
    const expected = await readPublishedPromptSet(recipe, files, { seed: 0 });
    expect(expected.prompts).toHaveLength(10);
    const found = await launched.page.evaluate(([more, recipeJson]) => window.engine.hubPrompts(more, recipeJson), [
      target('golden/pairs'),
      json,
    ] as const);
    expect(found).toEqual(expected);
  });
});
