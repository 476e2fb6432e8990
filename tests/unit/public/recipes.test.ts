import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HARM_CATEGORIES } from '../../../src/core/categories.ts';
import { parsePromptRecipe, type PromptRecipe } from '../../../src/formats/prompts/prompt-recipe.ts';
import { RECIPES } from '../../../src/sources/built-in.ts';
import { PUBLIC, readPublic } from '../../support/public-files.ts';

const FILES = readdirSync(join(PUBLIC, 'prompts/hub'));
const recipe = (id: string): PromptRecipe => parsePromptRecipe(readPublic(`prompts/hub/${id}.json`), `${id}.json`);

describe('the recipes of published prompt sets', () => {
  it('are those of the study, each named after its file', () => {
    const expected = ['advbench', 'alpaca', 'beavertails', 'beavertails-evaluation', 'geometry-of-truth', 'harmbench', 'malicious-instruct', 'xstest']; // prettier-ignore
    expect(FILES.toSorted()).toEqual(expected.map((id) => `${id}.json`).toSorted());
    for (const id of expected) expect(recipe(id).id).toBe(id);
    expect(RECIPES.toSorted()).toEqual(expected.toSorted());
  });

  it('are pinned to bytes or to a commit where a plain address allows it', () => {
    for (const { id, source } of FILES.map((file) => recipe(file.replace('.json', '')))) {
      if (source.kind === 'hub') continue; // pinned when it is opened
      for (const { url, sha256 } of source.files) expect(sha256 !== null || /\/[0-9a-f]{40}\//.test(url), id).toBe(true);
    }
  });

  it.each(['beavertails', 'beavertails-evaluation'])('map seven of the 14 keys of %s to the lab’s categories', (id) => {
    const { category } = recipe(id);
    if (category.kind !== 'flags' && category.kind !== 'column') throw new Error(category.kind);
    expect([...category.categories.values()]).toEqual(HARM_CATEGORIES);
  });

  it('draw 1,000 prompts of each category of BeaverTails, and as many safe ones as of all of them', () => {
    expect(recipe('beavertails').perCategory).toBe(1000);
    expect(recipe('alpaca').perCategory).toBe(1000 * HARM_CATEGORIES.length);
  });
});
