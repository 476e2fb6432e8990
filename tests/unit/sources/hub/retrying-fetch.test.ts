import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WaitNotice } from '../../../../src/sources/hub/retries.ts';
import { retryingFetch } from '../../../../src/sources/hub/retrying-fetch.ts';
import { startHubServer, type HubServer } from '../../../hub-server/hub-server.ts';
import { IMPATIENT } from '../../../support/impatient.ts';

const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251);
const TEXT = '{"hidden_size": 64}';

const EARLY_MS = 50; // timers and clocks may differ by so much

let server: HubServer;
let notices: WaitNotice[] = [];

beforeAll(async () => {
  const files = { 'model.safetensors': BYTES, 'config.json': TEXT };
  server = await startHubServer([{ id: 'lab/model', branches: { main: files } }]);
});
afterAll(() => server.close());
beforeEach(() => {
  server.faults.clear();
  server.traffic.clear();
  notices = [];
});

const fetchIt = (file: string, init: RequestInit = {}, limits = IMPATIENT): Promise<Response> =>
  retryingFetch({ fetch, limits, onWait: (notice) => notices.push(notice) })(
    `${server.url}/lab/model/resolve/main/${file}`,
    init,
  );
const range = (start: number, end: number): RequestInit => ({ headers: { Range: `bytes=${start}-${end - 1}` } });
const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());
/** `toEqual` takes a second for as many bytes. */
const expectBytes = async (response: Response, expected: Uint8Array): Promise<void> => {
  expect(Buffer.compare(await bytesOf(response), expected)).toBe(0);
};
const WEIGHTS = /model\.safetensors$/;
const CONFIG = /config\.json$/;
const ranges = (): (string | null)[] =>
  server.traffic.requests.filter(({ origin }) => origin === 'cdn').map((request) => request.range);

describe('a request without a range', () => {
  it('is answered as fetch answers it', async () => {
    const response = await fetchIt('config.json');
    expect([response.status, await response.text(), notices]).toEqual([200, TEXT, []]);
    expect(response.headers.get('X-Repo-Commit')).toBeNull(); // the one of the redirect, which fetch follows
    expect(response.url).toContain('/api/resolve-cache/');
  });

  it.each([500, 502, 503, 504, 429, 408])('is repeated after %d, and the reader told so', async (status) => {
    server.faults.add({ kind: 'status', status }, { path: CONFIG, times: 2 });
    expect(await (await fetchIt('config.json')).text()).toBe(TEXT);
    expect(notices.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'resumed']);
    expect(notices[0]).toMatchObject({ reason: `${new URL(server.url).host} answered ${status}` });
  });

  it.each([
    ['in seconds', () => '1', 1000],
    ['as a date', (now: number) => new Date(now + 3000).toUTCString(), 2000], // whole seconds: two to three from now
  ])('waits as long as a 429 asks, %s', async (_, retryAfter, leastMs) => {
    const now = Date.now();
    server.faults.add({ kind: 'status', status: 429, headers: { 'Retry-After': retryAfter(now) } }, { path: CONFIG, times: 1 }); // prettier-ignore
    expect((await fetchIt('config.json')).status).toBe(200);
    expect(Date.now() - now).toBeGreaterThanOrEqual(leastMs - EARLY_MS);
    expect(notices[0]).toMatchObject({ kind: 'retry' });
  });

  it('returns a 429 that asks for more patience than there is', async () => {
    server.faults.add({ kind: 'status', status: 429, headers: { 'Retry-After': '3600' } }, { path: CONFIG });
    expect((await fetchIt('config.json')).status).toBe(429);
    expect(server.traffic.requests).toHaveLength(1);
  });

  it.each([400, 401, 403, 404, 416])('returns %d at once', async (status) => {
    server.faults.add({ kind: 'status', status }, { path: CONFIG });
    expect((await fetchIt('config.json')).status).toBe(status);
    expect([server.traffic.requests.length, notices]).toEqual([1, []]);
  });

  it('returns a 503 that stays, after the attempts that it has', async () => {
    server.faults.add({ kind: 'status', status: 503 }, { path: CONFIG });
    expect((await fetchIt('config.json')).status).toBe(503);
    expect(server.traffic.requests).toHaveLength(IMPATIENT.attempts);
  });

  it.each([
    { kind: 'drop' },
    { kind: 'hang' },
    { kind: 'cut', afterBytes: 5 },
    { kind: 'stall', afterBytes: 5 },
  ] as const)('is repeated after a $kind', async (fault) => {
    server.faults.add(fault, { path: CONFIG, times: 2 });
    expect(await (await fetchIt('config.json')).text()).toBe(TEXT);
    expect(notices.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'resumed']);
  });

  it('names the file where the network stays away', async () => {
    server.faults.add({ kind: 'drop' }, { path: CONFIG });
    await expect(fetchIt('config.json')).rejects.toMatchObject({
      code: 'fetch',
      message: expect.stringMatching(/resolve\/main\/config\.json could not be fetched: .* 4 times in a row/) as string,
    });
  });

  it('names a server that is not there', async () => {
    const lost = retryingFetch({ fetch, limits: { ...IMPATIENT, attempts: 2 } });
    await expect(lost('http://127.0.0.1:9/x')).rejects.toMatchObject({ code: 'fetch' });
  });
});

describe('a request for a range', () => {
  it('is answered across the redirect', async () => {
    const response = await fetchIt('model.safetensors', range(1000, 200_000));
    expect(response.status).toBe(206);
    expect(new URL(response.url).origin).toBe(server.cdnUrl);
    await expectBytes(response, BYTES.slice(1000, 200_000));
  });

  it.each([
    ['the connection was lost', { kind: 'cut', afterBytes: 70_000 }],
    ['the connection stalled', { kind: 'stall', afterBytes: 70_000 }],
  ] as const)('goes on where it ended after %s', async (reason, fault) => {
    server.faults.add(fault, { path: WEIGHTS, times: 2 });
    const response = await fetchIt('model.safetensors', range(1000, 290_000));
    await expectBytes(response, BYTES.slice(1000, 290_000));
    const starts = ranges().map((asked) => Number(/^bytes=(\d+)-289999$/.exec(asked ?? '')?.[1]));
    expect(starts).toHaveLength(3);
    for (const [index, exact] of [1000, 71_000, 141_000].entries()) {
      expect(starts[index]).toBeLessThanOrEqual(exact); // a broken stream may drop what came last
      expect(starts[index]).toBeGreaterThan(exact - 70_000);
      if (fault.kind === 'stall') expect(starts[index]).toBe(exact);
    }
    expect(notices.map((notice) => (notice.kind === 'retry' ? notice.reason : notice.kind))).toEqual([
      reason,
      'resumed',
      reason,
      'resumed',
    ]);
    if (fault.kind === 'stall') expect(server.traffic.of('lab/model/model.safetensors').bytes).toBe(289_000); // none twice
  });

  it('skips what it has where a server ignores the range of the rest', async () => {
    server.faults.add({ kind: 'ignore-ranges' }, { path: WEIGHTS });
    server.faults.add({ kind: 'cut', afterBytes: 100_000 }, { path: WEIGHTS, times: 1 });
    const response = await fetchIt('model.safetensors', range(0, 300_000));
    expect(response.status).toBe(200);
    await expectBytes(response, BYTES);
  });

  it('fails where it makes no progress any more', async () => {
    server.faults.add({ kind: 'cut', afterBytes: 0 }, { path: WEIGHTS });
    const response = await fetchIt('model.safetensors', range(0, 1000));
    await expect(bytesOf(response)).rejects.toMatchObject({ code: 'fetch' });
    expect(ranges()).toHaveLength(IMPATIENT.attempts);
  });

  it('fails where the rest is refused', async () => {
    server.faults.add({ kind: 'cut', afterBytes: 1000 }, { path: WEIGHTS, times: 1 });
    const response = await fetchIt('model.safetensors', range(0, 200_000));
    server.faults.add({ kind: 'status', status: 403 }, { path: WEIGHTS });
    await expect(bytesOf(response)).rejects.toMatchObject({
      code: 'fetch',
      message: expect.stringMatching(/answered 403/) as string,
    });
  });
});

describe('the signal', () => {
  const code = { code: 'interrupted' };

  it('prevents a request', async () => {
    await expect(fetchIt('config.json', { signal: AbortSignal.abort() })).rejects.toMatchObject(code);
    expect(server.traffic.requests).toEqual([]);
  });

  it('ends a wait at once', async () => {
    server.faults.add({ kind: 'status', status: 429, headers: { 'Retry-After': '3600' } }, { path: CONFIG });
    const stop = new AbortController();
    const patient = { ...IMPATIENT, maxServerDelayMs: 3_600_000 };
    const fetched = fetchIt('config.json', { signal: stop.signal }, patient);
    await expect.poll(() => notices.length).toBe(1); // it waits
    stop.abort();
    await expect(fetched).rejects.toMatchObject(code);
  });

  it('ends a request that hangs, and a body that stalls, at once', async () => {
    server.faults.add({ kind: 'hang' }, { path: CONFIG });
    const patient = { ...IMPATIENT, stallMs: 60_000 };
    await expect(fetchIt('config.json', { signal: AbortSignal.timeout(100) }, patient)).rejects.toMatchObject(code);
    server.faults.add({ kind: 'stall', afterBytes: 10 }, { path: WEIGHTS });
    const stop = new AbortController();
    const response = await fetchIt('model.safetensors', { ...range(0, 1000), signal: stop.signal }, patient);
    setTimeout(() => stop.abort(), 100);
    await expect(bytesOf(response)).rejects.toMatchObject(code);
  });
});
