import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import { visit } from './harness/visit.ts';
import { endWorker, hangWorker } from './harness/workers.ts';
import { serveFewPrompts, SteerPage, withoutLength } from './steer-page.ts';

const params = { prompt: 'Hello', length: '8', pace: 'max' };

describe('what goes wrong is said, and mended', () => {
  it('a truncated model.safetensors is named, and a retry works once the file is whole', async () => {
    const lab = await launchLab({
      provider: 'wasm',
      params,
      prepare: async (context) => {
        await serveFewPrompts(context, 4);
        await context.route('**/model.safetensors', async (route) => {
          const response = await route.fetch();
          const body = await response.body();
          const half = body.subarray(0, body.length >> 1);
          await route.fulfill({ response, body: half, headers: withoutLength(response.headers()) });
        });
      },
    });
    const steer = new SteerPage(lab.page);
    await steer.alerts.first().waitFor();
    expect(await steer.alerts.first().innerText()).toContain('model.safetensors');
    await lab.context.unroute('**/model.safetensors');
    await lab.page.getByRole('button', { name: 'Try again' }).click();
    await steer.ready();
    await steer.answer();
    expect(await steer.alerts.count()).toBe(0);
    await lab.close();
  });

  it('workers that cannot be had are an error with a way on, on every page', async () => {
    const worker = '**/steer.worker*';
    const lab = await launchLab({
      provider: 'wasm',
      params,
      prepare: async (context) => {
        await serveFewPrompts(context, 4);
        await context.route(worker, (route) => route.abort()); // as offline
        await context.addInitScript(() => {
          const workers = window.Worker;
          const refusing = function (): never {
            throw new DOMException('Refused by a policy', 'SecurityError');
          };
          Object.assign(window, { Worker: refusing, allowWorkers: () => Object.assign(window, { Worker: workers }) });
        });
      },
    });
    const steer = new SteerPage(lab.page);
    await lab.page.locator('[data-model=failed]').getByText('could not be started: Refused by a policy').waitFor();
    for (const name of ['Checkpoints', 'Prompts', 'Probe', 'Report']) {
      await visit(lab.page, name);
      await steer.alerts.filter({ hasText: 'could not be started: Refused by a policy' }).first().waitFor();
    }
    await lab.page.evaluate('allowWorkers()');
    await visit(lab.page, 'Steer');
    await lab.page.getByRole('button', { name: 'Try again' }).click();
    await steer.alerts.filter({ hasText: 'The model worker could not be started: its script' }).waitFor();
    await lab.context.unroute(worker);
    await lab.page.getByRole('button', { name: 'Try again' }).click();
    await steer.ready();
    await lab.close();
  });
});

describe('a model worker that is no more', () => {
  let lab: LaunchedPage;
  let steer: SteerPage;
  beforeAll(async () => {
    const slow = { ...params, length: '200', pace: '3' };
    lab = await launchLab({ provider: 'wasm', params: slow, prepare: (context) => serveFewPrompts(context, 4) });
    steer = new SteerPage(lab.page);
    await steer.ready();
  });
  afterAll(() => lab.close());

  it('because it ended without a word is told at once, and a fresh one opens the model', async () => {
    await endWorker(lab.page, 'steer');
    await steer.alerts.filter({ hasText: 'The model worker ended unexpectedly' }).waitFor();
    await lab.page.getByRole('button', { name: 'Try again' }).click();
    await steer.ready();
  });

  it('because it hung is ended by a stop, what was written stays, and a fresh one opens the model', async () => {
    await steer.answerButton.click();
    await steer.written(0, 2);
    await hangWorker(lab.page, 'steer');
    await steer.stopButton.click();
    await steer.alerts.filter({ hasText: 'The model worker did not stop when asked' }).waitFor();
    expect((await steer.tokens(0)).length).toBeGreaterThanOrEqual(2);
    await lab.page.getByRole('button', { name: 'Try again' }).click();
    await steer.ready();
    await steer.answerButton.click();
    await steer.written(0, 2);
  });
});

describe('a prompt that cannot be answered', () => {
  let lab: LaunchedPage;
  let steer: SteerPage;
  beforeAll(async () => {
    lab = await launchLab({ provider: 'wasm', params, prepare: (context) => serveFewPrompts(context, 4) });
    steer = new SteerPage(lab.page);
    await steer.ready();
  });
  afterAll(() => lab.close());

  it('empty: is told beside the box, which then works', async () => {
    await steer.prompt.fill('  ');
    await steer.answerButton.click();
    expect(await steer.alerts.first().innerText()).toContain('The prompt is empty');
    await steer.prompt.fill('Good morning!');
    expect(await steer.alerts.count()).toBe(0);
    await steer.answer();
    expect((await steer.tokens(0)).length).toBeGreaterThan(0);
  });

  it('too long: is told with token counts, and a shorter one works', async () => {
    await steer.prompt.fill('bread and butter '.repeat(800));
    await steer.answerButton.click();
    await steer.alerts.first().waitFor();
    expect(await steer.alerts.first().innerText()).toMatch(/\d[\d,]* tokens/);
    await steer.prompt.fill('Good morning!');
    await steer.answer();
    expect((await steer.tokens(1)).length).toBeGreaterThan(0);
  });
});
