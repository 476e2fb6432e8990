import { expect, it } from 'vitest';
import { launchLab } from './harness/launch.ts';
import { mainThreadTasks } from './harness/main-thread.ts';
import { serveFewPrompts, SteerPage } from './steer-page.ts';

const LONG_MS = 50;

it('the main thread is never busy for over 50 ms while the page generates', async () => {
  // An untrained model hardly ever ends by itself: 200 tokens it is.
  const params = { checkpoint: 'stage1-step0', prompt: 'Once', temperature: '1', length: '200', pace: 'max' };
  const lab = await launchLab({ provider: 'wasm', params, prepare: (context) => serveFewPrompts(context, 8) });
  const steer = new SteerPage(lab.page);
  await steer.ready();
  await steer.answer();
  const tasks = await mainThreadTasks(lab.page, async () => {
    await steer.answer();
    await steer.choosePace('20');
    await steer.answerButton.click();
    await steer.written(1, 8);
    await lab.page.getByRole('slider', { name: 'General' }).focus();
    for (let press = 0; press < 20; press++) await lab.page.keyboard.press('ArrowRight');
    await steer.finished();
  });
  const [longest = { busyMs: 0, wallMs: 0 }] = tasks.sort((a, b) => b.busyMs - a.busyMs);
  console.log(
    `${tasks.length} tasks, longest ${longest.busyMs.toFixed(1)} ms (${longest.wallMs.toFixed(1)} by the clock)`,
  );
  expect(tasks.length).toBeGreaterThan(100);
  expect(longest.busyMs).toBeLessThan(LONG_MS);
  expect((await steer.tokens(0)).length).toBeGreaterThan(100);
  await lab.close();
});
