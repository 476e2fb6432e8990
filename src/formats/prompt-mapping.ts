/** How a row of somebody's own table becomes a prompt of a set. */
import { LabError } from '../core/errors.ts';
import { columnsOf, readRow, type LeftOut } from './labelled-row.ts';
import type { LabelRule, RowMapping } from './prompt-recipe.ts';
import type { Prompt } from './prompt-set.ts';
import { textCell, type TableRow } from './table.ts';

export type SplitRule =
  { readonly kind: 'fixed'; readonly split: string } | { readonly kind: 'column'; readonly column: string }; // an empty cell is `all`

/** Nobody has said yet what class the prompts are of, and nothing in the table does. */
export interface OpenLabel {
  readonly kind: 'open';
}

export interface PromptMapping extends Omit<RowMapping, 'label'> {
  readonly label: LabelRule | OpenLabel;
  readonly split: SplitRule;
  readonly id: string | null; // column of the prompts' ids; null: the file's name and the row
  readonly rewriteOf: string | null; // column of the id that a prompt rewrites; an empty cell: it rewrites none
}

export const WHOLE_SPLIT = 'all'; // of a set that is not divided

const ANY_LABEL: LabelRule = { kind: 'fixed', label: 'safe' }; // reads no column

/** The columns that a mapping reads. */
export function mappedColumns(mapping: PromptMapping): string[] {
  const { split, id, rewriteOf, label } = mapping;
  const columns = columnsOf({ ...mapping, label: label.kind === 'open' ? ANY_LABEL : label });
  if (split.kind === 'column') columns.push(split.column);
  for (const column of [id, rewriteOf]) if (column !== null) columns.push(column);
  return [...new Set(columns)];
}

/** The prompt, or why the row does not count. Throws `format` errors that name file, row and column. */
export function readMappedPrompt(mapping: PromptMapping, file: string, row: TableRow): Prompt | LeftOut {
  const { label: rule } = mapping;
  if (rule.kind === 'open') {
    throw new LabError('bad-request', `${file}: nobody said what class its prompts are of.`, 'Say what they are.');
  }
  const read = readRow({ ...mapping, label: rule }, file, row);
  if (typeof read === 'string') return read;
  const cell = (column: string | null): string => (column === null ? '' : textCell(file, row, column).trim());
  const { text, label, category } = read;
  const split = mapping.split.kind === 'fixed' ? mapping.split.split : cell(mapping.split.column) || WHOLE_SPLIT;
  const id = cell(mapping.id) || `${stem(file)}-${row.row}`;
  const rewriteOf = cell(mapping.rewriteOf);
  const prompt = { id, text, label, category, split };
  return rewriteOf === '' ? prompt : { ...prompt, rewriteOf };
}

/** Collects prompts and refuses an id that is there already. */
export class UniqueIds {
  readonly #rows = new Map<string, number>();

  /** Throws a `format` error that names file and both rows. */
  add(id: string, file: string, row: number): void {
    const before = this.#rows.get(id);
    if (before === undefined) {
      this.#rows.set(id, row);
      return;
    }
    const problem = `${file}, row ${row}: the id “${id}” is that of row ${before} too.`;
    throw new LabError('format', problem, 'Correct it, or let the rows’ numbers be the ids.');
  }
}

/** `cities` of `https://…/cities.csv`. */
const stem = (file: string): string => (file.split('/').at(-1) ?? file).replace(/\.\w+$/, '');
