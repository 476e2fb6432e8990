/** A table's row as its recipe reads it. */
import type { Label } from './prompt-set.ts';
import type { CategoryRule, PromptRecipe, RowFilter } from './prompt-recipe.ts';
import { cellError, textCell, trueKeys, type TableRow } from './table.ts';

export interface LabelledRow {
  readonly row: number;
  readonly text: string; // without white space around it: a prompt’s last token is what `last` pooling reads
  readonly label: Label;
  readonly category: string;
}

/** The columns that a recipe reads; no others are fetched where the format allows it. */
export function columnsOf({ text, keep, label, category }: PromptRecipe): string[] {
  const columns = [text, ...keep.map(({ column }) => column)];
  if (label.kind === 'column') columns.push(label.column);
  if (category.kind === 'column' || category.kind === 'flags') columns.push(category.column);
  return [...new Set(columns)];
}

/**
 * Null for a row that does not count: filtered out, without text, or of no category of the recipe. `file` is the table's name.
 * Throws `format` errors that name file, row and column, also for a label that the recipe does not know.
 */
export function labelRow(recipe: PromptRecipe, file: string, row: TableRow): LabelledRow | null {
  if (!recipe.keep.every((filter) => passes(filter, file, row))) return null;
  if (row.values[recipe.text] === undefined) {
    throw cellError(file, row.row, recipe.text, 'is missing', 'Choose the column that holds the prompts.');
  }
  const text = textCell(file, row, recipe.text).trim();
  const category = categoryOf(recipe.category, file, row);
  if (text === '' || category === null) return null;
  return { row: row.row, text, label: labelOf(recipe, file, row), category };
}

function passes(filter: RowFilter, file: string, row: TableRow): boolean {
  const cell = textCell(file, row, filter.column).trim();
  return filter.kind === 'empty' ? cell === '' : filter.values.includes(cell);
}

function labelOf({ label }: PromptRecipe, file: string, row: TableRow): Label {
  if (label.kind === 'fixed') return label.label;
  const cell = textCell(file, row, label.column).trim();
  const known = label.labels.get(cell);
  if (known !== undefined) return known;
  const nextStep = `The recipe knows ${[...label.labels.keys()].join(', ')}: add it there.`;
  throw cellError(file, row.row, label.column, `holds the label “${cell}”, which the recipe does not know`, nextStep);
}

function categoryOf(rule: CategoryRule, file: string, row: TableRow): string | null {
  switch (rule.kind) {
    case 'fixed':
      return rule.category;
    case 'file':
      return stemOf(file);
    case 'column': {
      const cell = textCell(file, row, rule.column).trim();
      const category = rule.categories.get(cell) ?? (rule.others === 'keep' ? cell : '');
      return category === '' ? null : category;
    }
    case 'flags': {
      const found = trueKeys(file, row, rule.column).flatMap((key) => rule.categories.get(key) ?? []);
      return found.length === 1 ? (found[0] ?? null) : null;
    }
  }
}

/** `cities` of `https://…/cities.csv`. */
const stemOf = (file: string): string => (file.split('/').at(-1) ?? file).replace(/\.\w+$/, '');
