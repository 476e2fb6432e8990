import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import type { OlmoModel } from '../../../../src/engine/run/model.ts';
import { MADE_UP_CONFIG, madeUpFiles, memoryFiles, openModel } from '../../../support/checkpoint-fixtures.ts';

let model: OlmoModel;
beforeAll(async () => {
  model = await openModel(memoryFiles(madeUpFiles()));
});
afterAll(() => model.dispose());

const IDS = [3, 1, 4, 1, 5, 9, 2, 6, 5];

/** Logits after the last token, and what the cache, if any, was given before. */
async function logitsInParts(...parts: number[][]): Promise<Float32Array> {
  const cache = model.createCache(1, IDS.length);
  let last = new Float32Array();
  for (const ids of parts) {
    const { logits } = await model.forward({ ids: [ids], cache, logits: 'last', residuals: [] });
    last = new Float32Array(logits ?? []);
  }
  expect([...cache.lengths]).toEqual([IDS.length]);
  cache.dispose();
  return last;
}

describe('OlmoModel', () => {
  it('counts its parameters', () => {
    const [d, f, v, kv] = [32, 24, 300, 16];
    const layer = 2 * d * d + 2 * d * kv + 3 * d * f + 3 * d + kv; // norms: q, attention, MLP of d, k of kv
    expect(model.parameters).toBe(3 * layer + 2 * v * d + d);
    expect(model.contextLength).toBe(64);
  });

  it('gives the same logits in one pass, token by token, and in chunks', async () => {
    const { logits } = await model.forward({ ids: [IDS], cache: null, logits: 'last', residuals: [] });
    const whole = logits ?? new Float32Array();
    expect(relativeL2(await logitsInParts(IDS), whole)).toBeLessThan(1e-5);
    expect(relativeL2(await logitsInParts(...IDS.map((id) => [id])), whole)).toBeLessThan(1e-5);
    expect(relativeL2(await logitsInParts(IDS.slice(0, 4), IDS.slice(4)), whole)).toBeLessThan(1e-5);
  });

  it('gives logits of all positions, of the last, or none', async () => {
    const forward = (kind: 'all' | 'last' | 'none'): Promise<Float32Array | null> =>
      model.forward({ ids: [IDS, [7]], cache: null, logits: kind, residuals: [] }).then(({ logits }) => logits);
    const all = await forward('all');
    const last = await forward('last');
    expect(all?.length).toBe(2 * IDS.length * 300);
    expect(last?.length).toBe(2 * 300);
    expect(last?.subarray(300)).toEqual(all?.subarray(IDS.length * 300, (IDS.length + 1) * 300)); // row 1 has one token
    expect(await forward('none')).toBeNull();
  });

  it('writes no row past its end', async () => {
    const cache = model.createCache(2, 4);
    const forward = (...ids: number[][]): Promise<unknown> =>
      model.forward({ ids, cache, logits: 'none', residuals: [] });
    await forward([1, 2, 3], [1]);
    await forward([4], [2]);
    await expect(forward([5], [3])).rejects.toMatchObject({
      code: 'context-length',
      message: 'Row 1 would hold 5 tokens; its cache has room for 4.',
    });
    cache.dispose();
  });

  it('names a pass, or a cache, that is longer than the context', async () => {
    const ids = [new Array<number>(65).fill(1)];
    const pass = model.forward({ ids, cache: null, logits: 'none', residuals: [] });
    await expect(pass).rejects.toMatchObject({ code: 'context-length' });
    expect(() => model.createCache(1, 65)).toThrow(/65 tokens .* room for 64/);
  });

  it('compares shapes before it makes room for what config.json asks for', async () => {
    const config = JSON.stringify({
      ...MADE_UP_CONFIG,
      intermediate_size: 1_048_576,
      num_hidden_layers: 512,
      layer_types: null,
    });
    const files = memoryFiles({ ...madeUpFiles(), 'config.json': config });
    await expect(openModel(files)).rejects.toMatchObject({ code: 'format', message: expect.stringContaining('gate_proj') as string }); // prettier-ignore
  });
});
