/** How a row of somebody's own table becomes a prompt of a set. */
import { LabError } from '../../core/errors.ts';
import { columnsOf, readRow, type LeftOut } from './labelled-row.ts';
import type { LabelRule, RowMapping } from './prompt-recipe.ts';
import type { Prompt } from './prompt-set.ts';
import { splitOfCell, WHOLE_SPLIT } from './split-names.ts';
import { textCell, type TableRow } from '../tables/table.ts';

export type SplitRule =
  | { readonly kind: 'fixed'; readonly split: string; readonly unread?: UnreadSplits }
  | { readonly kind: 'column'; readonly column: string; readonly asIs?: boolean }; // an empty cell is `all`; as is: in its own letters

/** A column that is called a split and does not hold any. */
interface UnreadSplits {
  readonly column: string;
  readonly example: string | null; // one of its values; null: its first rows are empty
}

/** Nobody has said yet what class the prompts are of, and nothing in the table does. */
interface OpenLabel {
  readonly kind: 'open';
}

export interface PromptMapping extends Omit<RowMapping, 'label'> {
  readonly label: LabelRule | OpenLabel;
  readonly split: SplitRule;
  readonly id: string | null; // column of the prompts' ids; null: the file's name and the row
  readonly rewriteOf: string | null; // column of the id that a prompt rewrites; an empty cell: it rewrites none
}

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
    throw new LabError('bad-request', `${file}: its prompts have no label.`, 'Choose a label for them.');
  }
  const read = readRow({ ...mapping, label: rule }, file, row);
  if (typeof read === 'string') return read;
  const cell = (column: string | null): string => (column === null ? '' : textCell(file, row, column).trim());
  const { text, label, category } = read;
  const id = cell(mapping.id) || `${stem(file)}-${row.row}`;
  const rewriteOf = cell(mapping.rewriteOf);
  const split = splitOf(mapping.split, cell);
  const prompt = { id, text, label, category, split };
  return rewriteOf === '' ? prompt : { ...prompt, rewriteOf };
}

function splitOf(rule: SplitRule, cell: (column: string) => string): string {
  if (rule.kind === 'fixed') return rule.split;
  return rule.asIs === true ? cell(rule.column) || WHOLE_SPLIT : splitOfCell(cell(rule.column));
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
