/** The built site in a Chromium with its own profile, and a visitor who converts a Hub checkpoint and asks the model. */
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Precision } from '../../src/engine/graph/precisions.ts';
import { CheckpointsPage } from '../../tests/browser/checkpoints-page.ts';
import { chromiumFlags } from '../../tests/browser/harness/chromium-flags.ts';
import { findBrowser } from '../../tests/browser/harness/find-browser.ts';
import { OUTPUT, serveEnginePage, serveLab } from '../../tests/browser/harness/serve.ts';
import { SteerPage } from '../../tests/browser/steer-page.ts';
import { NOTE_WASM_MEMORIES } from './tab-memory.ts';

const PATIENCE_MS = 3_600_000; // a 7B conversion on a busy machine

export interface LabTab {
  readonly browser: Browser;
  readonly page: Page;
  readonly url: string; // URL of the site; the engine's page is below it, on the same origin, so that it finds the same models
  readonly enginePageUrl: string;
  close(): Promise<void>;
}

export async function openLabTab(): Promise<LabTab> {
  const [lab, engine] = [await serveLab(), await serveEnginePage()];
  const link = join(OUTPUT, 'lab/engine-page');
  rmSync(link, { recursive: true, force: true });
  symlinkSync(join(OUTPUT, 'engine-page'), link, 'junction');
  noteWasmMemories(join(OUTPUT, 'lab/assets'));
  const profile = await mkdtemp(join(tmpdir(), 'harmscope-profile-')); // otherwise Chromium keeps the files in memory
  const found = findBrowser();
  const context = await chromium.launchPersistentContext(profile, {
    args: chromiumFlags('wasm'),
    ...(found === null ? {} : { executablePath: found }),
  });
  const browser = context.browser();
  if (browser === null) throw new Error('this Chromium tells nothing of its processes');
  const page = context.pages()[0] ?? (await context.newPage());
  const close = async (): Promise<void> => {
    await context.close();
    await Promise.all([lab.close(), engine.close()]);
    await rm(profile, { recursive: true });
  };
  return { browser, page, url: lab.url, enginePageUrl: `${lab.url}engine-page/`, close };
}

/** The only way to run code in a worker before its own script. */
function noteWasmMemories(assets: string): void {
  for (const file of readdirSync(assets).filter((name) => /\bworker\b.*\.js$/.test(name))) {
    const path = join(assets, file);
    writeFileSync(path, NOTE_WASM_MEMORIES + readFileSync(path, 'utf8'));
  }
}

/** Inspects a checkpoint on the Checkpoints page and chooses a precision, up to but not including the button press. */
export async function prepareConversion(
  { page, url }: LabTab,
  hubUrl: string,
  repo: string,
  precision: Precision,
): Promise<CheckpointsPage> {
  await page.goto(url);
  await new SteerPage(page).ready(); // otherwise the built-in model's directions are computed at the same time
  const checkpoints = new CheckpointsPage(page);
  await checkpoints.open();
  await checkpoints.useHub(hubUrl);
  await checkpoints.inspect(repo, 'main');
  await page.getByRole('radio', { name: new RegExp(`^${precision}`) }).check();
  return checkpoints;
}

/**
 * Resolves once the model is saved.
 * @throws Error with the page's message, when the conversion fails
 */
export async function convert({ page, convertButton, job }: CheckpointsPage): Promise<void> {
  await convertButton.click();
  await page.locator('[data-job=done], [data-job=failed]').waitFor({ timeout: PATIENCE_MS });
  if ((await job.getAttribute('data-job')) === 'failed') throw new Error(await job.innerText());
}

/** Opens a saved model in Steer and waits for its directions. */
export async function openInSteer(
  { page, url }: LabTab,
  model: string,
  choices: Readonly<Record<string, string>>,
): Promise<SteerPage> {
  await page.goto('about:blank'); // ends earlier workers and frees their memory
  const query = new URLSearchParams({ ...choices, model, provider: 'wasm', pace: 'max' });
  await page.goto(`${url}#/steer?${query.toString()}`);
  await page.locator('[data-model=ready]').waitFor({ timeout: PATIENCE_MS });
  const steer = new SteerPage(page);
  await steer.ready();
  return steer;
}

/** The figures that the Steer page shows for an answer, by name. */
export async function answerFigures({ page, answerButton }: SteerPage): Promise<ReadonlyMap<string, string>> {
  await answerButton.click();
  await page.locator('[data-run=done], [data-run=failed]').waitFor({ timeout: PATIENCE_MS, state: 'attached' });
  const figures = await page.locator('.actions dl > div').all();
  const named = figures.map(async (entry): Promise<[string, string]> => {
    return [await entry.locator('dt').innerText(), await entry.locator('dd').innerText()];
  });
  return new Map(await Promise.all(named));
}
