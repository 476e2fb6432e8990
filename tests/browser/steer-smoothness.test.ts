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
  for (let round = 0; round < 3; round++) await steer.answer();
  await steer.choosePace('40');
  await steer.answerButton.click();
  const slider = lab.page.getByRole('slider', { name: 'General' });
  await slider.focus();
  for (let press = 0; press < 20; press++) await lab.page.keyboard.press('ArrowRight');
  await steer.finished();
  expect(await longTasks(lab.page, start)).toEqual([]);
  expect((await steer.tokens(0)).length).toBeGreaterThan(30);
  await lab.close();
});
