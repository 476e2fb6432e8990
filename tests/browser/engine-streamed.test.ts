import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchEngine, type LaunchedPage, type Provider } from './harness/launch.ts';

const TOLERANCE = 1e-5; // promised; 1e-6 and less is what both providers give

const PATIENCE_MS = 60_000; // until a page on a busy machine has come so far

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

describe('a store in OPFS', () => {
  let launched: LaunchedPage;
  beforeAll(async () => {
    launched = await launchEngine({ provider: 'wasm' });
  });
  afterAll(() => launched.close());
  const folder = 'fixtures/golden/olmo3-yarn';
  const run = async (stopAt: number | null): Promise<{ values: number[]; stages: number }> =>
    launched.page.evaluate(
      async ([folder, stopAt]) => {
        const { values, stages } = await window.engine.streamedOnward(folder, stopAt);
        return { values: [...values], stages };
      },
      [folder, stopAt] as const,
    );
  const kept = (): Promise<string[]> => launched.page.evaluate(() => window.engine.keptBlobs());

  it('holds what was put last, until it is deleted', async () => {
    const result = await launched.page.evaluate(async () => {
      const { first, second, gone } = await window.engine.blobRoundTrip(Uint8Array.of(1, 2, 3));
      return { first: [...(first ?? [])], second: [...(second ?? [])], gone };
    });
    expect(result).toEqual({ first: [1, 2, 3], second: [2, 3], gone: true });
  });

  it('lets an extraction whose page was ended go on to the same bytes', async () => {
    const undisturbed = await run(null);
    expect(undisturbed.stages).toBe(8);
    for (const stopAt of [0, 3, 6]) {
      const ended = run(stopAt).catch(() => null);
      const hasBegun = async (): Promise<boolean> => (await kept()).some((name) => name.includes(`resid.${stopAt}.`));
      await expect.poll(hasBegun, { timeout: PATIENCE_MS }).toBe(true);
      await launched.page.reload();
      expect(await ended).toBeNull();
      await launched.page.waitForFunction(() => 'engine' in window);
      const { values, stages } = await run(null);
      expect(values).toEqual(undisturbed.values);
      expect(stages).toBe(8 - stopAt);
      expect(await kept()).toEqual([]);
    }
  });
});
