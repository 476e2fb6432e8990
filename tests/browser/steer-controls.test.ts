import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchLab, type LaunchedPage } from './harness/launch.ts';
import { serveFewPrompts, SteerPage } from './steer-page.ts';

const params = { prompt: 'Good morning!', length: '12', pace: 'max', temperature: 'hot', lambda: 'general:0.5' };

describe('the controls of the Steer page', () => {
  let lab: LaunchedPage;
  let steer: SteerPage;
  beforeAll(async () => {
    lab = await launchLab({ provider: 'wasm', params, prepare: (context) => serveFewPrompts(context, 4) });
    steer = new SteerPage(lab.page);
    await steer.ready();
  });
  afterAll(() => lab.close());

  it('names what a link says that cannot be used', async () => {
    const note = await steer.alerts.first().innerText();
    expect(note).toContain('temperature=hot');
    expect(note).toContain('a number from 0 to 2');
    await lab.page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await steer.alerts.count()).toBe(0);
  });

  it('sliders take arrow keys, typing and a double click, and the address follows', async () => {
    const slider = lab.page.getByRole('slider', { name: 'Violence' });
    const field = lab.page.getByRole('spinbutton', { name: 'λ of Violence, as a number' });
    await slider.focus();
    await lab.page.keyboard.press('ArrowRight');
    expect(await field.inputValue()).toBe('0.05');
    await field.fill('-1.25');
    await field.blur();
    expect(await slider.inputValue()).toBe('-1.25');
    await lab.page.waitForURL(/violence%3A-1\.25/);
    await slider.dblclick();
    expect(await field.inputValue()).toBe('0.00');
    await field.fill('1');
    await field.blur();
    await lab.page.getByRole('button', { name: 'Reset all' }).click();
    expect(await lab.page.getByRole('slider', { name: 'General' }).inputValue()).toBe('0');
    await lab.page.waitForURL((url) => !url.hash.includes('lambda'));
  });

  it('a slider dragged near zero rests at zero', async () => {
    const slider = lab.page.getByRole('slider', { name: 'Hate speech' });
    const box = await slider.boundingBox();
    if (box === null) throw new Error('the slider is not on the page');
    const middle = box.y + box.height / 2;
    await lab.page.mouse.move(box.x + box.width * 0.8, middle);
    await lab.page.mouse.down();
    expect(Number(await slider.inputValue())).toBeGreaterThan(1);
    await lab.page.mouse.move(box.x + box.width * 0.512, middle);
    expect(await slider.inputValue()).toBe('0');
    await lab.page.mouse.up();
  });

  it('Ctrl+Enter answers, and the arrow keys walk the tokens with their values', async () => {
    await steer.prompt.focus();
    await lab.page.keyboard.press('Control+Enter');
    await steer.finished();
    await lab.page.getByRole('button', { name: 'Inspect tokens' }).first().focus();
    await lab.page.keyboard.press('Enter');
    const tip = lab.page.locator('.tip');
    expect(await tip.innerText()).toMatch(/token 1[\s\S]*Projection on General[\s\S]*0\.00/);
    await lab.page.keyboard.press('ArrowRight');
    expect(await tip.innerText()).toContain('token 2');
  });

  it('another checkpoint opens; a base one takes raw text', async () => {
    await lab.page.getByLabel('Checkpoint').selectOption('stage1-step0');
    await lab.page.getByRole('radio', { name: 'Chat', disabled: true }).waitFor(); // the one before had it
    await steer.ready();
    await steer.answer();
    await lab.page.waitForURL(/checkpoint=stage1-step0/);
  });

  it('the theme is kept, and pages to come say that they are', async () => {
    await lab.page.getByText('Dark', { exact: true }).click();
    await lab.page.getByRole('link', { name: 'Dose' }).click();
    await lab.page.getByText('Not built yet').waitFor();
    await lab.page.reload();
    await lab.page.getByText('Not built yet').waitFor();
    expect(await lab.page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
  });
});
