import { afterEach, describe, expect, it } from 'vitest';
import { launchEngine, type LaunchedPage, type Provider } from './harness/launch.ts';
import { longTasks, pageNow } from './harness/long-tasks.ts';

let launched: LaunchedPage | undefined;

async function open(provider: Provider): Promise<LaunchedPage> {
  launched = await launchEngine({ provider });
  return launched;
}

afterEach(async () => {
  const last = launched;
  launched = undefined;
  await last?.close();
});

describe('the browser', () => {
  it('offers WebGPU without a GPU, to a worker of a cross-origin isolated page', async () => {
    const { page } = await open('webgpu');
    const seen = await page.evaluate(() => window.engine.surroundings());
    expect(seen).toEqual({ crossOriginIsolated: true, adapter: expect.stringContaining('swiftshader') as string });
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });

  it('offers WASM threads alone when WebGPU is off', async () => {
    const { page } = await open('wasm');
    const seen = await page.evaluate(() => window.engine.surroundings());
    expect(seen).toEqual({ crossOriginIsolated: true, adapter: null });
    expect(await page.evaluate(() => new SharedArrayBuffer(8).byteLength)).toBe(8);
  });
});

describe('the harness', () => {
  it('notes long tasks of the main thread', async () => {
    const { page } = await open('wasm');
    const since = await pageNow(page);
    await page.evaluate(
      () =>
        new Promise<void>((resolve) =>
          setTimeout(() => {
            const end = performance.now() + 120;
            while (performance.now() < end);
            resolve();
          }),
        ),
    );
    const durations = (await longTasks(page, since)).map(({ duration }) => duration); // a busy machine may add its own
    expect(Math.max(...durations)).toBeGreaterThanOrEqual(115);
  });

  it('reports uncaught errors of page and worker', async () => {
    const { page, watch } = await open('wasm');
    await page.evaluate(() => {
      setTimeout(() => {
        throw new Error('from the page');
      });
      const worker = `setTimeout(() => { throw new Error('from the worker') });
        setTimeout(() => { Promise.reject(new Error('from a promise')) });`;
      new Worker(URL.createObjectURL(new Blob([worker])));
    });
    await expect.poll(() => watch.errors.length, { timeout: 10_000 }).toBe(3);
    expect(() => watch.expectHealthy()).toThrow(/from the page|from the worker|from a promise/);
    watch.errors.length = 0; // wanted, so that closing does not fail
  });

  it('reports requests to other hosts, from page and worker, and lets none through', async () => {
    const { page, watch } = await open('wasm');
    const outcomes = await page.evaluate(async () => {
      const attempt = (url: string): Promise<string> =>
        fetch(url, { mode: 'no-cors' }).then(
          () => 'answered',
          () => 'refused',
        );
      const worker = new Worker(
        URL.createObjectURL(
          new Blob([
            `fetch('https://worker.example/', { mode: 'no-cors' }).then(
            () => postMessage('answered'), () => postMessage('refused'))`,
          ]),
        ),
      );
      const fromWorker = new Promise<unknown>((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
      return [await attempt('https://page.example/'), await attempt('https://192.0.2.1/'), await fromWorker];
    });
    expect(outcomes).toEqual(['refused', 'refused', 'refused']);
    expect([...watch.foreignRequests].sort()).toEqual([
      'https://192.0.2.1/',
      'https://page.example/',
      'https://worker.example/',
    ]);
    watch.foreignRequests.length = 0;
  });
});
