import { beforeAll, describe, expect, it } from 'vitest';
import { madeUpCheckpoint } from '../../../../bench/parts/made-up-checkpoint.ts';
import { OLMO_3_7B } from '../../../hub-server/olmo-shapes.ts';
import { StreamedCheckpoint } from '../../../../src/engine/streamed/streamed-checkpoint.ts';

const LAYER_BYTES = 2 * (4 * 4096 ** 2 + 3 * 4096 * 11008 + 4 * 4096); // bfloat16: seven matrices, four norms
const PROMPTS = Array.from({ length: 64 }, (_, row) =>
  Array.from({ length: 20 }, (_, i) => (row * 20 + i) * 50 + (i % 7)),
);

describe('the plan of a streamed extraction at the 7B shape', { timeout: 60_000 }, () => {
  let checkpoint: StreamedCheckpoint;
  beforeAll(async () => {
    checkpoint = await StreamedCheckpoint.open(madeUpCheckpoint(OLMO_3_7B));
  });

  it('fetches less than half of the checkpoint up to layer 15', async () => {
    const plan = await checkpoint.plan(PROMPTS, [15]);
    expect(plan.layers).toBe(16);
    expect(plan.bytesToFetch).toBeGreaterThan(16 * LAYER_BYTES);
    expect(plan.share).toBeLessThanOrEqual(0.5);
    expect(plan.checkpointBytes / 1e9).toBeCloseTo(14.6, 1);
    expect(plan.peak.total).toBeLessThanOrEqual(3e9);
  });

  it('stays under half where every row of the embedding table but a few is used', async () => {
    const whole = [Array.from({ length: 4000 }, (_, i) => i * 25)];
    const plan = await checkpoint.plan(whole, [15]);
    expect(plan.share).toBeLessThanOrEqual(0.501); // 16 of 32 layers and one table of two: half to the last per mille
  });

  it('counts every layer once, up to the largest', async () => {
    const bytes = async (layers: readonly number[]): Promise<number> =>
      (await checkpoint.plan(PROMPTS, layers)).bytesToFetch;
    expect((await bytes([3])) - (await bytes([2]))).toBe(LAYER_BYTES);
    expect(await bytes([3, 0, 1])).toBe(await bytes([3]));
  });

  it('counts two operations a weight and token, and a little for attention', async () => {
    const { flops } = await checkpoint.plan(PROMPTS, [15]);
    const products = 16 * LAYER_BYTES * 1280; // two operations a weight of two bytes
    expect(flops / products).toBeGreaterThan(1);
    expect(flops / products).toBeLessThan(1.01);
  });

  it('knows what float16, the GPU and a store spare', async () => {
    const peak = async (options: Parameters<StreamedCheckpoint['plan']>[2]): Promise<number> =>
      (await checkpoint.plan(PROMPTS, [15], options)).peak.total;
    const plain = await peak({});
    expect(await peak({ precision: 'float16' })).toBeLessThan(plain);
    expect(await peak({ provider: 'webgpu' })).toBeLessThan(plain);
    const many = Array.from({ length: 5000 }, (_, i) => [i, ...(PROMPTS[0] ?? []).slice(1)]); // which share no start
    const held = (await checkpoint.plan(many, [15])).peak.residuals;
    const spilled = (await checkpoint.plan(many, [15], { hasStore: true })).peak.residuals;
    expect(held).toBeGreaterThan(1.6e9);
    expect(spilled).toBeLessThan(0.1e9);
  });
});
