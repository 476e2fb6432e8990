import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchEngine, type LaunchedPage, type Provider } from './harness/launch.ts';

const TOLERANCE = 1e-5; // promised; 1e-6 and less is what both providers give

describe.each<Provider>(['webgpu', 'wasm'])('layer by layer on %s', (provider) => {
  let launched: LaunchedPage;
  beforeAll(async () => {
    launched = await launchEngine({ provider });
  });
  afterAll(() => launched.close());

  it.each([
    ['olmo3-yarn', 'residuals stay on the device', { runTokens: 128 }], // YaRN, and windows
    ['olmo3-yarn', 'residuals go through a store', { runTokens: 128, residentBytes: 4096 }],
    ['olmo3-bf16-sharded', 'residuals stay on the device', { runTokens: 128 }], // grouped heads
    ['olmo1', 'residuals stay on the device', { runTokens: 128 }], // norms without weights
  ] as const)('%s agrees with the resident model, %s', async (name, _, options) => {
    const deviations = await launched.page.evaluate(
      ([folder, provider, options]) => window.engine.streamed(folder, provider, 'mean', options),
      [`fixtures/golden/${name}`, provider, options] as const,
    );
    expect(deviations.length).toBeGreaterThan(3);
    expect(deviations.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
  });
});
