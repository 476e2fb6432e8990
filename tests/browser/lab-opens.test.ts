import { expect, it } from 'vitest';
import { launchLab, type Provider } from './harness/launch.ts';
import { visit } from './harness/visit.ts';

const OPENING_MS = 60_000; // on a busy machine

it.each<Provider>(['wasm', 'webgpu'])(
  'the built lab opens on %s, cross-origin isolated and without an error',
  async (provider) => {
    const lab = await launchLab({ provider });
    expect(await lab.page.title()).toContain('Harmscope');
    await lab.page.getByRole('navigation').first().waitFor();
    expect(await lab.page.evaluate(() => crossOriginIsolated)).toBe(true);
    await lab.close();
  },
);

it('no model opens before Steer is visited, and none a second time', { timeout: 3 * OPENING_MS }, async () => {
  const asked: string[] = [];
  const lab = await launchLab({
    provider: 'wasm',
    page: 'probe',
    prepare: (context) => {
      context.on('request', (request) => asked.push(new URL(request.url()).pathname));
      return Promise.resolve();
    },
  });
  const { page } = lab;
  const openings = (): readonly number[] =>
    [/model\.worker/, /model\.safetensors$/].map((wanted) => asked.filter((path) => wanted.test(path)).length);
  const go = (name: string): Promise<void> => visit(page, name);

  await page.getByRole('button', { name: 'Edit the plan' }).click({ timeout: OPENING_MS });
  await page.getByText('39 of 39').waitFor({ timeout: OPENING_MS }); // the ladder's list is there all the same
  await go('Checkpoints');
  await page.locator('[data-measured]').waitFor({ timeout: OPENING_MS });
  await page.getByText('No model open').waitFor();
  expect(openings()).toEqual([0, 0]);

  await go('Steer');
  await page.locator('[data-model=ready]').waitFor({ timeout: OPENING_MS });
  expect(openings()).toEqual([1, 1]);
  await go('Checkpoints');
  await page.locator('[data-measured]').waitFor();
  await go('Steer');
  await page.locator('[data-model=ready]').waitFor();
  expect(openings()).toEqual([1, 1]);
  await lab.close();
});
