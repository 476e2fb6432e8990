import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pool, POOLINGS } from '../../../../src/core/probes/pooling.ts';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import type { OlmoModel } from '../../../../src/engine/run/model.ts';
import { extractResiduals } from '../../../../src/engine/run/residuals.ts';
import { madeUpFiles, memoryFiles, openModel } from '../../../support/checkpoint-fixtures.ts';

let model: OlmoModel;
beforeAll(async () => {
  model = await openModel(memoryFiles(madeUpFiles()));
});
afterAll(() => model.dispose());

const prompt = (length: number, seed: number): number[] =>
  Array.from({ length }, (_, i) => (seed * 31 + i * i * 7) % 296);

/** Lengths out of order, equal and unequal, and more rows than one batch holds. */
const PROMPTS = Array.from({ length: 70 }, (_, i) => prompt(1 + ((i * 11) % 23), i));

describe('extractResiduals', () => {
  it.each(POOLINGS)('gives what single runs give, in the order of the prompts: %s', async (pooling) => {
    const { hiddenSize } = model.config;
    const pooled = await extractResiduals(model, { prompts: PROMPTS, layers: [0, 2], pooling });
    expect([...pooled.keys()]).toEqual([0, 2]);
    for (const index of [0, 1, 2, 35, 68, 69]) {
      const ids = PROMPTS[index] ?? [];
      const cache = model.createCache(1, ids.length);
      const { residuals } = await model.forward({ ids: [ids], cache, logits: 'none', residuals: [0, 2] });
      cache.dispose();
      for (const layer of [0, 2]) {
        const alone = pool(residuals.get(layer) ?? new Float32Array(), ids.length, hiddenSize, pooling);
        const row = pooled.get(layer)?.subarray(index * hiddenSize, (index + 1) * hiddenSize) ?? new Float32Array();
        expect(relativeL2(row, alone)).toBeLessThan(1e-5); // the promise of a batch of unequal lengths
      }
    }
  });

  it('computes what all prompts begin with once, and gives the same', async () => {
    const start = prompt(9, 3);
    const prompts = [start, ...PROMPTS.slice(0, 40).map((ids) => [...start, ...ids])];
    const widths: number[] = [];
    const counting = new Proxy(model, {
      get: (target, key) =>
        key === 'residuals'
          ? (...args: Parameters<OlmoModel['residuals']>) => (widths.push(args[1].tokens), target.residuals(...args))
          : (Reflect.get(target, key) as unknown),
    });
    for (const pooling of POOLINGS) {
      const together = await extractResiduals(counting, { prompts, layers: [0, 2], pooling });
      for (const [index, ids] of prompts.entries()) {
        const alone = await extractResiduals(model, { prompts: [ids], layers: [0, 2], pooling });
        const { hiddenSize } = model.config;
        for (const layer of [0, 2]) {
          const row = together.get(layer)?.subarray(index * hiddenSize, (index + 1) * hiddenSize);
          expect(relativeL2(row ?? new Float32Array(), alone.get(layer) ?? new Float32Array())).toBeLessThan(1e-5);
        }
      }
    }
    const computed = widths.reduce((sum, tokens) => sum + tokens, 0) / POOLINGS.length;
    const own = PROMPTS.slice(0, 40).reduce((sum, { length }) => sum + length, 0);
    expect(computed).toBeLessThan(own + 9 * 3); // the start once a batch
  });

  it('tells how many prompts are done, each once', async () => {
    const seen: [number, number][] = [];
    await extractResiduals(model, {
      prompts: PROMPTS,
      layers: [1],
      pooling: 'last',
      onProgress: (done, total) => seen.push([done, total]),
    });
    expect(seen.at(-1)).toEqual([70, 70]);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b));
  });

  it('stops between two batches', async () => {
    const stop = new AbortController();
    const dones: number[] = [];
    const job = extractResiduals(model, {
      prompts: PROMPTS,
      layers: [1],
      pooling: 'last',
      signal: stop.signal,
      onProgress: (done) => {
        dones.push(done);
        stop.abort();
      },
    });
    await expect(job).rejects.toMatchObject({ code: 'interrupted' });
    expect(dones.length).toBe(1);
  });

  it('starts nothing where it is stopped already', async () => {
    const options = { prompts: PROMPTS, layers: [1], pooling: 'last', signal: AbortSignal.abort() } as const;
    await expect(extractResiduals(model, options)).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('gives empty arrays for no prompts', async () => {
    const pooled = await extractResiduals(model, { prompts: [], layers: [1], pooling: 'mean' });
    expect(pooled.get(1)).toEqual(new Float32Array());
  });

  it('takes a prompt as long as the context, and names one that is longer, or empty', async () => {
    const run = (length: number): Promise<unknown> =>
      extractResiduals(model, { prompts: [[1], prompt(length, 1)], layers: [0], pooling: 'last' });
    await run(64);
    await expect(run(65)).rejects.toMatchObject({
      code: 'context-length',
      message: 'Prompt 2 has 65 tokens; this model has room for 64.',
    });
    await expect(run(0)).rejects.toMatchObject({ code: 'bad-request', message: 'Prompt 2 has no tokens.' });
  });

  it('names a layer that is not there', async () => {
    const job = extractResiduals(model, { prompts: [[1]], layers: [0, 3], pooling: 'last' });
    await expect(job).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('layer 3') as string,
    });
  });
});
