import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../../../src/formats/prompts/prompt-set.ts';
import { classOf, FIRST_PER_CLASS, growthOrder } from '../../../../src/labs/steer/growth-order.ts';

const prompts = (counts: Readonly<Record<string, number>>, split: string): Prompt[] =>
  Object.entries(counts).flatMap(([category, count]) =>
    Array.from({ length: count }, (_, i) => ({
      id: `${split}-${category}-${i}`,
      text: `${category} ${i}`,
      label: category === 'safe' ? ('safe' as const) : ('harmful' as const),
      category,
      split,
    })),
  );

const TRAIN = prompts({ violence: 40, hate_speech: 30, safe: 90 }, 'train');
const TEST = prompts({ violence: 10, hate_speech: 30, safe: 20 }, 'test');
const SETS = { train: TRAIN, test: TEST };

const counted = (order: ReturnType<typeof growthOrder>): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { set, index } of order) {
    const prompt = SETS[set][index];
    const key = `${set} ${prompt === undefined ? '' : (classOf(prompt) ?? '')}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
};

describe('the order in which prompts are read', () => {
  const order = growthOrder(TRAIN, TEST, 1000);

  it('is every prompt once', () => {
    expect(order).toHaveLength(TRAIN.length + TEST.length);
    expect(new Set(order.map(({ set, index }) => `${set} ${index}`)).size).toBe(order.length);
  });

  it('begins with as many harmful as safe ones, of every harm, then as many held-out ones', () => {
    const first = 2 * FIRST_PER_CLASS;
    expect(counted(order.slice(0, first))).toEqual({ 'train violence': 8, 'train hate_speech': 8, 'train safe': 16 });
    expect(counted(order.slice(first, 2 * first))).toEqual({
      'test violence': 8,
      'test hate_speech': 8,
      'test safe': 16,
    });
  });

  it('goes on by category, balanced, while both classes last', () => {
    const turn = order.slice(4 * FIRST_PER_CLASS, 4 * FIRST_PER_CLASS + 24);
    expect(counted(turn)).toMatchObject({ 'train hate_speech': 8, 'test hate_speech': 4, 'test safe': 4 });
    expect(counted(turn)['train safe']).toBe(8);
  });

  it('is the same at every call, and another than that of the file', () => {
    expect(growthOrder(TRAIN, TEST, 1000)).toEqual(order);
    const violence = order.filter(({ set, index }) => set === 'train' && TRAIN[index]?.category === 'violence');
    expect(violence.map(({ index }) => index)).not.toEqual(violence.map(({ index }) => index).sort((a, b) => a - b));
  });

  it('holds out no more than there is room for', () => {
    const few = growthOrder(TRAIN, TEST, 10);
    expect(few.filter(({ set }) => set === 'test')).toHaveLength(10);
    expect(few.filter(({ set }) => set === 'train')).toHaveLength(TRAIN.length);
  });

  it.each([
    ['one class alone', prompts({ safe: 20 }, 'train'), []],
    ['nothing', [], []],
    [
      'a harm that only the held-out set has',
      prompts({ safe: 3, violence: 3 }, 'train'),
      prompts({ drug_abuse: 9 }, 'test'),
    ],
  ])('ends with %s', (_, train, test) => {
    expect(growthOrder(train, test, 100)).toHaveLength(train.length + test.length);
  });

  it('leaves out what is in neither class', () => {
    const facts = [{ id: 'f', text: 'f', label: 'true' as const, category: 'facts', split: 'train' }];
    expect(growthOrder([...TRAIN, ...facts], [], 0)).toHaveLength(TRAIN.length);
  });
});
