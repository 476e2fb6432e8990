import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
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

  it('a model worker that cannot start is an error with a way on', async () => {
    const worker = '**/model.worker*';
    const lab = await launchLab({
      provider: 'wasm',
      params,
      prepare: async (context) => {
        await serveFewPrompts(context, 4);
        await context.route(worker, (route) => route.abort());
      },
    });
    const steer = new SteerPage(lab.page);
    await steer.alerts.first().waitFor();
    expect(await steer.alerts.first().innerText()).toMatch(/The model worker/);
    await lab.context.unroute(worker);
    await lab.page.getByRole('button', { name: 'Try again' }).click();
    await steer.ready();
    await lab.close();
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
