/** A table's row as its recipe reads it. */
import { shown } from '../../core/text/quote.ts';
import { chatPrompt } from './chat-messages.ts';
import type { Label } from './prompt-set.ts';
import { isNoHarm } from './harm-names.ts';
import { labelCell } from './label-column.ts';
import type { CategoryRule, LabelRule, RowFilter, RowMapping } from './prompt-recipe.ts';
import { cellError, cellOf, textCell, trueKeys, type TableRow } from '../tables/table.ts';

export interface LabelledRow {
  readonly row: number;
  readonly text: string; // without white space around it: a prompt’s last token is what `last` pooling reads
  readonly label: Label;
  readonly category: string;
}

/** The columns that a recipe reads; no others are fetched where the format allows it. */
export function columnsOf({ text, keep, label, category }: RowMapping): string[] {
  const columns = [text, ...keep.map(({ column }) => column)];
  if (label.kind === 'column') columns.push(label.column);
  if (category.kind === 'column' || category.kind === 'flags') columns.push(category.column);
  return [...new Set(columns)];
}

/** Why a row does not count. */
export const LEFT_OUT = ['filtered', 'no-text', 'no-category', 'no-label'] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

/** Null for a row that does not count; else as `readRow`. */
export function labelRow(mapping: RowMapping, file: string, row: TableRow): LabelledRow | null {
  const read = readRow(mapping, file, row);
  return typeof read === 'string' ? null : read;
}

/**
 * The row, or why it does not count: filtered out, without text, without a label, or of no category of the mapping. `file` is the table's name.
 * Throws `format` errors that name file, row and column, also for a label that the mapping does not know.
 */
export function readRow(mapping: RowMapping, file: string, row: TableRow): LabelledRow | LeftOut {
  if (!mapping.keep.every((filter) => passes(filter, file, row))) return 'filtered';
  if (cellOf(row, mapping.text) === undefined) {
    throw cellError(file, row.row, mapping.text, 'is missing', 'Choose the column that holds the prompts.');
  }
  const text = promptCell(file, row, mapping.text).trim();
  if (text === '') return 'no-text';
  if (isUnlabelled(mapping.label, row)) return 'no-label';
  const ofSafe = safeCategory(mapping.category, file, row);
  if (ofSafe !== null && labelOf(mapping, file, row) === 'safe') {
    return { row: row.row, text, label: 'safe', category: ofSafe };
  }
  const category = categoryOf(mapping.category, file, row);
  return category === null ? 'no-category' : { row: row.row, text, label: labelOf(mapping, file, row), category };
}

/** A prompt, or what the user says last in a conversation. */
function promptCell(file: string, row: TableRow, column: string): string {
  const cell = cellOf(row, column);
  if (Array.isArray(cell) && cell.length === 0) return ''; // nobody said anything
  return chatPrompt(cell)?.text ?? textCell(file, row, column);
}

/** The category of a row that names none, or “none”, were it safe. */
function safeCategory(rule: CategoryRule, file: string, row: TableRow): string | null {
  if (rule.kind === 'flags') return trueKeys(file, row, rule.column).length === 0 ? (rule.ofSafe ?? null) : null;
  if (rule.kind !== 'column') return null;
  if (rule.ofSafe === undefined) return null;
  const cell = textCell(file, row, rule.column).trim();
  return cell === '' || isNoHarm(cell) ? rule.ofSafe : null;
}

function passes(filter: RowFilter, file: string, row: TableRow): boolean {
  const cell = textCell(file, row, filter.column).trim();
  return filter.kind === 'empty' ? cell === '' : filter.values.includes(cell);
}

const isUnlabelled = (label: LabelRule, row: TableRow): boolean =>
  label.kind === 'column' && label.unlabelled?.has(labelCell(row, label.column, label.from)) === true;

function labelOf({ label }: RowMapping, file: string, row: TableRow): Label {
  if (label.kind === 'fixed') return label.label;
  const cell = labelCell(row, label.column, label.from);
  const known = label.labels.get(cell);
  if (known !== undefined) return known;
  const nextStep = `Known are ${[...label.labels.keys()].join(', ')}: say what it stands for, or leave such rows out.`;
  throw cellError(
    file,
    row.row,
    label.column,
    `holds the label “${shown(cell, 60)}”, of which nothing says what it means`,
    nextStep,
  );
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
