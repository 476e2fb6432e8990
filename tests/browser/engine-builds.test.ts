import { afterEach, describe, expect, it } from 'vitest';
import { launchEngine, type LaunchedPage, type Provider } from './harness/launch.ts';

const TOLERANCE = 1e-5;
const CASE = 'olmo3-bf16-sharded'; // windows, YaRN-free, grouped KV heads, three shards: small, and touches most of the engine

let launched: LaunchedPage | undefined;

afterEach(async () => {
  const last = launched;
  launched = undefined;
  await last?.close();
});

interface Surroundings {
  readonly browser: Provider; // a browser with WebGPU, or without
  readonly provider: Provider;
  readonly jspi: boolean;
  readonly threads: number;
}

describe('every build of ONNX Runtime that a browser may be given', () => {
  it.each<[string, Surroundings]>([
    ['asyncify, where there is WebGPU but no JSPI', { browser: 'webgpu', provider: 'webgpu', jspi: false, threads: 1 }],
    ['JSPI, asked for WASM although WebGPU is there', { browser: 'webgpu', provider: 'wasm', jspi: true, threads: 1 }],
    ['plain WASM on two threads', { browser: 'wasm', provider: 'wasm', jspi: true, threads: 2 }],
  ])('%s, agrees with transformers', async (_, { browser, provider, jspi, threads }) => {
    launched = await launchEngine({ provider: browser });
    const { page } = launched;
    if (!jspi) await page.evaluate(() => window.engine.removeJspi());
    const device = await page.evaluate(() => window.engine.inspectDevice());
    expect(device.jspi).toBe(jspi);
    const report = await page.evaluate(
      ([name, provider, threads]) => window.engine.golden(name, provider, undefined, threads),
      [CASE, provider, threads] as const,
    );
    expect(report.single.length).toBeGreaterThan(10);
    expect(report.single.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    expect(report.batched.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    for (const { what, ids, golden } of report.generations) expect(ids, what).toEqual(golden);
  });

  it('takes WASM by itself where WebGPU is a software renderer, and says why', async () => {
    launched = await launchEngine({ provider: 'webgpu' });
    const device = await launched.page.evaluate(() => window.engine.inspectDevice());
    expect(device.webgpu?.software).toBe(true);
    expect(device.auto).toBe('wasm');
    expect(device.reason).toMatch(/software/);
  });
});
