/** A study held, stopped and gone on with; results from elsewhere; and markup where nobody would write it in good faith. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserContext } from 'playwright-core';
import { join } from 'node:path';
import type { StudyPlan } from '../../src/formats/study/study-plan.ts';
import { madeUpPlan, madeUpResults } from '../support/made-up-results.ts';
import { readJsonFile, ROOT } from '../support/run-cli.ts';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import { visit } from './harness/visit.ts';
import { endWorker, hangWorker } from './harness/workers.ts';
import { withoutLength } from './steer-page.ts';
import { MARKUP, resultsWithMarkup, resultsWithWildNames } from './results-with-names.ts';
import { StudyPage } from './study-page.ts';

const BUSY_MS = 600_000; // beside other work on two cores
const MOST_EXTRACTORS = 4; // workers/extractor-pool.ts; each may have a unit under way
const HOLD_MS = 1500; // in which a study that is not held does several units
const NOTICED_MS = 60_000; // it is asked every few seconds

const SMALL = readJsonFile(join(ROOT, 'tests/fixtures/study/small-plan.json')) as unknown as StudyPlan;
const PLAN: StudyPlan = { ...SMALL, name: 'Our own', layer: 3, sweep: false };
const UNITS = 3 * PLAN.sets.length;

/** Puts markup before every prompt of the set that probes are tested on. */
async function serveMarkup(context: BrowserContext): Promise<void> {
  await context.route('**/prompts/harm-test.jsonl', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll('"text": "', `"text": ${JSON.stringify(MARKUP).slice(0, -1)} `);
    await route.fulfill({ response, body, headers: withoutLength(response.headers()) });
  });
}

/** Where a page of this context finds the text that its figures cannot draw; empty: they draw all. */
const UNDRAWABLE = 'test.undrawable';

/** A canvas that fails at a text stands for whatever a figure cannot be drawn from, though its results are read without a complaint. */
async function breakableCanvas(context: BrowserContext): Promise<void> {
  await context.addInitScript((key) => {
    const undrawable = localStorage.getItem(key) ?? '';
    const measure = CanvasRenderingContext2D.prototype.measureText; // eslint-disable-line @typescript-eslint/unbound-method
    CanvasRenderingContext2D.prototype.measureText = function (text: string): TextMetrics {
      if (undrawable !== '' && text.includes(undrawable)) throw new Error(`${undrawable} has no width`);
      return measure.call(this, text);
    };
  }, UNDRAWABLE);
}

let lab: LaunchedPage;
let study: StudyPage;

beforeAll(async () => {
  lab = await launchLab({
    provider: 'wasm',
    page: 'probe',
    prepare: async (context) => {
      await serveMarkup(context);
      await breakableCanvas(context);
    },
  });
  study = new StudyPage(lab.page);
  await study.opened();
}, BUSY_MS);
afterAll(() => lab.close());

/** With the same storage. */
async function openSecondTab(): Promise<StudyPage> {
  const page = await lab.context.newPage();
  await page.goto(lab.url);
  const other = new StudyPage(page);
  await other.opened();
  return other;
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function expectNoMarkup(): Promise<void> {
  expect(await lab.page.locator('img[src="x"]').count()).toBe(0);
  expect(await lab.page.title()).toContain('Harmscope');
}

describe('a study in hand', { timeout: BUSY_MS }, () => {
  it('holds while it is paused, goes on, stops, and goes on to its end', async () => {
    await study.usePlan(PLAN);
    await study.run();
    await study.unitsDone(1);
    await study.button('Pause').click();
    await study.bar.getByText('Paused', { exact: true }).waitFor();
    const held = await study.units();
    const underWay = MOST_EXTRACTORS;
    await wait(HOLD_MS);
    expect(await study.units()).toBeLessThanOrEqual(held + underWay);
    const other = await openSecondTab();
    await other.runButton.click();
    await other.inState('elsewhere');
    await other.bar.getByText('Another tab is running a study').waitFor();
    await other.button('Stop waiting').click();
    await other.inState('idle');
    await other.runButton.click();
    await other.inState('elsewhere');
    await lab.page.bringToFront();
    await study.button('Resume').click();
    await study.unitsDone(Math.min(UNITS - 1, held + underWay + 1));
    await study.button('Stop').click();
    await study.inState('stopped');
    expect(await study.runButton.innerText()).toBe('Resume');
    await other.inState('stopped'); // and does not begin by itself
    await other.page.close();
    await lab.page.bringToFront();
    await study.run();
    await study.inState('done');
    expect(await study.runButton.innerText()).toBe('Run again');
  });

  it.each([
    ['study', 'The study worker ended unexpectedly while running the study'],
    ['extractor', 'A study worker ended unexpectedly while extracting'],
  ])('says so where a %s worker ends without a word, and goes on', async (worker, message) => {
    await study.beginAndPause();
    await endWorker(lab.page, worker);
    await study.alerts.filter({ hasText: message }).waitFor();
    await study.alerts.getByRole('button', { name: 'Resume' }).click();
    await study.inState('done');
  });

  it.each(['study', 'extractor'])(
    'says so while a %s worker hangs, stops, and goes on with what was done',
    async (worker) => {
      await study.beginAndPause();
      await hangWorker(lab.page, worker);
      if (worker === 'extractor') await study.button('Resume').click(); // else nothing may be asked of it
      await study.bar.getByText(/^No response for \d+ s\.$/).waitFor({ timeout: NOTICED_MS });
      await study.button('Stop').click();
      await study.inState('stopped');
      await study.run();
      await study.inState('done');
    },
  );

  it('shows markup in prompts as text', async () => {
    const figure = study.figure('categories');
    await figure.getByRole('button', { name: 'Show as table' }).click();
    await figure.getByRole('button', { name: 'Details' }).first().click();
    const prompts = study.page.getByRole('dialog').getByRole('listitem');
    await prompts.filter({ hasText: MARKUP }).first().waitFor();
    await expectNoMarkup();
    await study.button('Close').click();
  });

  it('shows results from elsewhere, markup in their names as text', async () => {
    await study.importResults('elsewhere.json', resultsWithMarkup());
    await lab.page.locator('[data-imported=true]').waitFor();
    expect(await study.summary.innerText()).toContain(`${MARKUP} Made-up study`);
    expect(await study.bar.innerText()).toContain('Imported from elsewhere.json');
    expect(await study.runButton.count()).toBe(0);
    expect(await study.bar.getByText('Weights to download').count()).toBe(0); // of this browser's own plan
    const chart = study.figure('auroc-over-training').getByRole('application');
    await chart.focus();
    await chart.press('ArrowRight');
    await chart.locator('div', { hasText: MARKUP }).first().waitFor(); // its tooltip
    await expectNoMarkup();
    await chart.press('Enter');
    await study.page.getByRole('dialog').getByText('are on the machine that computed them').waitFor();
    await expectNoMarkup();
    await study.button('Close').click();
    for (const name of ['Geometry', 'Report']) {
      await visit(lab.page, name);
      await lab.page.locator('[data-figure]').first().waitFor();
      await wait(300); // for pictures to be drawn
      await expectNoMarkup();
    }
    await visit(lab.page, 'Probe');
    await study.opened();
  });

  it.each([
    ['cut.json', '{"format":"harmscope-study","version":1', 'cut.json'],
    ['later.json', JSON.stringify({ ...madeUpResults(), version: 2 }), 'was written by a later lab'],
    ['shape.json', JSON.stringify({ ...madeUpResults(), points: 3 }), 'points'],
    ['plan.json', JSON.stringify(madeUpPlan), 'not a file of study results'],
  ])('says what is wrong with %s, and leaves what it shows', async (name, text, problem) => {
    await study.importResults(name, text);
    await study.alerts.filter({ hasText: problem }).waitFor();
    expect(await study.summary.innerText()).toContain('Made-up study');
  });

  it('goes back to its own results', async () => {
    await study.button('Back to my study').click();
    await lab.page.locator('[data-imported=false]').waitFor();
    expect(await study.summary.innerText()).toContain('Our own: 3 of 3 checkpoints complete');
    expect(await study.alerts.count()).toBe(0);
  });

  const undrawable = async (text: string): Promise<void> => {
    await lab.page.evaluate(([key, value]) => localStorage.setItem(key, value), [UNDRAWABLE, text] as const);
    await lab.page.reload();
    await study.opened();
  };
  const failures = (): Promise<string[]> => lab.page.locator('[data-failed]').allInnerTexts();

  it('shows what can be drawn of imported results, and does not keep them where a figure cannot', async () => {
    await undrawable('Violence');
    await study.importResults('elsewhere.json', JSON.stringify(madeUpResults()));
    await lab.page.locator('[data-failed]').first().waitFor();
    const [failure] = await failures();
    expect(failure).toContain('The figure “Categories over training” could not be shown.');
    expect(failure).toContain('Violence has no width');
    await study.figure('auroc-over-training').locator('canvas').first().waitFor();
    await lab.page.reload();
    await lab.page.locator('[data-imported=false]').waitFor();
    expect(await study.summary.innerText()).toContain('Our own');
  });

  it('lets imported results that a later visit cannot draw be discarded from any of its pages', async () => {
    await undrawable('');
    await study.importResults('elsewhere.json', JSON.stringify(madeUpResults()));
    await lab.page.locator('[data-imported=true]').waitFor();
    await study.figure('auroc-over-training').locator('canvas').first().waitFor();
    await wait(500); // in which it is kept: drawn, and told to the worker
    await lab.page.setViewportSize({ width: 390, height: 800 });
    const stages = study.figure('stage-jumps').getByRole('region');
    await expect.poll(() => stages.evaluate((table) => table.scrollWidth - table.clientWidth)).toBe(0); // whole
    await lab.page.setViewportSize({ width: 1280, height: 720 });
    await undrawable('Violence');
    await lab.page.locator('[data-imported=true]').waitFor();
    expect(await study.bar.innerText()).toContain('Imported from elsewhere.json');
    await lab.page.getByRole('navigation').getByRole('link', { name: 'Geometry' }).click();
    await lab.page.locator('[data-failed]').first().waitFor();
    await study.button('Discard the imported results').first().click();
    await lab.page.locator('[data-imported=false]').waitFor();
    await undrawable('');
    expect(await failures()).toEqual([]);
    expect(await study.summary.innerText()).toContain('Our own');
  });

  it('is never wider than its window because of a name, and turns no word of its own', async () => {
    await lab.page.setViewportSize({ width: 390, height: 800 });
    await study.importResults('wild.json', resultsWithWildNames());
    await lab.page.locator('[data-imported=true]').waitFor();
    expect(await study.summary.innerText()).not.toContain('\u202E');
    const keys = Array.from({ length: 20_000 }, (_, index) => `key${index}=${'v'.repeat(30)}`).join('&');
    for (const name of ['probe', 'geometry', 'report', 'steer']) {
      await lab.page.evaluate((hash) => (location.hash = hash), `#/${name}?${keys}`);
      await lab.page.getByText('and 19,995 more').waitFor();
      if (name !== 'steer') await lab.page.locator('[data-figure]').first().waitFor();
      const [content, view] = await lab.page.evaluate((): [number, number] => [
        document.documentElement.scrollWidth,
        innerWidth,
      ]);
      expect(content, name).toBeLessThanOrEqual(view);
      await lab.page.getByRole('button', { name: 'Dismiss' }).click();
    }
  });

  it('shows no older numbers where it scrolls to a figure that has changed meanwhile', async () => {
    await lab.page.setViewportSize({ width: 1280, height: 300 });
    await lab.page.evaluate(() => (location.hash = '#/probe?direction=general'));
    const map = study.figure('transfer').getByRole('application');
    const opacity = (): Promise<string> => map.evaluate((element) => element.style.opacity);
    await map.scrollIntoViewIfNeeded();
    await expect.poll(opacity).toBe('');
    await lab.page.evaluate(() => scrollTo(0, 0));
    await wait(500); // for the window's observers
    await lab.page.evaluate(() => (location.hash = '#/probe?direction=drug_abuse'));
    await expect.poll(opacity).toBe('0');
    await map.scrollIntoViewIfNeeded();
    await expect.poll(opacity).toBe('');
  });

  it('prints its figures as drawings on white, in a dark theme too', async () => {
    await lab.page.setViewportSize({ width: 1280, height: 720 });
    await lab.page.emulateMedia({ colorScheme: 'dark' });
    await lab.page.evaluate(() => (location.hash = '#/probe'));
    const map = study.figure('transfer');
    await map.locator('canvas').first().waitFor();
    await lab.page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    await map.locator('svg').waitFor();
    expect(await map.locator('canvas').first().isVisible()).toBe(false);
    const drawn = await map.locator('svg').evaluate((svg) => ({
      cells: svg.querySelectorAll('path').length,
      colours: [...svg.querySelectorAll('text')].map((text) => text.getAttribute('fill')),
      width: svg.getBoundingClientRect().width,
    }));
    expect(drawn.cells).toBeGreaterThan(15 * 15);
    expect(new Set(drawn.colours)).toEqual(new Set(['rgb(90, 96, 103)'])); // the light theme's
    expect(drawn.width).toBeGreaterThan(300);
    await lab.page.emulateMedia({ colorScheme: 'dark', media: null });
    await map.locator('canvas').first().waitFor();
    expect(await map.locator('svg').count()).toBe(0);
  });
});
