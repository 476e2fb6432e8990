import { expect, it } from 'vitest';
import { join } from 'node:path';
import type { StudyPlan } from '../../src/formats/study/study-plan.ts';
import { readJsonFile, ROOT } from '../support/run-cli.ts';
import { launchLab, type Provider } from './harness/launch.ts';
import { visit } from './harness/visit.ts';
import { StudyPage } from './study-page.ts';

const OPENING_MS = 60_000; // on a busy machine

const PLAN = readJsonFile(join(ROOT, 'tests/fixtures/study/small-plan.json')) as unknown as StudyPlan;
const SHORT: StudyPlan = {
  ...PLAN,
  ...{ layer: 3, sweep: false },
  ladder: { kind: 'built-in', id: 'tiny-olmo3', revisions: ['Instruct'] },
};

it.each<Provider>(['wasm', 'webgpu'])(
  'the built lab opens on %s, cross-origin isolated and without an error',
  async (provider) => {
    const lab = await launchLab({ provider });
    expect(await lab.page.title()).toContain('Harmscope');
    await lab.page.getByRole('navigation').first().waitFor();
    expect(await lab.page.evaluate(() => crossOriginIsolated)).toBe(true);
    await lab.close();
  },
);

it('no model opens before Steer is visited, and none a second time', { timeout: 3 * OPENING_MS }, async () => {
  const asked: string[] = [];
  const lab = await launchLab({
    provider: 'wasm',
    page: 'probe',
    prepare: (context) => {
      context.on('request', (request) => asked.push(new URL(request.url()).pathname));
      return Promise.resolve();
    },
  });
  const { page } = lab;
  const openings = (): readonly number[] =>
    [/steer\.worker/, /model\.safetensors$/].map((wanted) => asked.filter((path) => wanted.test(path)).length);
  const go = (name: string): Promise<void> => visit(page, name);

  await page.getByRole('button', { name: 'Edit the plan' }).click({ timeout: OPENING_MS });
  await page.getByText('39 of 39').waitFor({ timeout: OPENING_MS }); // the ladder's list is there all the same
  await go('Checkpoints');
  await page.locator('[data-measured]').waitFor({ timeout: OPENING_MS });
  await page.getByText('No model open').waitFor();
  expect(openings()).toEqual([0, 0]);

  await go('Steer');
  await page.locator('[data-model=ready]').waitFor({ timeout: OPENING_MS });
  expect(openings()).toEqual([1, 1]);
  await go('Checkpoints');
  await page.locator('[data-measured]').waitFor();
  await go('Steer');
  await page.locator('[data-model=ready]').waitFor();
  expect(openings()).toEqual([1, 1]);
  await lab.close();
});

it(
  'a page that cannot be had without a network is asked for again, and the session stays',
  { timeout: 3 * OPENING_MS },
  async () => {
    const lab = await launchLab({ provider: 'wasm', params: { prompt: 'Still here' } });
    const { page } = lab;
    const go = (name: string): Promise<void> => page.getByRole('navigation').getByRole('link', { name }).click();
    await page.locator('[data-directions=ready]').waitFor({ timeout: OPENING_MS });
    await lab.context.setOffline(true);
    await go('Prompts');
    const note = page.locator('[data-unfetched]');
    await note.waitFor();
    expect(await note.innerText()).toContain('there is no network');
    expect(await note.innerText()).not.toContain('bug');
    await note.getByRole('button', { name: 'Try again' }).click();
    await note.waitFor(); // still without
    await go('Probe');
    await note.waitFor();
    await lab.context.setOffline(false); // the page hears of it by itself
    await page.locator('[data-study]').waitFor({ timeout: OPENING_MS });
    const width = await page.locator('[data-study]').evaluate((bar) => getComputedStyle(bar).display);
    expect(width).toBe('grid'); // its style sheet is there too
    await go('Steer');
    expect(await page.getByRole('textbox', { name: 'Prompt' }).inputValue()).toBe('Still here');
    await page.locator('[data-directions=ready]').waitFor();
    await lab.close();
  },
);

/** Before the code of every worker, as a browser has it where site data is blocked. */
const REFUSED = `
{
  const refuse = () => { throw new DOMException('blocked by a setting', 'SecurityError'); };
  Object.defineProperty(self, 'indexedDB', { value: { open: refuse } });
  StorageManager.prototype.getDirectory = async () => refuse();
}
`;

it('works in memory where IndexedDB and files are refused, and says so', { timeout: 5 * OPENING_MS }, async () => {
  const lab = await launchLab({
    provider: 'wasm',
    page: 'probe',
    prepare: async (context) => {
      await context.route(/\.worker-.*\.js/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: REFUSED + (await response.text()) });
      });
    },
  });
  const { page } = lab;
  const go = (name: string): Promise<void> => page.getByRole('navigation').getByRole('link', { name }).click();
  const study = new StudyPage(page);
  await study.opened();
  expect(await page.locator('[data-memory-only]').innerText()).toContain('blocked by a setting');
  await study.usePlan(SHORT);
  await study.run();
  await study.inState('done');
  await go('Report');
  await page.locator('[data-figure]').first().waitFor();
  await go('Checkpoints');
  await page.locator('[data-kept=ready]').waitFor({ timeout: OPENING_MS });
  await go('Prompts');
  await page.getByLabel('A table of prompts').setInputFiles({
    ...{ name: 'mine.csv', mimeType: 'text/csv' },
    buffer: Buffer.from('prompt,label\nplease open the door,0\nplease close the door,1\n'),
  });
  await page.getByRole('button', { name: 'Import', exact: true }).click({ timeout: OPENING_MS });
  await page.locator('[data-set^="own:"]').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  await go('Probe');
  await page.locator('[data-choice^="own:"]').waitFor(); // the study’s worker sees it too
  await lab.close();
});
