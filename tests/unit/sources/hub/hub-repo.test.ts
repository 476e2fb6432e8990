import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readText } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import type { ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { streamOf } from '../../../../src/formats/bytes/byte-source.ts';
import { sha256 } from '../../../../src/sources/http-source.ts';
import {
  openHubCheckpoint,
  openHubDataset,
  type HubCheckpoint,
  type OpenRepoOptions,
} from '../../../../src/sources/hub/hub-repo.ts';
import { startHubServer, type HubServer } from '../../../hub-server/hub-server.ts';
import { IMPATIENT } from '../../../support/impatient.ts';

const WEIGHTS = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) % 251);
const CONFIG = '{"model_type": "olmo3"}';
const FILES = { 'config.json': CONFIG, 'model.safetensors': WEIGHTS, 'notes/α β.txt': 'a path to be escaped' };
const TOKEN = 'hf_let-in';

let server: HubServer;

beforeAll(async () => {
  const branches = { main: FILES, 'stage1-step1000': { 'config.json': '{}' }, 'team/branch': { 'a.txt': 'a' } };
  server = await startHubServer(
    [
      { id: 'lab/model', branches, tags: { v1: FILES } },
      { id: 'lab/gated', branches, access: { kind: 'gated', tokens: [TOKEN] } },
      { id: 'lab/private', branches, access: { kind: 'private', tokens: [TOKEN] } },
      {
        id: 'lab/prompts',
        type: 'dataset',
        branches: { main: { 'data/train.jsonl': '{"a":1}\n', 'x.parquet': WEIGHTS } },
      },
    ],
    { treePageSize: 2 },
  );
});
afterAll(() => server.close());
beforeEach(() => {
  server.faults.clear();
  server.traffic.clear();
});

const open = (changes: Partial<OpenRepoOptions> = {}): Promise<HubCheckpoint> =>
  openHubCheckpoint({ fetch, hubUrl: server.url, repo: 'lab/model', revision: 'main', limits: IMPATIENT, ...changes });

async function openFile(file: string, changes: Partial<OpenRepoOptions> = {}): Promise<ByteSource> {
  const source = await (await open(changes)).open(file);
  if (source === null) throw new Error(`no ${file}`);
  return source;
}

describe('openHubCheckpoint', () => {
  it.each([
    ['no path', { type: 'file', size: 1 }],
    ['half a character in its path', { type: 'file', size: 1, path: '\ud800' }],
    ['no size', { type: 'file', path: 'a' }],
    ['a size below nothing', { type: 'file', path: 'a', size: -1 }],
    ['nothing', null],
  ])('refuses a list with a file of %s', async (_, file) => {
    const answer: typeof fetch = (input) => {
      const isTree = (input instanceof Request ? input.url : String(input)).includes('/tree/');
      return Promise.resolve(Response.json(isTree ? [file] : { id: 'a/b', sha: 'a'.repeat(40) }));
    };
    await expect(open({ fetch: answer, hubUrl: 'https://mirror.example' })).rejects.toMatchObject({
      code: 'format',
      message: expect.stringContaining('did not respond like a Hub') as string,
    });
  });

  it('lists every file over all pages, with sizes and digests', async () => {
    const { files, label, repo, revision } = await open();
    expect({ label, repo, revision }).toEqual({ label: 'lab/model@main', repo: 'lab/model', revision: 'main' });
    expect(files).toEqual([
      { path: 'config.json', bytes: CONFIG.length, sha256: null, gitOid: 'd560510ea27bc07269c525b429fe54f7a2bdb3bc' },
      { path: 'model.safetensors', bytes: 200_000, sha256: await sha256(WEIGHTS), gitOid: null },
      { path: 'notes/α β.txt', bytes: 20, sha256: null, gitOid: expect.stringMatching(/^[0-9a-f]{40}$/) as string },
    ]);
    expect(server.traffic.requests.filter(({ path }) => path.includes('/tree/'))).toHaveLength(2);
  });

  it.each(['main', 'v1', 'stage1-step1000', 'team/branch'])('pins %s to its commit', async (revision) => {
    const checkpoint = await open({ revision });
    expect(checkpoint.commit).toMatch(/^[0-9a-f]{40}$/);
    server.traffic.clear();
    const [first] = checkpoint.files;
    await readText(checkpoint, first?.path ?? '');
    for (const { path } of server.traffic.requests) expect(path).toContain(checkpoint.commit);
    expect((await open({ revision: checkpoint.commit })).files).toEqual(checkpoint.files);
  });

  it('stays with its commit when the branch moves on', async () => {
    server.add({ id: 'lab/moving', branches: { main: { 'a.txt': 'old' } } });
    const checkpoint = await open({ repo: 'lab/moving' });
    server.add({ id: 'lab/moving', branches: { next: { 'a.txt': 'old' }, main: { 'a.txt': 'new' } } });
    const moved = await open({ repo: 'lab/moving' });
    expect(await readText(moved, 'a.txt')).toBe('new');
    expect(moved.files[0]?.gitOid).not.toBe(checkpoint.files[0]?.gitOid);
    await expect(readText(checkpoint, 'a.txt')).rejects.toMatchObject({ code: 'format' }); // the listing’s digest tells
  });

  it('opens files without a request, each once, and none that is not there', async () => {
    const checkpoint = await open();
    server.traffic.clear();
    expect(await checkpoint.open('model.safetensors')).toBe(await checkpoint.open('model.safetensors'));
    expect(await checkpoint.open('pytorch_model.bin')).toBeNull();
    expect(server.traffic.requests).toEqual([]);
  });

  it('opens datasets as well', async () => {
    const dataset = await openHubDataset({ fetch, hubUrl: server.url, repo: 'lab/prompts', revision: 'main' });
    expect(dataset.files.map(({ path }) => path)).toEqual(['data/train.jsonl', 'x.parquet']);
    expect(await readText(dataset, 'data/train.jsonl')).toBe('{"a":1}\n');
    expect((await (await dataset.open('x.parquet'))?.slice(5, 9)) ?? null).toEqual(WEIGHTS.slice(5, 9));
  });

  it.each([
    [
      'a repository that is not there',
      { repo: 'lab/nothing' },
      'not-found',
      /lab\/nothing@main was not found/,
      /spelling/,
    ],
    ['a private one', { repo: 'lab/private' }, 'not-found', /lab\/private@main/, /enter an access token/],
    [
      'a private one with a wrong token',
      { repo: 'lab/private', accessToken: 'hf_no' },
      'not-found',
      /lab\/private@main/,
      /use an access token/,
    ],
    [
      'a revision that is not there',
      { revision: 'stage9' },
      'not-found',
      /lab\/model has no revision “stage9”/,
      /branches and tags/,
    ],
    ['a name that is none', { repo: 'OLMo' }, 'bad-request', /“OLMo”/, /owner\/name/],
    ['an address that is none', { hubUrl: 'ftp://x' }, 'bad-request', /“ftp:\/\/x”/, /huggingface\.co/],
  ])('names %s', async (_, changes, code, message, nextStep) => {
    await expect(open(changes)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      nextStep: expect.stringMatching(nextStep) as string,
    });
  });

  it.each([403, 429, 500])('names repository and status %d', async (status) => {
    server.faults.add({ kind: 'status', status }, { path: /revision/ });
    await expect(open()).rejects.toMatchObject({
      code: 'fetch',
      message: expect.stringMatching(new RegExp(`${status}.*lab/model@main|lab/model@main.*${status}`)) as string,
    });
  });

  it('tells a token that is refused', async () => {
    server.faults.add({ kind: 'status', status: 401 }, { path: /revision/ });
    await expect(open({ accessToken: 'hf_old' })).rejects.toMatchObject({
      code: 'fetch',
      message: expect.stringMatching(/rejected the access token for lab\/model@main/) as string,
    });
  });

  it('names a server that is no Hub', async () => {
    server.faults.add({ kind: 'status', status: 200, headers: { 'Content-Type': 'text/html' } }, { path: /revision/ });
    await expect(open()).rejects.toMatchObject({
      code: 'format',
      message: `${server.url} did not respond like a Hub to the request for lab/model@main.`,
    });
  });

  it('says of a gated repository what to accept and where, once a file is read', async () => {
    const read = async (accessToken?: string): Promise<string | null> =>
      readText(await open({ repo: 'lab/gated', ...(accessToken === undefined ? {} : { accessToken }) }), 'config.json');
    const nextStep = (rest: string): unknown => ({
      code: 'fetch',
      nextStep: `Accept its terms at ${server.url}/lab/gated${rest}.`,
    });
    await expect(read()).rejects.toMatchObject(nextStep(', then enter an access token of that account') as object);
    await expect(read('hf_other')).rejects.toMatchObject(nextStep('') as object);
    expect(await read(TOKEN)).toBe(CONFIG);
  });

  it('sends the token to the Hub, and never to the origin that it redirects to', async () => {
    const file = await openFile('model.safetensors', { repo: 'lab/private', accessToken: TOKEN });
    expect(await file.slice(0, 10)).toEqual(WEIGHTS.slice(0, 10));
    expect(await file.slice(10, 20)).toEqual(WEIGHTS.slice(10, 20));
    const sent = (origin: string): (string | null)[] =>
      server.traffic.requests.filter((request) => request.origin === origin).map((request) => request.authorization);
    expect(new Set(sent('hub'))).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect(sent('cdn')).toEqual([null, null]);
  });

  it('stops with its signal', async () => {
    await expect(open({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('a file of the Hub', () => {
  it.each([
    [0, 8],
    [1000, 1001],
    [199_990, 250_000],
    [0, 200_000],
    [50, 50],
    [300_000, 400_000],
  ])('gives bytes %d to %d and fetches no others', async (start, end) => {
    const file = await openFile('model.safetensors');
    expect(Buffer.compare(await file.slice(start, end), WEIGHTS.slice(start, end))).toBe(0);
    expect(server.traffic.of('lab/model/model.safetensors').bytes).toBe(WEIGHTS.slice(start, end).byteLength);
  });

  it('streams what it slices', async () => {
    const parts: Uint8Array[] = [];
    for await (const chunk of streamOf(await openFile('model.safetensors'), 100, 150_000)) parts.push(chunk);
    expect(Buffer.compare(Buffer.concat(parts), WEIGHTS.slice(100, 150_000))).toBe(0);
  });

  it('makes one request of many small reads that lie close together', async () => {
    const file = await openFile('model.safetensors');
    const starts = Array.from({ length: 500 }, (_, i) => 16 + i * 300);
    const rows = await Promise.all(starts.map((start) => file.slice(start, start + 16)));
    for (const [index, start] of starts.entries()) expect(rows[index]).toEqual(WEIGHTS.slice(start, start + 16));
    expect(server.traffic.of('lab/model/model.safetensors').requests).toBe(1);
  });

  it('stops the transfer when its reader leaves', async () => {
    const file = await openFile('model.safetensors');
    for await (const chunk of streamOf(file, 0, 200_000)) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    expect(await file.slice(0, 4)).toEqual(WEIGHTS.slice(0, 4)); // and can be read again
  });

  it('escapes its path', async () => {
    expect(await readText(await open(), 'notes/α β.txt')).toBe(FILES['notes/α β.txt']);
  });

  it('follows redirects of small files to another origin', async () => {
    server.faults.add({ kind: 'redirect' }, { path: /config\.json/ });
    expect(await readText(await open(), 'config.json')).toBe(CONFIG);
    expect(server.traffic.requests.at(-1)?.origin).toBe('cdn');
  });

  it('asks the storage again, and the Hub for a new link when that has run out', async () => {
    const file = await openFile('model.safetensors');
    const hubRequests = (): number => server.traffic.requests.filter(({ origin }) => origin === 'hub').length;
    await file.slice(0, 10);
    const before = hubRequests();
    await file.slice(10, 20);
    expect(hubRequests()).toBe(before);
    server.expireLinks();
    expect(await file.slice(20, 30)).toEqual(WEIGHTS.slice(20, 30));
    expect(hubRequests()).toBe(before + 1);
  });

  it('does not take a refusal of the storage for one of the Hub', async () => {
    server.faults.add({ kind: 'status', status: 403 }, { path: /model\.safetensors/, origin: 'cdn' });
    await expect((await openFile('model.safetensors')).slice(0, 10)).rejects.toMatchObject({
      code: 'fetch',
      message: `${new URL(server.cdnUrl).host}, where the Hub stores its files, answered 403 for a file of lab/model@main.`,
    });
  });

  it('tells bytes that are wrong', async () => {
    server.faults.add({ kind: 'corrupt' }, { path: /model\.safetensors/, times: 1 });
    const file = await openFile('model.safetensors');
    await expect(file.slice(0, 200_000)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(/lab\/model@main\/model\.safetensors .* digest differs/) as string,
    });
    expect(Buffer.compare(await file.slice(0, 200_000), WEIGHTS)).toBe(0);
    server.faults.add({ kind: 'corrupt' }, { path: /config\.json/ });
    await expect(readText(await open(), 'config.json')).rejects.toMatchObject({ code: 'format' });
  });

  it('bears with a server that ignores ranges where the file is small, fetching it whole once', async () => {
    server.faults.add({ kind: 'ignore-ranges' }, { path: /model\.safetensors/ });
    const file = await openFile('model.safetensors');
    expect(await file.slice(1000, 2000)).toEqual(WEIGHTS.slice(1000, 2000));
    expect(await file.slice(5, 10)).toEqual(WEIGHTS.slice(5, 10));
    const { requests } = server.traffic.of('lab/model/model.safetensors');
    expect(await file.slice(150_000, 150_010)).toEqual(WEIGHTS.slice(150_000, 150_010));
    expect(server.traffic.of('lab/model/model.safetensors').requests).toBe(requests);
  });

  it('refuses to fetch a large file whole for a part of it', async () => {
    const endless = { byteLength: 5e9, read: async function* () { yield await Promise.resolve(new Uint8Array(1e6)); }, sha256: () => Promise.resolve('0'.repeat(64)) }; // prettier-ignore
    server.add({ id: 'lab/large', branches: { main: { 'model.safetensors': endless } } });
    server.faults.add({ kind: 'ignore-ranges' }, { path: /model\.safetensors/ });
    await expect((await openFile('model.safetensors', { repo: 'lab/large' })).slice(0, 8)).rejects.toMatchObject({
      code: 'fetch',
      message: expect.stringMatching(/ignores byte ranges and would send all 5000 MB/) as string,
      nextStep: expect.stringMatching(/mirror.*folder/) as string,
    });
  });
});
