import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import type { BrowserContext } from 'playwright-core';
import { SteerPage } from './steer-page.ts';

/** Holds back the prompt sets, so that directions have to wait for them, until `release`. */
class HeldPrompts {
  #release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => (this.#release = resolve));

  async prepare(context: BrowserContext): Promise<void> {
    await context.route('**/prompts/harm-*.jsonl', async (route) => {
      await this.#released;
      await route.continue();
    });
  }
  release(): void {
    this.#release();
  }
}

describe('while the directions are being computed', () => {
  const held = new HeldPrompts();
  let lab: LaunchedPage;
  let steer: SteerPage;
  beforeAll(async () => {
    const params = { prompt: 'Hello', length: '8', pace: 'max', lambda: 'general:1' };
    lab = await launchLab({ provider: 'wasm', params, prepare: (context) => held.prepare(context) });
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

  it('the unsteered answer begins, and the steered one waits for them', async () => {
    await steer.answerButton.click();
    await lab.page.locator('.text[data-row="0"] .token').nth(3).waitFor();
    expect(await lab.page.locator('.text[data-row="1"] .token').count()).toBe(0);
    held.release();
    await steer.finished();
    const [asIs, steered] = [await steer.tokens(0), await steer.tokens(1)];
    expect(Math.min(asIs.length, steered.length)).toBeGreaterThan(0);
    await steer.ready(); // the directions that were cancelled are there again
    await lab.page.locator('.text[data-row="0"] .token').first().hover(); // and what came before them was read later
    await lab.page.locator('.tip').getByText('Projection on General').waitFor();
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
