import { afterEach, describe, expect, it } from 'vitest';
import { launchEngine, type LaunchedPage, type Provider } from './harness/launch.ts';

const CHECKPOINT = 'fixtures/golden/olmo3'; // MLP 48: no multiple of q4's block of 32, so blocks are padded
const PROMPTS = [
  [103],
  [83, 26, 55, 23, 40],
  [92, 49, 14, 13, 82, 21, 77, 102, 92, 15, 9, 51, 109],
  Array.from({ length: 40 }, (_, i) => (i * 37 + 11) % 119),
];

let launched: LaunchedPage | undefined;

afterEach(async () => {
  const last = launched;
  launched = undefined;
  await last?.close();
});

async function cost(
  provider: Provider,
  precision: 'q4' | 'q4-mixed' | 'int8' | 'q8' | 'float16',
): Promise<{ kl: number; top1: number }> {
  launched = await launchEngine({ provider });
  const result = await launched.page.evaluate(
    ([folder, provider, precision, prompts]) => window.engine.precision(folder, provider, precision, prompts),
    [CHECKPOINT, provider, precision, PROMPTS] as const,
  );
  await launched.close();
  launched = undefined;
  return result;
}

describe('fewer bits in the browser', () => {
  // Random weights are harder to quantise than trained ones; a wrong layout of blocks or zero points gives a KL of several nats.
  const BOUND = { q4: 0.25, int8: 0.02 };

  it('q4 costs the same on WebGPU and on WASM, and little', async () => {
    const onGpu = await cost('webgpu', 'q4');
    const onCpu = await cost('wasm', 'q4');
    expect(onGpu.kl).toBeGreaterThan(1e-6); // it did quantise
    expect(onGpu.kl).toBeLessThan(BOUND.q4);
    expect(Math.abs(onGpu.kl - onCpu.kl)).toBeLessThan(1e-4);
  });

  it('the mix of q4 and q8 costs the same on WebGPU and on WASM, and less than q4', async () => {
    const onGpu = await cost('webgpu', 'q4-mixed');
    const onCpu = await cost('wasm', 'q4-mixed');
    expect(onGpu.kl).toBeGreaterThan(1e-6);
    expect(onGpu.kl).toBeLessThan(BOUND.q4 / 2);
    expect(Math.abs(onGpu.kl - onCpu.kl)).toBeLessThan(1e-4);
  });

  it.each([
    ['q8', 1e-7, 0.005],
    ['float16', 0, 1e-5], // SwiftShader has no shader-f16: the weights are widened when the session is made
  ] as const)('%s costs the same on WebGPU and on WASM, and hardly anything', async (precision, least, most) => {
    const onGpu = await cost('webgpu', precision);
    const onCpu = await cost('wasm', precision);
    expect(onGpu.kl).toBeGreaterThanOrEqual(least);
    expect(onGpu.kl).toBeLessThan(most);
    expect(Math.abs(onGpu.kl - onCpu.kl)).toBeLessThan(1e-6);
  });

  it('int8 costs little on WASM', async () => {
    const { kl } = await cost('wasm', 'int8');
    expect(kl).toBeGreaterThan(1e-8);
    expect(kl).toBeLessThan(BOUND.int8);
  });
});
