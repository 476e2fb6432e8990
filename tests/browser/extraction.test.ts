/** Activations of a ladder of the Hub, extracted by the page: planned, held up by a poor network, ended ten times, and the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/sampling/random.ts';
import { bytesSource } from '../../src/formats/bytes/byte-source.ts';
import { readSafetensorsHeader } from '../../src/formats/bytes/safetensors.ts';
import { startHubServer, type HubServer } from '../hub-server/hub-server.ts';
import { filesOfFolder, servedFile, type RevisionFiles } from '../hub-server/served-file.ts';
import { CheckpointsPage } from './checkpoints-page.ts';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import { serveFewPrompts } from './steer-page.ts';
import { repeatWith, testSeed } from '../support/test-seed.ts';

const LADDER = join(import.meta.dirname, '../../public/ladders/tiny-olmo3'); // 8 layers, 2.4 MB each
const REVISIONS = ['stage1-step0', 'stage1-step100', 'Instruct'];
const WEIGHTS = /model\.safetensors$/;
const READ_MS = 30; // what a read of weights takes, so that there is a middle to be ended in
const ENDINGS = 10;
const MOST_READS = 4; // of weights, between two ends
const READS_WITH_FAULTS = 9; // then all of the poor network's faults were met
const WORKING_MS = 60_000;
const PROMPTS = Array.from({ length: 24 }, (_, i) => `Tell me how to arrange cupboard ${i} properly.`).join('\n');

let server: HubServer;
let lab: LaunchedPage;

function slowly(files: RevisionFiles): RevisionFiles {
  const weights = servedFile(files['model.safetensors'] ?? '');
  const read = async function* (start: number, end: number): AsyncIterable<Uint8Array> {
    await wait(READ_MS);
    yield* weights.read(start, end);
  };
  return { ...files, 'model.safetensors': { ...weights, read } };
}

beforeAll(async () => {
  const branches = Object.fromEntries(REVISIONS.map((name) => [name, slowly(filesOfFolder(join(LADDER, name)))]));
  server = await startHubServer([{ id: 'tiny/olmo', branches }]);
  lab = await launchLab({ provider: 'wasm', prepare: (context) => serveFewPrompts(context, 4) });
  lab.context.setDefaultTimeout(WORKING_MS); // a busy machine is slow, not wrong
});
afterAll(async () => {
  await lab.close();
  await server.close();
});

/** Every activation that this browser keeps: its key → a digest of its bytes. */
const stored = (page: Page): Promise<Record<string, string>> =>
  page.evaluate(async () => {
    const request = indexedDB.open('harmscope-activations');
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('no database'));
    });
    const found: [string, Float32Array<ArrayBuffer>][] = [];
    await new Promise<void>((resolve) => {
      const walk = db.transaction('activations').objectStore('activations').openCursor();
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (cursor === null) {
          resolve();
          return;
        }
        const value = cursor.value as { values?: Float32Array<ArrayBuffer> };
        if (value.values !== undefined) found.push([cursor.key as string, value.values]);
        cursor.continue();
      };
    });
    db.close();
    const digests = found.map(async ([key, values]) => {
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', values));
      return [key, [...digest].map((byte) => byte.toString(16)).join('')] as const;
    });
    return Object.fromEntries(await Promise.all(digests));
  });

const unfinished = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle('extraction').then(
      () => true,
      () => false,
    );
  });

async function plan(page: Page): Promise<string> {
  const card = page.locator('[data-ladder="own own.json"]');
  await card.getByRole('button', { name: 'Extract activations…' }).click();
  for (const set of ['Training', 'Held out']) await card.getByLabel(set, { exact: true }).uncheck();
  await card.getByLabel(/^A prompt file/).setInputFiles({ name: 'own.txt', mimeType: 'text/plain', buffer: Buffer.from(PROMPTS) }); // prettier-ignore
  await card.getByLabel(/^Layers/).fill('all');
  await card.getByRole('button', { name: /^Plan with/ }).click();
  return card.locator('[data-extraction-plan]').innerText({ timeout: WORKING_MS });
}

const weightReads = (): number =>
  server.traffic.requests.filter(({ origin, path }) => origin === 'cdn' && WEIGHTS.test(path)).length;

const extract = (page: Page): Promise<void> => page.getByRole('button', { name: 'Extract', exact: true }).click();

async function settled(page: Page): Promise<string | null> {
  const ends = '[data-extraction=done], [data-extraction=held], [data-extraction=failed]';
  await page.locator(ends).waitFor({ timeout: WORKING_MS });
  return page.locator('[data-extraction]').getAttribute('data-extraction');
}

describe('activations of a ladder of the Hub', () => {
  let undisturbed: Record<string, string>;

  it('are planned before a weight is fetched, extracted, listed and saved', async () => {
    const { page } = lab;
    const checkpoints = new CheckpointsPage(page);
    await checkpoints.open();
    await checkpoints.useHub(server.url);
    const list = JSON.stringify(REVISIONS.map((revision) => ({ repo: 'tiny/olmo', revision })));
    const file = { name: 'own.json', mimeType: 'application/json', buffer: Buffer.from(list) };
    await page.getByLabel('A ladder or a list of checkpoints').setInputFiles(file);
    const card = page.locator('[data-ladder="own own.json"]');
    await card.locator('summary').click();
    await card.getByRole('button', { name: /^List checkpoints on/ }).click();
    const text = await plan(page);
    expect(text).toMatch(/own 24: 24 prompts[\s\S]*layer 0, 1, 2, 3, 4, 5, 6, 7 of 0–7/);
    expect(text).toMatch(/of 2\.4 MB a checkpoint \(\d\d\.\d %\)[\s\S]*about [\d.]+ MB: weights[\s\S]*295 kB in this/);
    expect(server.traffic.of('tiny/olmo/model.safetensors').bytes).toBeLessThan(20_000); // headers
    await extract(page);
    expect(await settled(page)).toBe('done');
    undisturbed = await stored(page);
    expect(Object.keys(undisturbed)).toHaveLength(3 * 8);
    const set = page.locator('[data-activation-set=own]');
    expect(await set.innerText()).toMatch(/24 prompts on 3 checkpoints[\s\S]*295 kB[\s\S]*stored today/);
    const download = page.waitForEvent('download');
    await set.getByRole('button', { name: /^Save/ }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe('own.json-own.safetensors');
    const bytes = new Uint8Array(readFileSync(await saved.path()));
    const { tensors } = await readSafetensorsHeader(bytesSource('saved', bytes));
    expect(tensors.get('tiny/olmo@Instruct/resid_post.7')?.shape).toEqual([24, 128]);
  });

  it(`are the same bytes after a poor network and ${ENDINGS} ends of the tab, each gone on from by itself`, async () => {
    await lab.page.getByRole('button', { name: /^Delete activations/ }).click();
    await lab.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await lab.page.locator('[data-activation-set]').waitFor({ state: 'detached' });
    await plan(lab.page);
    const retryAfter = { 'Retry-After': '1', 'Access-Control-Expose-Headers': 'Retry-After' }; // as a mirror may let pages read
    server.faults.add({ kind: 'status', status: 503 }, { path: WEIGHTS, times: 2 });
    server.faults.add({ kind: 'status', status: 429, headers: retryAfter }, { path: WEIGHTS, after: 3, times: 1 });
    server.faults.add({ kind: 'cut', afterBytes: 1000 }, { path: WEIGHTS, origin: 'cdn', after: 5, times: 3 });
    await extract(lab.page);
    await lab.page.getByText(/Waiting: .* answered 503; trying again/).waitFor();
    const seed = testSeed(5);
    const random = createRandom(seed);
    let page = lab.page;
    let goneOn = 0;
    let readsThen = weightReads() + READS_WITH_FAULTS;
    for (let round = 0; round < ENDINGS; round++) {
      await expect.poll(() => weightReads() > readsThen, { timeout: WORKING_MS }).toBe(true);
      if (round === 4) {
        const crashed = page.waitForEvent('crash');
        void page.goto('chrome://crash').catch(() => undefined); // the renderer dies, which no answer tells
        await crashed;
      }
      await page.close();
      // The next one comes so far and no further, however fast this machine is.
      const more = 1 + Math.floor(random() * MOST_READS);
      server.faults.clear();
      server.faults.add({ kind: 'hang' }, { path: WEIGHTS, origin: 'cdn', after: more });
      readsThen = weightReads() + more;
      page = await lab.context.newPage();
      await page.goto(new URL('#/checkpoints', lab.url).href);
      await page.locator('[data-extraction]').waitFor();
      if ((await page.locator('[data-extraction=running]').count()) > 0) goneOn++;
    }
    expect(goneOn, repeatWith(seed)).toBe(ENDINGS); // it was ended in the middle, not after
    server.faults.clear();
    await page.reload(); // what the server left hanging is asked for again
    expect(await settled(page)).toBe('done');
    expect(await stored(page), repeatWith(seed)).toEqual(undisturbed);
    expect(await unfinished(page)).toBe(false);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.locator('[data-extraction]').waitFor({ state: 'detached' });
  });
});
