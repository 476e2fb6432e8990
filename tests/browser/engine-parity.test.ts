import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES } from '../parity/golden-cases.ts';
import { launchEngine, type LaunchedPage, type Provider } from './harness/launch.ts';

const TOLERANCE = 1e-5; // float32 against float32 through a few layers, whatever order a provider sums in

describe.each<Provider>(['webgpu', 'wasm'])('the engine on %s', (provider) => {
  let launched: LaunchedPage;
  beforeAll(async () => {
    launched = await launchEngine({ provider });
  });
  afterAll(() => launched.close());

  it.each(CASES)('agrees with transformers on $name', async ({ name, checkpoint }) => {
    const report = await launched.page.evaluate(
      ([name, provider, checkpoint]) => window.engine.golden(name, provider, checkpoint ?? undefined),
      [name, provider, checkpoint] as const,
    );
    expect(report.single.length).toBeGreaterThan(10);
    expect(report.single.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    expect(report.batched.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    for (const { what, ids, golden } of report.generations) expect(ids, what).toEqual(golden);
  });
});
