import { describe, expect, it } from 'vitest';
import type { LabelledRow } from '../../../../src/formats/prompts/labelled-row.ts';
import type { Prompt } from '../../../../src/formats/prompts/prompt-set.ts';
import { PromptCandidates, type SampleOptions } from '../../../../src/labs/prompts/prompt-recipes.ts';
import { birdRecipe } from '../../../support/bird-recipe.ts';

const BIRDS = ['wren', 'owl', 'hen'];

/** Question `n`, of every third bird. */
const question = (n: number): LabelledRow => ({
  row: n + 2,
  text: `Question ${n}?`,
  label: n % 2 === 0 ? 'safe' : 'harmful',
  category: BIRDS[n % 3] ?? '',
});
const questions = (count: number): LabelledRow[] => Array.from({ length: count }, (_, n) => question(n));

function sample(rows: readonly LabelledRow[], changes: object, options: SampleOptions = { seed: 0 }): Prompt[] {
  const candidates = new PromptCandidates(birdRecipe(changes));
  for (const row of rows) candidates.add(row, 0, 1);
  return candidates.sample(options);
}

const texts = (prompts: readonly Prompt[]): string[] => prompts.map(({ text }) => text);
const ofSplit = (prompts: readonly Prompt[], split: string): Prompt[] =>
  prompts.filter((prompt) => prompt.split === split);

describe('PromptCandidates', () => {
  it('keeps every text in the order in which they came, with ids that lead back to the rows', () => {
    const prompts = sample(questions(5), {});
    expect(texts(prompts)).toEqual(questions(5).map(({ text }) => text));
    expect(prompts[3]).toEqual({
      id: 'birds-5',
      text: 'Question 3?',
      label: 'harmful',
      category: 'wren',
      split: 'test',
    });
  });

  it('tells the files of several apart', () => {
    const candidates = new PromptCandidates(birdRecipe());
    candidates.add(question(0), 0, 2);
    candidates.add(question(1), 1, 2);
    expect(candidates.sample({ seed: 0 }).map(({ id }) => id)).toEqual(['birds-1-2', 'birds-2-3']);
  });

  it('gives a text the category and label of most of its rows, of the first where they draw', () => {
    const row = (text: string, category: string): LabelledRow => ({ row: 1, text, label: 'harmful', category });
    const rows = [row('a', 'wren'), row('b', 'owl'), row('a', 'owl'), row('a', 'owl'), row('b', 'hen')];
    expect(sample(rows, {}).map(({ text, category }) => [text, category])).toEqual([
      ['a', 'owl'],
      ['b', 'owl'],
    ]);
  });

  it('draws as many of each category as the recipe says, and the same ones for the same seed', () => {
    const drawn = (seed: number): Prompt[] => sample(questions(300), { perCategory: 20 }, { seed });
    for (const bird of BIRDS) expect(drawn(1).filter(({ category }) => category === bird)).toHaveLength(20);
    expect(drawn(1)).toEqual(drawn(1));
    expect(texts(drawn(1))).not.toEqual(texts(drawn(2)));
  });

  it('draws by the text alone: neither order nor other rows change what is chosen', () => {
    const rows = questions(300);
    const chosen = texts(sample(rows, { perCategory: 20 }));
    expect(texts(sample(rows.toReversed(), { perCategory: 20 })).sort()).toEqual(chosen.toSorted());
    const wrens = rows.filter(({ category }) => category === 'wren');
    const ofWrens = texts(sample(wrens, { perCategory: 20 }));
    expect(ofWrens).toEqual(chosen.filter((text) => wrens.some((row) => row.text === text)));
  });

  it('draws evenly: every text is chosen about as often as any other', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 400; seed++) {
      for (const text of texts(sample(questions(30), { perCategory: 5 }, { seed }))) counts.set(text, (counts.get(text) ?? 0) + 1); // prettier-ignore
    }
    expect(counts.size).toBe(30);
    // 200 expected, with a standard deviation of 10: six of them
    for (const [text, count] of counts) expect(Math.abs(count - 200), text).toBeLessThan(60);
  });

  it('splits every category in the recipe’s proportions, each prompt into one split', () => {
    const prompts = sample(questions(300), { splits: { train: 0.8, test: 0.2 } });
    for (const bird of BIRDS) {
      const ofBird = prompts.filter(({ category }) => category === bird);
      expect([ofSplit(ofBird, 'train').length, ofSplit(ofBird, 'test').length]).toEqual([80, 20]);
    }
  });

  it('limits what is written, from every category and split', () => {
    const options = { seed: 3, limit: 90 };
    const prompts = sample(questions(300), { splits: { train: 0.8, test: 0.2 } }, options);
    const rest = texts(sample(questions(300), {}, { seed: 3 }));
    expect(prompts).toHaveLength(90);
    expect(rest.filter((text) => texts(prompts).includes(text))).toEqual(texts(prompts)); // in their order
    for (const bird of BIRDS) expect(prompts.some(({ category }) => category === bird)).toBe(true);
    expect(ofSplit(prompts, 'test').length).toBeGreaterThan(5);
    expect(ofSplit(prompts, 'train').length).toBeGreaterThan(50);
  });
});
