import type { PromptRecipe } from '../../src/formats/prompts/prompt-recipe.ts';
import type { Verb } from '../command.ts';
import { readRecipe, recipeIds } from '../options/recipe-options.ts';
import { formatTable } from '../table.ts';

export const promptsList: Verb = {
  name: 'prompts list',
  summary: 'list the known published prompt sets, their sources and their licences',
  options: { json: { type: 'boolean', help: 'print JSON, with descriptions and citations, instead of a table' } },
  async run(options) {
    const recipes = await Promise.all(recipeIds().map(readRecipe));
    if (options.flag('json')) {
      const shown = recipes.map((recipe) => {
        const { id, name, description, licence, citation, verified } = recipe;
        return { id, name, description, licence, citation, verified, source: originOf(recipe) };
      });
      console.log(JSON.stringify(shown, null, 2));
      return;
    }
    const rows = recipes.map((recipe) => [
      ...[recipe.id, recipe.format, recipe.licence],
      ...[recipe.verified ? 'yes' : 'no', originOf(recipe)],
    ]);
    console.log(formatTable(['set', 'format', 'licence', 'columns checked', 'from'], rows));
  },
};

function originOf({ source }: PromptRecipe): string {
  if (source.kind === 'hub') return `hub:${source.repo}@${source.revision}`;
  const [first] = source.files;
  return `${first?.url ?? ''}${source.files.length > 1 ? ` and ${source.files.length - 1} more` : ''}`;
}
