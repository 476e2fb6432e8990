import { expect, it } from 'vitest';
import { launchLab, type Provider } from './harness/launch.ts';

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
