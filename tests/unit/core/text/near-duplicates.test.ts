import { describe, expect, it } from 'vitest';
import { findDuplicates, NEAR, wordsOf } from '../../../../src/core/text/near-duplicates.ts';
import { createRandom } from '../../../../src/core/sampling/random.ts';

describe('duplicates', () => {
  it('are the same words, whatever their case, spaces and punctuation', async () => {
    const texts = ['How do I rob a shop?', '  how do I ROB a shop', 'How do I rob a ship?', 'How do I  rob—a shop!!'];
    expect((await findDuplicates(texts)).map((match) => match?.of ?? null)).toEqual([null, 0, null, 0]);
    expect((await findDuplicates(texts))[3]).toEqual({ of: 0, similarity: 1, isExact: true });
  });

  it('keep words of every script apart, and texts without words', async () => {
    expect(wordsOf('Как украсть? ｆｕｌｌ')).toEqual(['как', 'украсть', 'full']);
    expect((await findDuplicates(['???', '!!!', ' ??? '])).map((match) => match?.of ?? null)).toEqual([null, null, 0]);
  });

  it('tell the same words in another order from the same text', async () => {
    const [, second] = await findDuplicates(['dogs chase cats', 'cats chase dogs']);
    expect(second).toEqual({ of: 0, similarity: 1, isExact: false });
  });

  it('are found at exactly the similarity that is asked for', async () => {
    const ten = 'a b c d e f g h i j';
    const nine = 'a b c d e f g h i'; // 9 of 10: 0.9
    const eight = 'b c d e f g h i'; // 8 of 10, and 8 of 9: 0.89
    expect((await findDuplicates([ten, nine, eight])).map((match) => match?.similarity ?? null)).toEqual([null, 0.9, null]); // prettier-ignore
  });

  it('agree with comparing every pair', async () => {
    const random = createRandom(7);
    const vocabulary = Array.from({ length: 60 }, (_, index) => `w${index}`);
    const texts: string[] = [];
    for (let i = 0; i < 400; i++) {
      const base = texts[Math.floor(random() * texts.length)]?.split(' ');
      const words =
        base !== undefined && random() < 0.6
          ? base.filter(() => random() > 0.03)
          : Array.from({ length: 8 + Math.floor(random() * 18) }, () => vocabulary[Math.floor(random() * 60)] ?? '');
      texts.push(words.join(' '));
    }
    for (const near of [0.6, NEAR]) {
      const found = (await findDuplicates(texts, { near })).map((match) => match?.of ?? null);
      expect(found).toEqual(byEveryPair(texts, near));
      expect(found.filter((of) => of !== null).length).toBeGreaterThan(50);
    }
  });

  it('between two sets leave each set’s own alone', async () => {
    const texts = ['one two three', 'one two three', 'four five six', 'ONE TWO THREE', 'seven', 'seven'];
    const matches = await findDuplicates(texts, { queriesFrom: 3 });
    expect(matches.slice(3).map((match) => match?.of ?? null)).toEqual([0, null, null]);
  });

  it('let others run, and stop where those throw', async () => {
    const texts = Array.from({ length: 5000 }, (_, index) => `text ${index}`);
    const stop = (done: number): Promise<void> => (done > 3000 ? Promise.reject(new Error('stop')) : Promise.resolve());
    await expect(findDuplicates(texts, { breathe: stop })).rejects.toThrow('stop');
  });
});

/** The definition, in words: the earliest kept text that is near enough. */
function byEveryPair(texts: readonly string[], near: number): (number | null)[] {
  const kept: number[] = [];
  const sets = texts.map((text) => new Set(wordsOf(text)));
  return sets.map((set, at) => {
    const of = kept.find((other) => {
      const shared = [...set].filter((word) => sets[other]?.has(word)).length;
      return shared / (set.size + (sets[other]?.size ?? 0) - shared) >= near - 1e-9;
    });
    if (of === undefined) kept.push(at);
    return of ?? null;
  });
}
