/**
 * Like bench/convert.ts, in Chromium: converts into OPFS in a worker, then opens the model and generates on WASM, with the memory of the
 * tab's process. `npx tsx bench/convert-browser.ts [tiny|1B|7B] [precision] [threads]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Precision } from '../src/engine/graph/precisions.ts';
import type {} from '../tests/browser/engine-page/engine-page.ts';
import { chromiumFlags } from '../tests/browser/harness/chromium-flags.ts';
import { findBrowser } from '../tests/browser/harness/find-browser.ts';
import { processMemory } from '../tests/browser/harness/process-memory.ts';
import { serveEnginePage } from '../tests/browser/harness/serve.ts';
import type { SHAPES } from './parts/made-up-checkpoint.ts';
import { printTable } from './parts/table.ts';

const [shape = 'tiny', precision = 'int8', threads = '2'] = process.argv.slice(2);
const served = await serveEnginePage();
const profile = await mkdtemp(join(tmpdir(), 'harmscope-profile-')); // otherwise Chromium keeps the files in memory
const found = findBrowser();
const context = await chromium.launchPersistentContext(profile, {
  args: chromiumFlags('wasm'),
  ...(found === null ? {} : { executablePath: found }),
});
const browser = context.browser();
if (browser === null) throw new Error('this Chromium tells nothing of its processes');
const page = context.pages()[0] ?? (await context.newPage());
await page.goto(served.url);
await page.waitForFunction(() => 'converter' in window);

/** The result of `job`, and the peak resident size of the tab's process while it ran. */
async function watching<T>(job: Promise<T>): Promise<{ readonly value: T; readonly peak: number }> {
  let peak = 0;
  const state = { isDone: false };
  const finished = job.finally(() => (state.isDone = true));
  finished.catch(() => undefined); // it is awaited below
  while (!state.isDone) {
    if (browser !== null) peak = Math.max(peak, (await processMemory(browser)).renderer);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { value: await finished, peak };
}

const before = (await processMemory(browser)).renderer;
const conversion = await watching(
  page.evaluate(([shape, precision]) => window.converter.convertMadeUp(shape, 'bench', { precision }), [
    shape as keyof typeof SHAPES,
    precision as Precision,
  ] as const),
);
const [listing] = await page.evaluate(() => window.converter.list());
await page.reload(); // gives the next measurements a fresh heap
await page.waitForFunction(() => 'converter' in window);
const run = await watching(
  page.evaluate((threads) => window.converter.speed('bench', 'wasm', threads), Number(threads)),
);
await context.close();
await served.close();
await rm(profile, { recursive: true });
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
printTable(
  `A made-up ${shape} checkpoint in ${precision}, Chromium, WASM with ${threads} threads`,
  ['', 'seconds', 'resident size of the tab, at most'],
  [
    ['the empty page', '', megabytes(before)],
    [
      `conversion into ${megabytes(listing?.bytes ?? 0)}`,
      (conversion.value / 1000).toFixed(1),
      megabytes(conversion.peak),
    ],
    ['opening', (run.value.openMs / 1000).toFixed(1), megabytes(run.peak)],
    ['a token', (run.value.tokenMs / 1000).toFixed(3), ''],
  ],
);
process.exit();
