/** `--set`: the name of a known published prompt set, or a recipe file. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { decodeUtf8 } from '../../src/formats/bytes/json.ts';
import { parsePromptRecipe, type PromptRecipe } from '../../src/formats/prompts/prompt-recipe.ts';

const RECIPES = join(import.meta.dirname, '../../public/prompts/hub');
const ENDING = '.json';

/** The prompt sets that can be given by name. */
export function recipeIds(): string[] {
  const files = readdirSync(RECIPES).filter((file) => file.endsWith(ENDING));
  return files.map((file) => file.slice(0, -ENDING.length)).sort();
}

/** @throws LabError `not-found`, when the text is neither a set's name nor a file; `format`, naming the field */
export async function readRecipe(text: string): Promise<PromptRecipe> {
  const path = recipeIds().includes(text) ? join(RECIPES, text + ENDING) : text;
  const bytes = await readFile(path).catch((cause: unknown) => {
    const nextStep = `Use a recipe file, or one of ${recipeIds().join(', ')}.`;
    throw new LabError('not-found', `There is no prompt set “${shown(text)}”.`, nextStep, { cause });
  });
  return parsePromptRecipe(decodeUtf8(path, bytes), path);
}
