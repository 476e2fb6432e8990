/** Counts the values of the columns that may be labels, over the whole file. */
import { areBeaverTailsKeys } from '../../core/beavertails.ts';
import { LabError } from '../../core/errors.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { isOfAnswers, LIST_COLUMN, polarityOf } from '../../formats/prompts/column-names.ts';
import { classesOfHarms } from '../../formats/prompts/harm-names.ts';
import { isJsonObject } from '../../formats/bytes/json.ts';
import { labelCell, type CountedValue } from '../../formats/prompts/label-column.ts';
import type { CountedColumn, CountedRows, LabelCounts } from '../../formats/prompts/label-decision.ts';
import { readLabelWord } from '../../formats/prompts/label-values.ts';
import { readTable } from '../../formats/tables/read-table.ts';
import { cellOf, missingColumn, type TableRow } from '../../formats/tables/table.ts';
import { valuesOf, type TableHead } from '../../formats/tables/table-head.ts';

const MOST_LABELS = 40; // a column with more distinct values is not a label column
const MOST_TUPLES = 50_000; // combinations of values in a row; with more, columns are not compared

export interface CountOptions {
  readonly text: string; // the column of prompts
  readonly chosen: string | null; // a column named by the user, counted whatever it contains
  readonly from?: number | undefined; // a threshold for numbers in the label column
  readonly signal?: AbortSignal;
}

/** @throws LabError `interrupted` after an abort, and the errors of `readTable` */
export async function countLabels(
  source: ByteSource,
  head: TableHead,
  { text, chosen, from, signal }: CountOptions,
): Promise<LabelCounts> {
  if (chosen !== null && !head.columns.includes(chosen)) throw missingColumn(head.name, chosen, head.columns);
  const others = head.columns.filter((column) => column !== text);
  const columns = chosen === null ? others.filter((column) => mayBeLabels(head, column)) : [chosen];
  const counters = columns.map((column) => new ColumnCounter(column, from));
  const together = new Map<string, CountedRows & { rows: number }>();
  if (columns.length > 0) {
    for await (const batch of readTable(source, head.layout, columns)) {
      if (signal?.aborted === true)
        throw new LabError('interrupted', `Reading ${head.name} was stopped.`, 'Start it again.');
      for (const row of batch) countRow(row, counters, together);
    }
  }
  return {
    columns: counters.map((counter) => counter.counted(areKinds(head, counter.column))),
    together: together.size > MOST_TUPLES ? [] : [...together.values()],
  };
}

function countRow(
  row: TableRow,
  counters: readonly ColumnCounter[],
  together: Map<string, CountedRows & { rows: number }>,
): void {
  const values = counters.map((counter) => counter.add(row));
  if (values.length < 2 || together.size > MOST_TUPLES) return;
  const key = values.join('\0');
  const tuple = together.get(key);
  if (tuple === undefined) together.set(key, { values, rows: 1, firstRow: row.row });
  else tuple.rows++;
}

/** Whether a column may hold labels, judged by its name and by its first cells. */
function mayBeLabels(head: TableHead, column: string): boolean {
  if (isOfAnswers(column)) return false;
  if (polarityOf(column) !== null || column === LIST_COLUMN) return true;
  const values = valuesOf(head, column);
  if (values.length > MOST_LABELS) return false;
  if (classesOfHarms(values) !== null) return true;
  return areBeaverTailsKeys(values.filter((value) => value !== '')) || values.some((value) => value.startsWith('contrast_') || readLabelWord(value).kind === 'class'); // prettier-ignore
}

/** Whether a column holds objects of flags named after BeaverTails' kinds of harm. */
const areKinds = (head: TableHead, column: string): boolean =>
  areBeaverTailsKeys(valuesOf(head, column)) && head.rows.every((row) => isJsonObject(cellOf(row, column)));

class ColumnCounter {
  readonly column: string;
  readonly #from: number | undefined;
  readonly #values = new Map<string, CountedValue & { rows: number }>();
  #isTooMany = false;

  constructor(column: string, from?: number) {
    this.column = column;
    this.#from = from;
  }

  /** Counts and returns the row's value; '' once there are too many distinct values. */
  add(row: TableRow): string {
    if (this.#isTooMany) return '';
    const value = labelCell(row, this.column, this.#from);
    const known = this.#values.get(value);
    if (known === undefined) this.#values.set(value, { value, rows: 1, firstRow: row.row });
    else known.rows++;
    this.#isTooMany = this.#values.size > MOST_LABELS;
    return value;
  }

  counted(areKinds: boolean): CountedColumn {
    const values = [...this.#values.values()].sort((a, b) => b.rows - a.rows);
    const isScore = ({ value }: CountedValue): boolean => readLabelWord(value).kind === 'score';
    const example = (values.find(isScore) ?? values.find(({ value }) => value !== ''))?.value ?? '';
    return { column: this.column, values: this.#isTooMany ? null : values, example, areKinds };
  }
}
