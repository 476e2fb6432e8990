/** The study in the tab: to its end as on the command line, through ten ends of the tab's process, and on WebGPU. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/sampling/random.ts';
import { cosine } from '../../src/core/linalg/vectors.ts';
import type { StudyPlan } from '../../src/formats/study/study-plan.ts';
import type { StudyResults } from '../../src/formats/study/study-results.ts';
import { lab as commandLine, makeFolder, readJsonFile, readTensors, ROOT } from '../support/run-cli.ts';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import { largestDifference } from './results-difference.ts';
import { StudyPage } from './study-page.ts';
import { repeatWith, testSeed } from '../support/test-seed.ts';

const BUSY_MS = 900_000; // beside other work on two cores; alone it takes a tenth of it

const PLAN = readJsonFile(join(ROOT, 'tests/fixtures/study/small-plan.json')) as unknown as StudyPlan;
/** A checkpoint and a few prompts a class: on SwiftShader a dispatch takes 5 ms. */
const SHORT: StudyPlan = {
  ...PLAN,
  ...{ name: 'A short study', layer: 3, sweep: false, truth: null, train: ['Training'] },
  ladder: { kind: 'built-in', id: 'tiny-olmo3', revisions: ['Instruct'] },
  sets: [
    { name: 'Training', source: { kind: 'built-in', file: 'harm-train.jsonl' }, part: { seed: 1, from: 0, to: 0.012 } },
    { name: 'Rewritten', source: { kind: 'built-in', file: 'harm-rewritten.jsonl' }, part: { seed: 1, from: 0, to: 0.02 } }, // prettier-ignore
  ],
  tests: [{ name: 'Rewritten', role: 'rewritten', sets: ['Rewritten'] }],
};

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly results: StudyResults;
  readonly directions: Readonly<Record<string, { readonly data: Float32Array }>>;
}

async function onCommandLine(plan: StudyPlan, name: string): Promise<Outcome> {
  const [path, out] = [join(folder, `${name}.json`), join(folder, name)];
  writeFileSync(path, JSON.stringify(plan));
  expect(await commandLine('study', '--plan', path, '--out', out)).toMatchObject({ code: 0 });
  const { tensors } = await readTensors(join(out, 'directions.safetensors'));
  return { results: readJsonFile(join(out, 'results.json')) as unknown as StudyResults, directions: tensors };
}

async function onPage(study: StudyPage): Promise<Outcome> {
  const { tensors } = await readTensors(await study.directions());
  return { results: await study.results(), directions: tensors };
}

/** The largest cosine distance between directions of the same name. */
function distance(one: Outcome, other: Outcome): number {
  const names = Object.keys(one.directions);
  expect(Object.keys(other.directions)).toEqual(names);
  const nothing = new Float32Array();
  return Math.max(
    ...names.map((name) => 1 - cosine(one.directions[name]?.data ?? nothing, other.directions[name]?.data ?? nothing)),
  );
}

describe('the study in a page, on WASM', { timeout: BUSY_MS }, () => {
  let lab: LaunchedPage;
  let study: StudyPage;
  let whole: Outcome; // of the undisturbed run

  beforeAll(async () => {
    lab = await launchLab({ provider: 'wasm', page: 'probe' });
    study = new StudyPage(lab.page);
    await study.opened();
  }, BUSY_MS);
  afterAll(() => lab.close());

  it('fills its figures as it runs, and finds what the command line finds', async () => {
    await study.usePlan(PLAN);
    await study.run();
    await study.measured(1);
    expect(await study.bar.getAttribute('data-study')).toBe('running');
    await study.figure('categories').locator('canvas').first().waitFor();
    await study.inState('done');
    await study.measured(3);
    whole = await onPage(study);
    const expected = await onCommandLine(PLAN, 'whole');
    expect(whole.results.checkpoints).toHaveLength(3);
    expect(largestDifference(whole.results, expected.results)).toBeLessThan(1e-6);
    expect(distance(whole, expected)).toBeLessThan(1e-5);
  });

  it('has each checkpoint’s activations in one file', async () => {
    const files = await lab.page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('harmscope-study');
      const names: string[] = [];
      for await (const name of folder.keys()) names.push(name);
      return names;
    });
    expect(files).toHaveLength(whole.results.checkpoints.length);
  });

  it('shows what lies behind a point that the keyboard goes to, and behind a row of the table', async () => {
    const figure = study.figure('categories');
    const chart = figure.getByRole('application');
    await chart.focus();
    await chart.press('ArrowRight');
    await chart.press('Enter');
    const dialog = study.page.getByRole('dialog');
    await dialog.locator('[data-figure=roc] canvas').first().waitFor();
    await dialog.locator('[data-figure=scores] canvas').first().waitFor();
    expect(await dialog.getByRole('listitem').count()).toBeGreaterThan(5);
    await study.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await figure.getByRole('button', { name: 'Show as table' }).click();
    await figure.getByRole('button', { name: 'Details' }).first().click();
    await dialog.locator('[data-figure=roc] canvas').first().waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('ends with the same results when the tab’s process was ended ten times', async () => {
    const seed = testSeed(17);
    const random = createRandom(seed);
    const units = 3 * PLAN.sets.length;
    const moments = Array.from({ length: 10 }, () => ({
      units: Math.floor(random() * (units - 2)),
      ms: 150 * random(),
    }));
    moments.sort((a, b) => a.units - b.units);
    const hint = repeatWith(seed);
    const other = await launchLab({ provider: 'wasm', page: 'probe' });
    let ended = 0; // in its middle
    let survivor = new StudyPage(other.page);
    await survivor.opened();
    await survivor.usePlan(PLAN);
    for (const moment of moments) {
      await survivor.run();
      await survivor.unitsDone(moment.units);
      await new Promise((done) => setTimeout(done, moment.ms));
      survivor = new StudyPage(await other.crashAndReopen());
      await survivor.opened();
      if ((await survivor.runButton.innerText()) !== 'Resume') break; // it was quicker than the hand that ends it
      ended++;
    }
    expect(ended, hint).toBeGreaterThan(moments.length / 2);
    await survivor.run();
    await survivor.inState('done');
    const last = await onPage(survivor);
    expect(last.results, hint).toEqual(whole.results);
    expect(distance(last, whole), hint).toBeLessThan(1e-12);
    await other.close();
  });
});

describe('the study in a page, on WebGPU', { timeout: BUSY_MS }, () => {
  it('runs to its end, and finds what WASM finds', async () => {
    const lab = await launchLab({ provider: 'webgpu', page: 'probe' });
    const study = new StudyPage(lab.page);
    await study.opened();
    await study.bar.getByLabel('Device').selectOption('webgpu');
    await study.usePlan(SHORT);
    await study.run();
    await study.inState('done');
    const found = await onPage(study);
    const expected = await onCommandLine(SHORT, 'short');
    const aurocs = ({ results }: Outcome): readonly number[] =>
      results.checkpoints.flatMap(({ probes }) => probes.map(({ auroc }) => auroc));
    expect(aurocs(found).length).toBeGreaterThan(20);
    expect(largestDifference(aurocs(found), aurocs(expected))).toBeLessThan(0.01); // float32 sums in another order
    expect(distance(found, expected)).toBeLessThan(1e-4);
    expect(distance(found, expected)).not.toBe(0); // as it would be had WASM done the work
    await lab.close();
  });
});
