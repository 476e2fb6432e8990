/** Recipes of published prompt sets, and sets as JSON Lines. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parsePromptRecipe } from '../../../src/formats/prompts/prompt-recipe.ts';
import { LABELS, parsePromptSet, promptLines } from '../../../src/formats/prompts/prompt-set.ts';
import { anyJson, anyJsonLines, oddName, type Json } from '../harness/spoilt-json.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';

const RECIPES = join(import.meta.dirname, '../../../public/prompts/hub');
const recipes = readdirSync(RECIPES).map((file) => JSON.parse(readFileSync(join(RECIPES, file), 'utf8')) as Json);

function checkRecipe(text: string): void {
  const recipe = parsePromptRecipe(text, 'recipe.json');
  const shares = [...recipe.splits.values()];
  hold(
    shares.every((share) => Number.isFinite(share) && share > 0),
    'shares are numbers above 0',
  );
  hold(recipe.perCategory === null || Number.isSafeInteger(recipe.perCategory), 'a limit is a count');
  hold(recipe.source.files.length > 0, 'a recipe names files');
}

const prompt = fc.record(
  {
    id: fc.oneof(
      fc.nat(99).map((id) => `p-${id}`),
      oddName,
    ),
    text: fc.constantFrom('How do bees sleep?', '=1+1', '<b>x</b>', 'a\nb', '🙂'),
    label: fc.constantFrom(...LABELS),
    category: fc.oneof(fc.constantFrom('violence', 'safe', 'general'), oddName),
    split: fc.constantFrom('train', 'test'),
    rewriteOf: fc.constant('p-1'),
  },
  { requiredKeys: ['id', 'text', 'label', 'category', 'split'] },
) as fc.Arbitrary<Json>;

function checkSet(text: string): void {
  const prompts = parsePromptSet('set.jsonl', text);
  hold(prompts.length > 0, 'a set has prompts');
  for (const one of prompts) {
    hold(LABELS.includes(one.label), 'a label is one of the lab’s');
    hold([one.id, one.text, one.category, one.split].every((field) => typeof field === 'string' && field !== ''), 'fields are texts'); // prettier-ignore
  }
  const again = parsePromptSet('again.jsonl', promptLines(prompts));
  hold(JSON.stringify(again) === JSON.stringify(prompts), 'a set that is written is read again');
}

export const PROMPT_TARGETS: readonly FuzzTarget[] = [
  defineTarget('recipe', anyJson(fc.constantFrom(...recipes)), checkRecipe),
  defineTarget('prompt-set', anyJsonLines(prompt), checkSet),
];
