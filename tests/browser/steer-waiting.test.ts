import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import { serveFewPrompts, SteerPage } from './steer-page.ts';

/** Enough that computing takes some seconds, few enough that the test does not. */
const PROMPTS = 60; // of each class and category

describe('while the directions are being computed', () => {
  let lab: LaunchedPage;
  let steer: SteerPage;
  beforeAll(async () => {
    const params = { prompt: 'Hello', length: '8', pace: 'max' };
    lab = await launchLab({ provider: 'wasm', params, prepare: (context) => serveFewPrompts(context, PROMPTS) });
    steer = new SteerPage(lab.page);
    await lab.page.locator('[data-directions=loading]').waitFor({ state: 'attached' });
  });
  afterAll(() => lab.close());

  it('one can type, and cancel', async () => {
    await steer.prompt.fill('Good morning!');
    await lab.page.getByRole('button', { name: 'Cancel' }).click();
    await lab.page.getByRole('button', { name: 'Compute directions' }).waitFor();
    expect(await steer.alerts.count()).toBe(0);
    expect(await steer.prompt.inputValue()).toBe('Good morning!');
  });

  it('an answer asks for them again, and waits', async () => {
    await steer.answerButton.click();
    await lab.page.locator('[data-run=waiting]').waitFor({ state: 'attached' });
    await steer.finished();
    expect((await steer.tokens(0)).length).toBeGreaterThan(0);
  });

  it('another link in the same tab is taken up', async () => {
    await lab.page.evaluate(() => {
      location.hash = '#/steer?prompt=Thank+you&provider=wasm&seed=4&length=8&pace=max&lambda=violence:0.5';
    });
    await lab.page.waitForFunction(() => document.querySelector('textarea')?.value === 'Thank you');
    expect(await lab.page.getByRole('spinbutton', { name: 'λ of Violence, as a number' }).inputValue()).toBe('0.50');
    await steer.answer();
  });

  it('a run that waits can be stopped', async () => {
    await lab.page.getByLabel('Checkpoint').selectOption('stage1-step0');
    await steer.answerButton.click();
    await lab.page.locator('[data-run=waiting]').waitFor({ state: 'attached' });
    await steer.stopButton.click();
    await lab.page.locator('[data-run=idle]').waitFor({ state: 'attached' });
    await steer.ready();
    expect(await steer.run()).toBe('idle');
  });
});
