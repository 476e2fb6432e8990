import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIRECTION_NAMES } from '../../../../src/core/categories.ts';
import { dot, norm, relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import type { Checkpoint } from '../../../../src/engine/checkpoint/checkpoint.ts';
import { extractResiduals } from '../../../../src/engine/run/residuals.ts';
import { computeCategoryDirections, encodePrompt } from '../../../../src/labs/steer/category-directions.ts';
import { directionKey, readDirections, writeDirections } from '../../../../src/labs/steer/direction-cache.ts';
import { mapStore, openMadeUp, PROMPT_SETS } from '../../../support/made-up-lab.ts';

const REQUEST = { ...PROMPT_SETS, template: 'raw', pooling: 'mean' } as const;

describe('computeCategoryDirections', () => {
  let checkpoint: Checkpoint;
  beforeAll(async () => {
    checkpoint = await openMadeUp();
  });
  afterAll(() => checkpoint.model.dispose());

  it('is the mean of a harm’s training prompts less the mean of the safe ones, at every layer', async () => {
    const directions = await computeCategoryDirections(checkpoint, REQUEST);
    expect(directions).toHaveLength(3);
    const { train } = PROMPT_SETS;
    const prompts = train.map(({ text }) => encodePrompt(checkpoint.tokenizer, text, 'raw'));
    const residuals = await extractResiduals(checkpoint.model, { prompts, layers: [2], pooling: 'mean' });
    const hidden = checkpoint.model.config.hiddenSize;
    const mean = (isWanted: (index: number) => boolean): Float64Array => {
      const rows = train.map((_, index) => index).filter(isWanted);
      return Float64Array.from({ length: hidden }, (_, i) => {
        return rows.reduce((sum, row) => sum + (residuals.get(2)?.[row * hidden + i] ?? 0), 0) / rows.length;
      });
    };
    const safe = mean((index) => train[index]?.label === 'safe');
    for (const { name, vector, norm: length, harmfulMean, safeMean, auroc } of directions[2] ?? []) {
      const harmful = mean((i) => train[i]?.label === 'harmful' && (name === 'general' || train[i].category === name));
      const expected = harmful.map((value, i) => value - (safe[i] ?? 0));
      expect(relativeL2(vector, expected)).toBeLessThan(1e-5);
      expect(length).toBeCloseTo(norm(expected), 4);
      expect(harmfulMean).toBeCloseTo(dot(harmful, expected) / norm(expected), 4);
      expect(safeMean).toBeCloseTo(dot(safe, expected) / norm(expected), 4);
      expect(harmfulMean).toBeGreaterThan(safeMean);
      expect(auroc).toBeGreaterThanOrEqual(0);
      expect(auroc).toBeLessThanOrEqual(1);
    }
    expect(directions[2]?.map(({ name }) => name)).toEqual(DIRECTION_NAMES);
  });

  it('counts its progress over both sets', async () => {
    const seen: number[] = [];
    await computeCategoryDirections(checkpoint, { ...REQUEST, onProgress: (done, total) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
  });

  it('names a class without prompts, in training or held out', async () => {
    const without = (label: string, category: string): typeof PROMPT_SETS.train =>
      PROMPT_SETS.train.filter((prompt) => !(prompt.label === label && prompt.category === category));
    const train = without('harmful', 'violence');
    await expect(computeCategoryDirections(checkpoint, { ...REQUEST, train })).rejects.toMatchObject({
      code: 'bad-request',
      message: 'The prompt set has no prompts of violence.',
    });
    const test = PROMPT_SETS.test.filter(({ label }) => label !== 'safe');
    await expect(computeCategoryDirections(checkpoint, { ...REQUEST, test })).rejects.toThrow('no prompts of safe');
  });

  it('stops where it is told to', async () => {
    const job = computeCategoryDirections(checkpoint, { ...REQUEST, signal: AbortSignal.abort() });
    await expect(job).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('comes back from the store as it was', async () => {
    const store = mapStore();
    const directions = await computeCategoryDirections(checkpoint, REQUEST);
    await writeDirections(store, 'key', directions);
    expect(await readDirections(store, 'key')).toEqual(directions);
  });
});

describe('the store of directions', () => {
  it.each([
    ['nothing', undefined],
    ['something of another build', { layers: [] }],
    ['no layers', []],
    ['too few directions', [[{ vector: new Float32Array(2) }]]],
    ['plain lists', [DIRECTION_NAMES.map((name) => ({ name, vector: [1, 2] }))]],
    ['holes', [DIRECTION_NAMES.map(() => null)]],
  ])('takes %s for a miss', async (_, value) => {
    const store = mapStore();
    await store.set('key', value);
    expect(await readDirections(store, 'key')).toBeNull();
  });

  it('has one key for the same inputs, another for any other', () => {
    const inputs = { checkpointDigest: 'a', promptDigest: 'b', pooling: 'last', template: 'raw', precision: 'float32' };
    const keys = [
      inputs,
      { ...inputs, checkpointDigest: 'x' },
      { ...inputs, promptDigest: 'x' },
      { ...inputs, pooling: 'mean' },
      { ...inputs, template: 'chat' },
      { ...inputs, precision: 'q4' },
    ].map(directionKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(directionKey({ ...inputs })).toBe(keys[0]);
  });
});
