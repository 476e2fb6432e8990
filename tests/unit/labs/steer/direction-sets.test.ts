import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../../../src/formats/prompts/prompt-set.ts';
import { openDirectionSet, splitSet } from '../../../../src/labs/steer/direction-sets.ts';
import { PROMPT_SETS } from '../../../support/made-up-lab.ts';

const prompt = (label: 'safe' | 'harmful', i: number, split: string): Prompt => ({
  ...{ id: `${label}-${i}`, text: `${label} ${i}`, label, split },
  category: label === 'safe' ? 'safe' : 'violence',
});
const of = (count: number, split: string): Prompt[] =>
  Array.from({ length: count }, (_, i) => [prompt('safe', i, split), prompt('harmful', i, split)]).flat();
const counts = (prompts: readonly Prompt[]): [safe: number, harmful: number] => [
  prompts.filter(({ label }) => label === 'safe').length,
  prompts.filter(({ label }) => label === 'harmful').length,
];

describe('a set that directions are made from', () => {
  it('is divided as its own splits say', () => {
    const set = [...of(3, 'train'), ...of(2, 'test'), ...of(4, 'rewritten')];
    const { train, test } = splitSet(set);
    expect([counts(train), counts(test)]).toEqual([
      [3, 3],
      [2, 2],
    ]);
  });

  it('is divided by a draw where it has no splits: a quarter of each class held out, the same at every call', () => {
    const set = of(40, 'all');
    const { train, test } = splitSet(set);
    expect([counts(train), counts(test)]).toEqual([
      [30, 30],
      [10, 10],
    ]);
    expect(new Set([...train, ...test])).toEqual(new Set(set));
    expect(splitSet(set)).toEqual({ train, test });
    expect(test.map(({ id }) => id)).not.toEqual(set.slice(0, 20).map(({ id }) => id));
  });

  it('keeps one prompt of a class for training', () => {
    expect(counts(splitSet(of(1, 'all')).train)).toEqual([1, 1]);
  });

  it('is named where this browser does not have it', async () => {
    const places = {
      builtIn: () => Promise.resolve(PROMPT_SETS),
      own: () => Promise.reject(new Error('nothing there')),
    };
    expect(await openDirectionSet(places, 'english')).toBe(PROMPT_SETS);
    await expect(openDirectionSet(places, '0123456789ab')).rejects.toMatchObject({
      code: 'not-found',
      message: 'The prompt set “0123456789ab” is not saved in this browser.',
    });
  });
});
