import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchEngine, type LaunchedPage, type Provider } from './harness/launch.ts';

const GOLDEN = join(import.meta.dirname, '../fixtures/golden');
const TOLERANCE = 1e-5; // float32 against float32 through a few layers, whatever order a provider sums in
const CASES = readdirSync(GOLDEN, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe.each<Provider>(['webgpu', 'wasm'])('the engine on %s', (provider) => {
  let launched: LaunchedPage;
  beforeAll(async () => {
    launched = await launchEngine({ provider });
  });
  afterAll(() => launched.close());

  it.each(CASES)('agrees with transformers on %s', async (name) => {
    const checkpoint = name.startsWith('tiny-olmo3') ? 'ladders/tiny-olmo3/Instruct' : undefined;
    const report = await launched.page.evaluate(
      ([name, provider, checkpoint]) => window.engine.golden(name, provider, checkpoint),
      [name, provider, checkpoint] as const,
    );
    expect(report.single.length).toBeGreaterThan(10);
    expect(report.single.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    expect(report.batched.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    for (const { what, ids, golden } of report.generations) expect(ids, what).toEqual(golden);
  });
});
