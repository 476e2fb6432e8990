import { downloadFile, fileDownloadInfo, listFiles, pathsInfo } from '@huggingface/hub';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lfsPointer } from '../../hub-server/catalogue.ts';
import { startHubServer, type HubServer } from '../../hub-server/hub-server.ts';

const WEIGHTS = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7) % 251);
const SHA256 = createHash('sha256').update(WEIGHTS).digest('hex');
const FILES = { 'config.json': '{}', 'model.safetensors': WEIGHTS, 'data/a/x.txt': 'x', 'data/y.txt': 'y' };
const REPO = { type: 'model', name: 'lab/model' } as const;

let server: HubServer;

beforeAll(async () => {
  server = await startHubServer([{ id: 'lab/model', branches: { main: FILES } }], { treePageSize: 2 });
});
afterAll(() => server.close());
beforeEach(() => server.traffic.clear());

const resolve = (file: string): string => `${server.url}/lab/model/resolve/main/${file}`;
const paths = async (options: { recursive?: boolean; path?: string }): Promise<string[]> => {
  const found: string[] = [];
  for await (const { path, type } of listFiles({ ...options, repo: REPO, hubUrl: server.url })) {
    found.push(type === 'directory' ? `${path}/` : path);
  }
  return found;
};

describe('the test server, to the Hub’s own library', () => {
  it('lists trees, whole and by folder', async () => {
    expect(await paths({ recursive: true })).toEqual(['config.json', 'data/', 'data/a/', 'data/a/x.txt', 'data/y.txt', 'model.safetensors']); // prettier-ignore
    expect(await paths({})).toEqual(['config.json', 'data/', 'model.safetensors']);
    expect(await paths({ path: 'data' })).toEqual(['data/a/', 'data/y.txt']);
  });

  it('describes paths by name', async () => {
    const [config, weights, ...more] = await pathsInfo({
      repo: REPO,
      paths: ['model.safetensors', 'config.json', 'none'],
      hubUrl: server.url,
    });
    expect(more).toEqual([]);
    expect(config).toMatchObject({ path: 'config.json', size: 2, oid: '9e26dfeeb6e641a33dae4961196235bdb965b21b' });
    expect(weights?.lfs).toEqual({ oid: SHA256, size: 50_000, pointerSize: 134 });
    const pointer = lfsPointer(SHA256, 50_000);
    const oid = createHash('sha1').update(`blob ${pointer.length}\0${pointer}`).digest('hex');
    expect(weights?.oid).toBe(oid);
  });

  it.each(['config.json', 'model.safetensors'] as const)('hands out %s', async (path) => {
    const info = await fileDownloadInfo({ repo: REPO, path, hubUrl: server.url });
    const content = FILES[path];
    expect(info).toMatchObject({ size: content.length });
    const blob = await downloadFile({ repo: REPO, path, hubUrl: server.url });
    const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer());
    expect(Buffer.compare(bytes, Buffer.from(content as Uint8Array))).toBe(0);
    expect(await fileDownloadInfo({ repo: REPO, path: 'none', hubUrl: server.url })).toBeNull();
  });
});

describe('the test server, to anybody', () => {
  it('redirects files of LFS to another origin, with what the Hub says of them', async () => {
    const { status, headers } = await fetch(resolve('model.safetensors'), { method: 'HEAD', redirect: 'manual' });
    expect(status).toBe(302);
    expect(new URL(headers.get('Location') ?? '').origin).toBe(server.cdnUrl);
    expect(headers.get('X-Repo-Commit')).toMatch(/^[0-9a-f]{40}$/);
    expect([headers.get('X-Linked-Size'), headers.get('X-Linked-ETag')]).toEqual(['50000', `"${SHA256}"`]);
    expect(headers.get('Access-Control-Expose-Headers')).toContain('X-Linked-ETag');
  });

  it('redirects small files within itself', async () => {
    const { status, headers } = await fetch(resolve('config.json'), { redirect: 'manual' });
    expect([status, headers.get('Location')?.startsWith('/api/resolve-cache/')]).toEqual([307, true]);
  });

  it.each([
    ['bytes=10-19', 206, 'bytes 10-19/50000', 10],
    ['bytes=49990-', 206, 'bytes 49990-49999/50000', 10],
    ['bytes=-5', 206, 'bytes 49995-49999/50000', 5],
    ['bytes=49999-60000', 206, 'bytes 49999-49999/50000', 1],
    ['bytes=50000-', 416, 'bytes */50000', 0],
    ['lines=1-2', 200, null, 50_000],
  ])('answers %s', async (range, status, contentRange, length) => {
    const response = await fetch(resolve('model.safetensors'), { headers: { Range: range } });
    expect([response.status, response.headers.get('Content-Range')]).toEqual([status, contentRange]);
    expect((await response.arrayBuffer()).byteLength).toBe(length);
  });

  it('counts requests and bytes of each file', async () => {
    await (await fetch(resolve('model.safetensors'), { headers: { Range: 'bytes=0-99' } })).arrayBuffer();
    await (await fetch(resolve('config.json'))).text();
    expect(server.traffic.of('lab/model/model.safetensors')).toEqual({ requests: 1, bytes: 100 });
    expect(server.traffic.of('lab/model/config.json')).toEqual({ requests: 1, bytes: 2 });
    expect(server.traffic.bytes).toBe(102);
    expect(server.traffic.requests.map(({ origin, range }) => [origin, range])).toEqual([
      ['hub', 'bytes=0-99'],
      ['cdn', 'bytes=0-99'],
      ['hub', null],
      ['hub', null],
    ]);
  });

  it('refuses links of its storage that were not signed, and those that are signed twice', async () => {
    const { url } = await fetch(resolve('model.safetensors'), { headers: { Range: 'bytes=0-1' } });
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(/Signature=\w/, 'Signature=x'))).status).toBe(403);
    expect((await fetch(url, { headers: { Authorization: 'Bearer hf_x' } })).status).toBe(400);
  });
});
