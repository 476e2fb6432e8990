/** A study of published prompts alone, made on the pages: imported, given their uses, and run on one checkpoint. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { HAS_REAL_DATA, REAL_DATA } from '../support/real-data.ts';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import { visit } from './harness/visit.ts';

const WORKING_MS = 90_000; // on a busy machine
const ALPACA_LINES = 150; // of 3,000: a checkpoint takes seconds

describe.skipIf(!HAS_REAL_DATA)(
  'a study of one’s own sets (skipped where ../shared/data is absent)',
  { timeout: 2 * WORKING_MS },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'harmscope-own-study-'));
    let lab: LaunchedPage;
    let page: Page;

    beforeAll(async () => {
      lab = await launchLab({ provider: 'wasm' });
      page = lab.page;
      await visit(page, 'Prompts'); // Steer has rows too
      await page.locator('[data-row]').first().waitFor({ timeout: WORKING_MS });
    });
    afterAll(async () => {
      rmSync(folder, { recursive: true });
      await lab.close(); // throws where anything asked another host, or an error was left uncaught
    });

    /** A list has no column that says a class: its reader says it. */
    async function importFile(path: string, name: string, label: 'safe' | 'harmful'): Promise<void> {
      await page.getByLabel('A table of prompts').setInputFiles(path);
      await page.getByLabel('Label', { exact: true }).selectOption(`all:${label}`);
      await page.locator('[data-count=ready]').waitFor({ timeout: WORKING_MS });
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.locator(`[data-detail="${name}"]`).waitFor({ timeout: WORKING_MS });
    }

    it('comes from files to a finished study without a line of JSON', async () => {
      await importFile(join(REAL_DATA, 'prompts/malicious_instruct.txt'), 'malicious_instruct', 'harmful');
      const lines = readFileSync(join(REAL_DATA, 'prompts/alpaca-3000.jsonl'), 'utf8').split('\n');
      writeFileSync(join(folder, 'alpaca.jsonl'), lines.slice(0, ALPACA_LINES).join('\n'));
      await importFile(join(folder, 'alpaca.jsonl'), 'alpaca', 'safe');

      await page.getByRole('link', { name: 'Use in a study' }).click();
      await page.locator('.looked', { hasText: '150 safe' }).waitFor({ timeout: WORKING_MS });
      await page.getByRole('button', { name: 'Clear all' }).click();
      await page.getByText('Training: no prompts of class “harmful” and “safe”.').waitFor();
      for (const name of ['malicious_instruct', 'alpaca']) {
        await page.getByLabel(`Use of ${name}`, { exact: true }).selectOption('Training');
        await page.locator('[data-choice]', { hasText: name }).getByLabel('Held out, %').fill('20');
      }
      await page.locator('[data-test="Held out"]').waitFor();
      await page.locator('.problems').waitFor({ state: 'detached' });
      const boxes = page.locator('fieldset', { hasText: 'Every 2nd' }).getByRole('checkbox');
      await page.getByRole('button', { name: 'Every 8th' }).click();
      for (let left = await boxes.and(page.locator(':checked')).count(); left > 1; left--) {
        await boxes.and(page.locator(':checked')).first().uncheck();
      }
      await page.getByRole('button', { name: /^Run/ }).click();
      await page.locator('[data-study=done]').waitFor({ timeout: WORKING_MS });
      const bar = await page.locator('[data-study=done]').innerText();
      expect(bar).toContain('1 of 1 checkpoints complete');
    });
  },
);
