/** axe-core on every page, in both themes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeUpResults } from '../support/made-up-results.ts';
import { launchLab, type LaunchedPage } from './harness/launch.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const OPTIONS: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
  rules: { 'focus-order-semantics': { enabled: true } }, // off by default
};

let lab: LaunchedPage;
beforeAll(async () => {
  lab = await launchLab({ provider: 'wasm', page: 'probe' });
  await lab.page.getByRole('button', { name: 'Edit the plan' }).waitFor();
});
afterAll(() => lab.close());

/** What axe finds in a theme: rule, element and how to fix it. */
async function violations(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.evaluate(AXE);
  const { violations: found, passes } = await page.evaluate(
    async (options) => (window as unknown as { axe: { run(o: RunOptions): Promise<AxeResults> } }).axe.run(options),
    OPTIONS,
  );
  expect(passes.length, 'rules that apply').toBeGreaterThan(10); // else nothing was looked at
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${theme}: ${id} at ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

const both = async (page: Page): Promise<string[]> => [
  ...(await violations(page, 'light')),
  ...(await violations(page, 'dark')),
];
const go = (hash: string): Promise<void> => lab.page.evaluate((to) => void (location.hash = to), hash);

describe('axe-core finds nothing', () => {
  it('on Probe with the plan open', async () => {
    await lab.page.getByRole('button', { name: 'Edit the plan' }).click();
    await lab.page.getByText('Bootstrap resamples').waitFor();
    expect(await both(lab.page)).toEqual([]);
    await lab.page.getByRole('button', { name: 'Close the plan' }).click();
  });

  it('on Probe, Geometry and Report with results', async () => {
    const buffer = Buffer.from(JSON.stringify(madeUpResults()));
    await lab.page.getByLabel('Results file').setInputFiles({ name: 'made-up.json', mimeType: 'application/json', buffer }); // prettier-ignore
    await lab.page.locator('[data-figure=auroc-over-training]').waitFor();
    expect(await both(lab.page)).toEqual([]);
    for (const page of ['geometry', 'report']) {
      await go(`#/${page}`);
      await lab.page.getByRole('heading', { level: 1, name: page, exact: false }).waitFor();
      expect(await both(lab.page), page).toEqual([]);
    }
  });

  it('on Prompts with an import', async () => {
    await go('#/prompts');
    const buffer = Buffer.from('text,label\nHow do I bake bread?,safe\nHow do I rob a bank?,harmful\n');
    await lab.page.getByLabel('A table of prompts').setInputFiles({ name: 'mine.csv', mimeType: 'text/csv', buffer });
    await lab.page.locator('[data-import=ready]').waitFor();
    expect(await both(lab.page)).toEqual([]);
  });

  it('on Checkpoints', async () => {
    await go('#/checkpoints');
    await lab.page.getByRole('heading', { level: 1, name: 'Checkpoints' }).waitFor();
    expect(await both(lab.page)).toEqual([]);
  });

  it('on Steer with an answer', async () => {
    await go('#/steer?provider=wasm&max=12&prompt=How+do+I+bake+bread%3F');
    await lab.page.locator('[data-directions=ready]').waitFor();
    await lab.page.locator('button.primary').click();
    await lab.page.locator('[data-run=done]').waitFor();
    await lab.page.locator('.token').first().focus();
    expect(await both(lab.page)).toEqual([]);
  });
});
