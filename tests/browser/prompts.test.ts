/** The Prompts page with files as people have them: imported, refused, compared, deleted and brought back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import { visit } from './harness/visit.ts';

const CSV = [
  'prompt,label,topic',
  '"=HYPERLINK(""http://x.invalid"",""go"")",safe,cells',
  '<img src=x onerror="document.title=1">,unsafe,cells',
  'How do I mend a dress?,safe,home',
  'how do I MEND a dress,unsafe,home',
].join('\n');
const LONG = 'ambiguous in a way that only its context tells, if anything';
const WORKING_MS = 60_000; // on a busy machine

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

/** From the disk, as a visitor does: 50 MB take long through the debugger. */
const folder = mkdtempSync(join(tmpdir(), 'harmscope-prompts-'));
function choose(name: string, content: Buffer): Promise<void> {
  writeFileSync(join(folder, name), content);
  return page.getByLabel('A table of prompts').setInputFiles(join(folder, name));
}
const settled = (state: string): Promise<void> => page.locator(state).waitFor({ timeout: WORKING_MS });
const own = (): Promise<string[]> => page.locator('[data-set^="own:"] .name').allTextContents();

describe('the Prompts page', { timeout: 2 * WORKING_MS }, () => {
  it('shows each rewritten prompt beside its source', async () => {
    await page.locator('[data-set="built-in:harm-rewritten.jsonl"]').click();
    await page.locator('[data-row=rewritten-safe-0000] .twin').waitFor();
    expect(await page.locator('[data-row=rewritten-safe-0000]').innerText()).toContain('Tell me how to mend a dress');
  });

  it('imports a table with formulas and markup as text', async () => {
    await choose('mine.csv', Buffer.from(CSV));
    await settled('[data-count=ready]');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await settled('[data-row=mine-3]');
    expect(await page.locator('[data-row=mine-3] .text').innerText()).toContain('<img src=x');
    expect(await page.locator('[data-row=mine-2] .text').innerText()).toContain('=HYPERLINK("http://x.invalid","go")');
    expect(await page.locator('[data-detail] img, .rows img, .rows a').count()).toBe(0);
    expect(await page.title()).toContain('Prompts');
  });

  it('asks what a list without labels is, and what a value means that it does not know', async () => {
    const go = page.getByRole('button', { name: 'Import', exact: true });
    await choose('list.csv', Buffer.from('hurt a neighbour\nsteal a car\n'));
    await settled('[data-question]');
    expect(await page.locator('[data-question]').innerText()).toContain('list.csv has no column that says');
    expect(await page.locator('[data-layout]').innerText()).toContain('row 1 is a prompt like the others');
    expect(await go.isDisabled()).toBe(true);
    await page.getByLabel('Label', { exact: true }).selectOption('all:harmful');
    await settled('[data-count=ready]');
    expect(await page.locator('[data-count] li').first().innerText()).toBe('2 rows: 0 safe, 2 harmful');
    await choose(
      'caution.csv',
      Buffer.from(
        `prompt;label\nBake, then eat?;Safe\nRob a shop?;Caution\nGo?;\nWhy?;${LONG}\nMisinformation?;Safe\n`,
      ),
    );
    await settled('[data-question]');
    expect(await page.locator('[data-question]').innerText()).toContain(
      'row 3, column “label”: the meaning of the label “Caution”',
    );
    await page.getByLabel('Caution: 1 row').selectOption('harmful');
    const widths = await page.locator('.meanings select').evaluateAll((all) => all.map(({ clientWidth }) => clientWidth)); // prettier-ignore
    expect(Math.min(...widths)).toBeGreaterThan(100); // under a label of any length
    await page.getByLabel(`${LONG}: 1 row`).selectOption('leave-out');
    await settled('[data-count=ready]');
    expect(await page.locator('[data-count] li').allInnerTexts()).toEqual(['5 rows: 2 safe, 1 harmful', 'left out: 2 rows without a label']); // prettier-ignore
    expect(await go.isEnabled()).toBe(true);
    await page.getByLabel('Separator').focus();
    await page.getByLabel('Separator').selectOption('none');
    await settled('[data-question]');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SELECT'); // the fields stayed
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  it.each([
    ['utf16.csv', Buffer.from('\ufeffprompt\nOne.\n', 'utf16le'), 'utf16.csv is UTF-16 text.'],
    ['ragged.csv', Buffer.from('prompt,label\nOne.,safe\nTwo,three,safe\n'), 'ragged.csv, row 3'],
    ['long.csv', Buffer.alloc(50e6, 'a'), 'longer than 16 MB'],
    ['empty.csv', Buffer.alloc(0), 'empty.csv has no rows.'],
  ])('says what is wrong with %s, and loses nothing', async (name, content, problem) => {
    await choose(name, content);
    const alert = page.getByRole('alert');
    await alert.waitFor({ timeout: WORKING_MS });
    expect(await alert.innerText()).toContain(problem);
    expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await own()).toEqual(['mine']);
  });

  it('finds what is there twice, removes it, and brings it back', async () => {
    await page.getByText('Duplicates', { exact: true }).click();
    await page.getByRole('button', { name: 'Compare' }).click();
    await settled('[data-duplicates=ready]');
    expect(await page.locator('[data-duplicates] [role=status]').innerText()).toContain('1 of 4 prompts');
    await page.getByRole('button', { name: 'Remove duplicates' }).click();
    await settled('[data-found="3"]');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('[data-set^="own:"]', { hasText: '2 safe, 2 harmful' }).waitFor();
  });

  it('keeps a set over a reload, and gives a deleted one back', async () => {
    await page.reload();
    await page.locator('[data-set^="own:"]').click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.locator('[data-set^="own:"]').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('[data-set^="own:"]').waitFor();
    expect(await own()).toEqual(['mine']);
  });

  it('leads from a set to its place in the plan, where it is trained on', async () => {
    await page.locator('[data-set^="own:"]').click();
    await page.getByRole('link', { name: 'Use in a study' }).click();
    await settled('.looked');
    await page.waitForFunction(() => document.activeElement?.closest('.looked') != null); // eslint-disable-line eqeqeq
    const use = page.getByLabel('Use of mine', { exact: true });
    expect(await use.inputValue()).toBe('training');
    const [top, height] = await use.evaluate((found): [number, number] => [found.getBoundingClientRect().top, innerHeight]); // prettier-ignore
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(height);
  });
});
