import { describe, expect, it } from 'vitest';
import { columnsOf, labelRow } from '../../../../src/formats/prompts/labelled-row.ts';
import { parsePromptRecipe } from '../../../../src/formats/prompts/prompt-recipe.ts';
import { BIRD_RECIPE, birdRecipe } from '../../../support/bird-recipe.ts';

const SHA = 'a'.repeat(64);

describe('parsePromptRecipe', () => {
  it('reads where the files lie, what counts, and how label and category come about', () => {
    const recipe = birdRecipe({ perCategory: 10, keep: [{ kind: 'empty', column: 'note' }] });
    expect(recipe).toMatchObject({ id: 'birds', perCategory: 10, keep: [{ kind: 'empty', column: 'note' }] });
    expect([...recipe.splits]).toEqual([['test', 1]]);
    expect(columnsOf(recipe)).toEqual(['question', 'note', 'tone', 'bird']);
    expect(
      birdRecipe({ source: { kind: 'url', files: [{ url: 'https://x.org/a.csv', sha256: SHA }] } }).source,
    ).toEqual({
      kind: 'url',
      files: [{ url: 'https://x.org/a.csv', sha256: SHA }],
    });
  });

  it.each([
    ['a later version', { version: 2 }, 'version 2 is unknown to this lab, which knows version 1'],
    ['no version', { version: null }, 'version 0 is unknown'],
    ['an id that is not a file’s name', { id: '../x' }, 'id must be made of small letters, digits and hyphens'],
    ['no name', { name: '' }, 'name is not text'],
    ['verified', { verified: 'yes' }, 'verified is neither true nor false'],
    ['format', { format: 'xlsx' }, 'format is not one of csv, tsv, jsonl, lines, parquet'],
    ['source', { source: { kind: 'ftp' } }, 'source.kind is not one of hub, url'],
    ['a repository', { source: { ...BIRD_RECIPE.source, repo: 'birds' } }, 'source.repo is not written as owner/name'],
    ['files', { source: { ...BIRD_RECIPE.source, files: [] } }, 'source.files is not a list'],
    ['a file', { source: { ...BIRD_RECIPE.source, files: ['a', 7] } }, 'source.files[1] is not text'],
    [
      'an address',
      { source: { kind: 'url', files: [{ url: 'file:///etc' }] } },
      'source.files[0].url is not a web address',
    ],
    [
      'a digest',
      { source: { kind: 'url', files: [{ url: 'https://x', sha256: 'A' }] } },
      'source.files[0].sha256 is no',
    ],
    ['a filter', { keep: [{ kind: 'like', column: 'a' }] }, 'keep[0].kind is not one of is, empty'],
    ['a label', { label: { kind: 'fixed', label: 'evil' } }, 'label.label is not one of safe, harmful, true, false'],
    ['labels', { label: { kind: 'column', column: 'a', labels: { x: 'evil' } } }, 'label.labels.x is not one of'],
    ['a category', { category: { kind: 'flags', column: 'a' } }, 'category.categories is not an object'],
    ['others', { category: { kind: 'column', column: 'a' } }, 'category.others is not one of keep, drop'],
    ['a number', { perCategory: 0 }, 'perCategory is not a whole number from 1'],
    ['splits', { splits: { train: 0.5, test: 0.4 } }, 'splits add up to 0.9, not to 1'],
    ['a share', { splits: { train: 1, test: 0 } }, 'splits.test is not a number above 0'],
  ])('names the file and the field: %s', (_, changes, message) => {
    expect(() => birdRecipe(changes)).toThrow(`birds.json: ${message}`);
  });

  it('names a file that is not JSON', () => {
    expect(() => parsePromptRecipe('{', 'birds.json')).toThrow(/birds\.json is not valid JSON/);
  });
});

describe('labelRow', () => {
  const values = { question: ' What does a wren eat? ', tone: 'kind', bird: 'troglodytes' };
  const row = (changes: object = {}) => ({ row: 7, values: { ...values, ...changes } });
  const flags = { category: { kind: 'flags', column: 'bird', categories: { little: 'wren', wise: 'owl' } } };

  it('trims the text and maps label and category', () => {
    const expected = { row: 7, text: 'What does a wren eat?', label: 'safe', category: 'wren' };
    expect(labelRow(birdRecipe(), 'a.csv', row())).toEqual(expected);
    expect(labelRow(birdRecipe(), 'a.csv', row({ tone: 'rude', bird: 'owl' }))).toMatchObject({ label: 'harmful', category: 'owl' }); // prettier-ignore
  });

  it.each([
    ['the empty filter', { keep: [{ kind: 'empty', column: 'note' }] }, { note: 'x' }],
    ['the value filter', { keep: [{ kind: 'is', column: 'note', values: ['y'] }] }, { note: 'x' }],
    ['a category that is dropped', { category: { ...BIRD_RECIPE.category, others: 'drop' } }, { bird: 'owl' }],
    ['an empty category', {}, { bird: ' ' }],
    ['an empty text', {}, { question: '  ' }],
    ['a missing text that is null', {}, { question: null }],
    ['no flag', flags, { bird: { little: false, wise: false, other: true } }],
    ['two flags', flags, { bird: { little: true, wise: true } }],
  ])('passes over a row: %s', (_, changes, cells) => {
    expect(labelRow(birdRecipe(changes), 'a.csv', row(cells))).toBeNull();
  });

  it.each([
    ['an empty cell passes', { keep: [{ kind: 'empty', column: 'note' }] }, { note: ' ' }, 'wren'],
    ['a column that is not there is empty', { keep: [{ kind: 'empty', column: 'note' }] }, {}, 'wren'],
    [
      'a value of the list passes',
      { keep: [{ kind: 'is', column: 'note', values: ['x', 'y'] }] },
      { note: 'y' },
      'wren',
    ],
    ['one flag', flags, { bird: { little: false, wise: true } }, 'owl'],
    ['a flag beside those that count', flags, { bird: { little: null, wise: true, other: true } }, 'owl'],
    ['the file', { category: { kind: 'file' } }, {}, 'cities'],
  ])('takes a row: %s', (_, changes, cells, category) => {
    const labelled = labelRow(birdRecipe(changes), 'https://x.org/a/cities.csv', row(cells));
    expect(labelled).toMatchObject({ text: 'What does a wren eat?', category });
  });

  it('reads numbers as labels', () => {
    const recipe = birdRecipe({ label: { kind: 'column', column: 'truth', labels: { '1': 'true', '0': 'false' } } });
    expect(labelRow(recipe, 'a', row({ truth: 0 }))?.label).toBe('false');
    expect(labelRow(recipe, 'a', row({ truth: 1n }))?.label).toBe('true');
  });

  it.each([
    ['an unknown label', {}, { tone: 'loud' }, 'column “tone”: the cell holds the label “loud”'],
    ['a text that is none', {}, { question: ['a'] }, 'column “question”: the cell is not text'],
    ['a text that is missing', {}, { question: undefined }, 'column “question”: the cell is missing'],
    ['flags that are none', flags, { bird: 'owl' }, 'column “bird”: the cell is not an object'],
    ['a flag that is none', flags, { bird: { wise: 'yes' } }, 'has a “wise” that is neither true nor false'],
  ])('names file, row and column: %s', (_, changes, cells, message) => {
    const reading = (): unknown => labelRow(birdRecipe(changes), 'a.csv', row(cells));
    expect(reading).toThrow(/^a\.csv, row 7, column/);
    expect(reading).toThrow(message);
  });
});
