import { expect, it } from 'vitest';
import { launchLab } from './harness/launch.ts';
import { longTasks, pageNow } from './harness/long-tasks.ts';
import { serveFewPrompts, SteerPage } from './steer-page.ts';

it('the main thread is never busy for over 50 ms while the page generates', async () => {
  const params = { prompt: 'Tell me about', template: 'raw', temperature: '1', length: '400', pace: 'max', seed: '2' };
  const lab = await launchLab({ provider: 'wasm', params, prepare: (context) => serveFewPrompts(context, 8) });
  const steer = new SteerPage(lab.page);
  await steer.ready();
  const start = await pageNow(lab.page);
  let tokens = 0;
  for (let round = 0; round < 3; round++) {
    await steer.answer();
    tokens += (await steer.tokens(0)).length + (await steer.tokens(1)).length;
  }
  await steer.choosePace('40');
  await steer.answerButton.click();
  const slider = lab.page.getByRole('slider', { name: 'General' });
  await slider.focus();
  for (let press = 0; press < 20; press++) await lab.page.keyboard.press('ArrowRight');
  await steer.finished();
  expect(tokens).toBeGreaterThan(60);
  expect(await longTasks(lab.page, start)).toEqual([]);
  await lab.close();
});
