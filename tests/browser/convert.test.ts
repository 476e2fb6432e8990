/** Conversions in a real worker into the browser's real private file system. */
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/sampling/random.ts';
import type { Precision } from '../../src/engine/graph/precisions.ts';
import type { GoldenScope } from '../parity/golden-case.ts';
import { repeatWith, testSeed } from '../support/test-seed.ts';
import { launchEngine, type LaunchedPage, type Provider } from './harness/launch.ts';

const LADDER = 'ladders/tiny-olmo3/Instruct'; // 1.2 M weights, 89 tensors
const ENDINGS = 10;

let launched: LaunchedPage | undefined;

afterEach(async () => {
  const last = launched;
  launched = undefined;
  await last?.close();
});

async function start(provider: Provider): Promise<Page> {
  launched = await launchEngine({ provider });
  return launched.page;
}

/** Another page with the same storage. */
async function nextPage(): Promise<Page> {
  if (launched === undefined) throw new Error('no browser');
  const page = await launched.context.newPage();
  await page.goto(launched.url);
  await page.waitForFunction(() => 'converter' in window);
  return page;
}

const convert = (page: Page, folder: string, name: string, precision: Precision): Promise<number> =>
  page.evaluate(([folder, name, precision]) => window.converter.convert(folder, name, { precision }), [
    folder,
    name,
    precision,
  ] as const);

/** Waits until the conversion under way has read a share of the weights: a time would depend on what else the machine does. */
const reaches = (page: Page, share: number): Promise<void> =>
  page.evaluate(async (share) => {
    while ((await window.converter.share()) < share) await new Promise((next) => setTimeout(next, 1));
  }, share);

const digests = (page: Page, name: string): Promise<Record<string, string>> =>
  page.evaluate((name) => window.converter.digests(name), name);

/** On WASM whole; on SwiftShader as much as shows that the weights arrived, since the graph is that of a checkpoint. */
const SCOPES: Readonly<Record<Provider, GoldenScope>> = {
  wasm: { generatedTokens: 24, alone: 'all' },
  webgpu: { generatedTokens: 2, alone: 'first and last' },
};

describe.each<Provider>(['wasm', 'webgpu'])('a model converted into OPFS, on %s', (provider) => {
  it.each(['olmo3', 'olmo3-bf16-sharded', 'olmo1-noclip-tied'])('gives the goldens of %s', async (golden) => {
    const page = await start(provider);
    await convert(page, `fixtures/golden/${golden}`, golden, 'float32');
    const { single, generations } = await page.evaluate(
      ([golden, provider, scope]) => window.converter.golden(golden, golden, provider, scope),
      [golden, provider, SCOPES[provider]] as const,
    );
    expect(single.length).toBeGreaterThan(10);
    for (const { what, relativeL2 } of single) expect(relativeL2, what).toBeLessThan(1e-5);
    for (const { what, ids, golden } of generations) expect(ids, what).toEqual(golden.slice(0, ids.length));
  });
});

describe('a converted model', () => {
  it('opens without JSPI too, its weights still read piece by piece', async () => {
    const page = await start('webgpu');
    await page.evaluate(() => window.converter.removeJspi());
    await convert(page, 'fixtures/golden/olmo3', 'olmo3', 'float32');
    const { single } = await page.evaluate(
      (scope) => window.converter.golden('olmo3', 'olmo3', 'wasm', scope),
      SCOPES.wasm,
    );
    for (const { what, relativeL2 } of single) expect(relativeL2, what).toBeLessThan(1e-5);
  });

  it('is listed with size and use, and deleted', async () => {
    const page = await start('wasm');
    await convert(page, 'fixtures/golden/olmo1', 'tiny.q8', 'q8');
    await page.evaluate(() => window.converter.touch('tiny.q8'));
    const [listing, ...others] = await page.evaluate(() => window.converter.list());
    expect(others).toEqual([]);
    expect(listing).toMatchObject({ name: 'tiny.q8', label: 'fixtures/golden/olmo1', precision: 'q8' });
    expect(listing?.bytes).toBeGreaterThan(50_000);
    expect(Date.now() - (listing?.changed ?? 0)).toBeLessThan(600_000);
    expect(Date.now() - (listing?.lastUsed ?? 0)).toBeLessThan(600_000);
    const report = await page.evaluate(() => window.converter.report());
    expect(report.usedBytes).toBeGreaterThan(50_000);
    expect(report.quotaBytes).toBeGreaterThan(report.usedBytes);
    await page.evaluate(() => window.converter.remove('tiny.q8'));
    expect(await page.evaluate(() => window.converter.list())).toEqual([]);
  });
});

describe('a page that ends during a conversion', () => {
  it(`leaves what the next one finishes to the same bytes, ${ENDINGS} times`, async () => {
    const first = await start('wasm');
    await convert(first, LADDER, 'undisturbed', 'q4');
    const expected = await digests(first, 'undisturbed');
    const seed = testSeed(3);
    const random = createRandom(seed);
    let unfinished = 0;
    let page = first; // which has done a conversion before, as those that follow
    for (let round = 0; round < ENDINGS; round++) {
      void convert(page, LADDER, 'disturbed', 'q4').catch(() => undefined); // it dies with its page
      await reaches(page, random() / 2); // of a quick machine's, more would be over before the page is
      await page.close();
      const next = await nextPage();
      const isModel = 'manifest.json' in (await digests(next, 'disturbed'));
      if (!isModel) {
        unfinished++;
        expect(await next.evaluate(() => window.converter.openFailure('disturbed'))).toContain('no manifest.json');
      }
      await convert(next, LADDER, 'disturbed', 'q4');
      expect(await digests(next, 'disturbed')).toEqual(expected);
      expect(await next.evaluate(() => window.converter.openFailure('disturbed'))).toBeNull();
      await next.evaluate(() => window.converter.remove('disturbed'));
      page = next;
    }
    expect(unfinished, repeatWith(seed)).toBeGreaterThan(ENDINGS / 2); // it was ended in the middle, not after
  });
});
