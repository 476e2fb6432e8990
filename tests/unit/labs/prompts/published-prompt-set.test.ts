/** The recipes on the text that they are for. Counts: those of the published sets, by Python's csv and json modules. */
import { describe, expect, it } from 'vitest';
import { HARM_CATEGORIES } from '../../../../src/core/categories.ts';
import { parsePromptRecipe } from '../../../../src/formats/prompts/prompt-recipe.ts';
import type { Label, Prompt } from '../../../../src/formats/prompts/prompt-set.ts';
import { readPublishedPromptSet, type PublishedPromptSet } from '../../../../src/labs/prompts/published-prompt-set.ts';
import { HAS_REAL_DATA, realSource } from '../../../support/real-data.ts';
import { readPublic } from '../../../support/public-files.ts';

function read(id: string, file: string): Promise<PublishedPromptSet> {
  const recipe = parsePromptRecipe(readPublic(`prompts/hub/${id}.json`), id);
  const files = { identity: null, open: () => Promise.resolve([realSource(file)]) };
  return readPublishedPromptSet(recipe, files, { seed: 0, formatByName: true });
}

const counts = (prompts: readonly Prompt[], key: 'label' | 'category' | 'split'): Record<string, number> =>
  prompts.reduce<Record<string, number>>(
    (sums, prompt) => ({ ...sums, [prompt[key]]: (sums[prompt[key]] ?? 0) + 1 }),
    {},
  );

describe.skipIf(!HAS_REAL_DATA)('published prompts (skipped where ../shared/data is absent)', () => {
  it.each<[string, string, number, number, Partial<Record<Label, number>>]>([
    ['beavertails-evaluation', 'prompts/beavertails-evaluation.csv', 700, 700, { harmful: 700 }],
    ['alpaca', 'prompts/alpaca-3000.jsonl', 3000, 3000, { safe: 3000 }],
    ['advbench', 'prompts/advbench.csv', 520, 520, { harmful: 520 }],
    ['harmbench', 'prompts/harmbench_test.csv', 320, 159, { harmful: 159 }],
    ['malicious-instruct', 'prompts/malicious_instruct.txt', 100, 100, { harmful: 100 }],
    ['xstest', 'prompts/xstest.csv', 450, 450, { safe: 250, harmful: 200 }],
    ['geometry-of-truth', 'truth/cities.csv', 1496, 1496, { true: 748, false: 748 }],
    ['geometry-of-truth', 'truth/neg_cities.csv', 1496, 1496, { true: 748, false: 748 }],
    ['geometry-of-truth', 'truth/sp_en_trans.csv', 354, 351, { true: 174, false: 177 }], // three statements stand there twice
    ['geometry-of-truth', 'truth/larger_than.csv', 1980, 1980, { true: 990, false: 990 }],
  ])('%s reads %s', async (id, file, rows, texts, labels) => {
    const set = await read(id, file);
    expect([set.rows, set.texts, set.prompts.length]).toEqual([rows, texts, texts]);
    expect(counts(set.prompts, 'label')).toEqual(labels);
    expect(new Set(set.prompts.map((prompt) => prompt.id)).size).toBe(texts);
    expect(set.prompts.every(({ text }) => text !== '' && text.trim() === text)).toBe(true);
  });

  it('finds 50 prompts of each of the lab’s categories in BeaverTails-Evaluation', async () => {
    const byCategory = counts((await read('beavertails-evaluation', 'prompts/beavertails-evaluation.csv')).prompts, 'category'); // prettier-ignore
    expect(Object.keys(byCategory)).toHaveLength(14);
    for (const category of HARM_CATEGORIES) expect(byCategory[category], category).toBe(50);
  });

  it('takes the category of a true or false statement from its file', async () => {
    expect(counts((await read('geometry-of-truth', 'truth/cities.csv')).prompts, 'category')).toEqual({ cities: 1496 });
  });

  it('splits Alpaca four to one', async () => {
    const { prompts } = await read('alpaca', 'prompts/alpaca-3000.jsonl');
    expect(counts(prompts, 'split')).toEqual({ train: 2400, test: 600 });
  });
});
