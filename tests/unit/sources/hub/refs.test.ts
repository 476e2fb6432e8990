import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseHubAddress } from '../../../../src/sources/hub/hub-address.ts';
import { searchByName } from '../../../../src/core/text/name-search.ts';
import { listRefs, type HubRef } from '../../../../src/sources/hub/refs.ts';
import { startHubServer, type HubServer } from '../../../hub-server/hub-server.ts';
import { IMPATIENT } from '../../../support/impatient.ts';

const STEPS = Array.from({ length: 1400 }, (_, i) => `stage1-step${i * 1000}`);
const FILES = { 'config.json': '{}' };

let server: HubServer;
let refs: HubRef[];

beforeAll(async () => {
  const branches = Object.fromEntries([...STEPS, 'main'].reverse().map((name) => [name, FILES]));
  server = await startHubServer([{ id: 'lab/model', branches, tags: { v1: FILES } }]);
  refs = await listRefs({ fetch, hubUrl: `${server.url}/`, repo: 'lab/model' });
});
afterAll(() => server.close());

describe('listRefs', () => {
  it('gives 1,401 branches in natural order, then the tags', () => {
    expect(refs.map(({ name }) => name)).toEqual(['main', ...STEPS, 'v1']);
    expect(refs.at(-1)).toEqual({ kind: 'tag', name: 'v1', commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string });
  });

  it('names a repository that is not there', async () => {
    const missing = listRefs({ fetch, hubUrl: server.url, repo: 'lab/none', limits: IMPATIENT });
    await expect(missing).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/lab\/none/) as string,
    });
  });

  it('names an answer that is none', async () => {
    server.faults.add({ kind: 'status', status: 200 }, { path: /refs/, times: 1 });
    await expect(listRefs({ fetch, hubUrl: server.url, repo: 'lab/model' })).rejects.toMatchObject({ code: 'format' });
  });
});

describe('listRefs of a server that is not quite a Hub', () => {
  it('passes over what has no name or points to no commit', async () => {
    const commit = 'a'.repeat(40);
    const branches = [
      { name: 'main', targetCommit: commit },
      ...[{ name: '', targetCommit: commit }, { name: { toString: 1 }, targetCommit: commit }, { name: 'no' }, null],
      { name: 'short', targetCommit: 'abc' },
    ];
    const answer: typeof fetch = () => Promise.resolve(Response.json({ branches, tags: [] }));
    expect(await listRefs({ fetch: answer, repo: 'a/b' })).toEqual([{ kind: 'branch', name: 'main', commit }]);
  });
});

describe('searchByName', () => {
  it('wants every word, wherever it stands', () => {
    expect(searchByName(refs, '  STEP1399 stage1 ').map(({ name }) => name)).toEqual(['stage1-step1399000']);
    expect(searchByName(refs, 'stage9')).toEqual([]);
    expect(searchByName(refs, '')).toHaveLength(1402);
  });
});

describe('parseHubAddress', () => {
  it.each([
    ['hub:allenai/Olmo-3-1025-7B@stage1-step0', { repo: 'allenai/Olmo-3-1025-7B', revision: 'stage1-step0' }],
    ['hub:allenai/Olmo-3-1025-7B', { repo: 'allenai/Olmo-3-1025-7B', revision: 'main' }],
    ['hub:a/b@refs/pr/1', { repo: 'a/b', revision: 'refs/pr/1' }],
    ['./folder', null],
    ['tiny-olmo3@Instruct', null],
  ])('reads %s', (text, address) => expect(parseHubAddress(text)).toEqual(address));

  it.each(['hub:', 'hub:name', 'hub:a/b/c', 'hub:a/b c'])('refuses %s', (text) => {
    expect(() => parseHubAddress(text)).toThrow(/owner\/name|not a Hub repository/);
  });
});
