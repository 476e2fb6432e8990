/** A recipe as JSON for made-up tables, for a test to vary. */
import { parsePromptRecipe, type PromptRecipe } from '../../src/formats/prompts/prompt-recipe.ts';

export const BIRD_RECIPE = {
  version: 1,
  id: 'birds',
  name: 'Birds',
  description: 'Questions on birds.',
  licence: 'CC0-1.0',
  citation: 'nobody',
  verified: true,
  source: { kind: 'hub', repo: 'lab/birds', revision: 'main', files: ['data/*.csv'] },
  format: 'csv',
  text: 'question',
  label: { kind: 'column', column: 'tone', labels: { kind: 'safe', rude: 'harmful' } },
  category: { kind: 'column', column: 'bird', categories: { troglodytes: 'wren' }, others: 'keep' },
  splits: { test: 1 },
};

export const birdRecipe = (changes: object = {}): PromptRecipe =>
  parsePromptRecipe(JSON.stringify({ ...BIRD_RECIPE, ...changes }), 'birds.json');
