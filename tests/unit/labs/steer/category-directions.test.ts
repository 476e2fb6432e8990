import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIRECTION_NAMES } from '../../../../src/core/categories.ts';
import { dot, norm, relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import type { Checkpoint } from '../../../../src/engine/checkpoint/checkpoint.ts';
import { extractResiduals } from '../../../../src/engine/run/residuals.ts';
import { encodePrompt } from '../../../../src/labs/steer/category-directions.ts';
import { directionKey, readGrowth, writeGrowth } from '../../../../src/labs/steer/direction-cache.ts';
import { GrowingDirections } from '../../../../src/labs/steer/growing-directions.ts';
import { allDirections, mapStore, openMadeUp, PROMPT_SETS } from '../../../support/made-up-lab.ts';

const REQUEST = { ...PROMPT_SETS, template: 'raw', pooling: 'mean' } as const;

describe('the directions from all prompts', () => {
  let checkpoint: Checkpoint;
  beforeAll(async () => {
    checkpoint = await openMadeUp();
  });
  afterAll(() => checkpoint.model.dispose());

  it('is the mean of a harm’s training prompts less the mean of the safe ones, at every layer', async () => {
    const { layers: directions } = await allDirections(checkpoint, REQUEST);
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

  it('names a class without prompts, in training or held out', () => {
    const grow = (change: Partial<typeof PROMPT_SETS>): unknown =>
      new GrowingDirections(checkpoint, { ...REQUEST, ...change });
    const safeOnly = PROMPT_SETS.train.filter(({ label }) => label === 'safe');
    expect(() => grow({ train: safeOnly })).toThrow('The prompt set has no harmful prompts.');
    const test = PROMPT_SETS.test.filter(({ label }) => label !== 'safe');
    expect(() => grow({ test })).toThrow('no safe prompts');
  });

  it('have no length for a harm that the set has no prompts of', async () => {
    const train = PROMPT_SETS.train.filter(({ category }) => category !== 'violence');
    const { layers, counts } = await allDirections(checkpoint, { ...REQUEST, train });
    expect(layers[2]?.find(({ name }) => name === 'violence')).toMatchObject({ norm: 0, certainty: null });
    expect(counts.violence.harmful).toBe(0);
    expect(layers[2]?.find(({ name }) => name === 'general')?.norm).toBeGreaterThan(0);
  });

  it('come back from the store as they were, and grow on from there', async () => {
    const store = mapStore();
    const size = 3 * checkpoint.model.config.hiddenSize;
    const first = new GrowingDirections(checkpoint, REQUEST);
    while (first.read < 40) await first.readMore(7);
    await writeGrowth(store, 'key', structuredClone(first.save()));
    const again = new GrowingDirections(checkpoint, REQUEST, await readGrowth(store, 'key', size));
    expect(again.read).toBe(first.read);
    expect(again.newest).toEqual(first.newest);
    while (!again.isComplete) await again.readMore(64);
    const whole = await allDirections(checkpoint, REQUEST);
    for (const [layer, directions] of whole.layers.entries()) {
      for (const [index, { vector }] of directions.entries()) {
        const found = again.newest?.layers[layer]?.[index]?.vector ?? new Float32Array();
        if (vector.some((value) => value !== 0)) expect(relativeL2(found, vector)).toBeLessThan(1e-5);
      }
    }
    expect(await readGrowth(store, 'key', size + 1)).toBeNull(); // of another shape
  });
});

describe('the store of directions', () => {
  const vectors = [new Float64Array(2), new Float64Array(2)];
  const good = { read: 0, classes: new Map(), heldOut: new Map(), snapshots: [] };
  it.each([
    ['nothing', undefined],
    ['something of another build', { layers: [] }],
    ['a position that is no number', { ...good, read: 'all' }],
    ['sums of another shape', { ...good, classes: new Map([['safe', { counts: [1, 1], sums: vectors }]]) }],
    ['no sums', { ...good, classes: new Map([['safe', null]]) }],
    ['held-out rows of another shape', { ...good, heldOut: new Map([['safe', [new Float32Array(2)]]]) }],
    ['too few directions', { ...good, snapshots: [{ layers: [[{ vector: new Float32Array(2) }]] }] }],
    ['holes', { ...good, snapshots: [{ layers: [DIRECTION_NAMES.map(() => null)] }] }],
  ])('takes %s for a miss', async (_, value) => {
    const store = mapStore();
    await store.set('key', value);
    expect(await readGrowth(store, 'key', 3)).toBeNull();
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
