/** Kernels and graph on WebGPU against transformers. On WASM the parity tier does it, and engine-builds in the browser. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES } from '../parity/golden-cases.ts';
import { launchEngine, type LaunchedPage } from './harness/launch.ts';

const TOLERANCE = 1e-5; // float32 against float32 through a few layers, whatever order a provider sums in

describe('the engine on WebGPU', () => {
  let launched: LaunchedPage;
  beforeAll(async () => {
    launched = await launchEngine({ provider: 'webgpu' });
  });
  afterAll(() => launched.close());

  it.each(CASES)('agrees with transformers on $name', async ({ name, checkpoint }) => {
    const report = await launched.page.evaluate(
      ([name, checkpoint]) => window.engine.golden(name, 'webgpu', checkpoint ?? undefined),
      [name, checkpoint] as const,
    );
    expect(report.single.length).toBeGreaterThan(10);
    expect(report.batched.length).toBeGreaterThan(report.single.length);
    expect(report.single.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    expect(report.batched.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    expect(report.generations).toHaveLength(4); // two prompts, as is and steered
    for (const { what, ids, golden } of report.generations) expect(ids, what).toEqual(golden);
  });
});
