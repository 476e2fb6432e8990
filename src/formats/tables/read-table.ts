/** One way to read every kind of prompt table. */
import { LabError } from '../../core/errors.ts';
import type { ByteSource } from '../bytes/byte-source.ts';
import { readDelimited } from './delimited.ts';
import { readJsonArray, readJsonLines } from './json-rows.ts';
import { readParquet } from './parquet.ts';
import { cellOf, LINE_COLUMN, missingColumn, type TableFormat, type TableRow } from './table.ts';
import { layoutOf, type TableLayout } from './guess-table-layout.ts';
import { linesOf } from '../bytes/text-lines.ts';

const BATCH_ROWS = 4096; // handed out together: enough that awaiting costs nothing, few enough that a stop is noticed

export interface TableOptions {
  readonly batchRows?: number; // handed out together, of all but Parquet
}

/**
 * Batches of rows with the columns that are asked for, or all; in JSON a row may lack some of them. A format alone is laid out as
 * its kind is by itself. Throws `format` errors that
 * name file, row and column, also for a table without rows.
 */
export async function* readTable(
  source: ByteSource,
  layout: TableLayout | TableFormat,
  columns: readonly string[] | 'all',
  options: TableOptions = {},
): AsyncGenerator<readonly TableRow[], void, undefined> {
  let isEmpty = true;
  for await (const batch of batchesOf(
    source,
    typeof layout === 'string' ? layoutOf(layout) : layout,
    columns,
    options,
  )) {
    isEmpty &&= batch.length === 0;
    yield batch;
  }
  const { format } = typeof layout === 'string' ? layoutOf(layout) : layout;
  if (isEmpty)
    throw new LabError(
      'format',
      `${source.name} has no ${format === 'lines' ? 'prompts' : 'rows'}.`,
      'Check that this is the right file.',
    );
}

function batchesOf(
  source: ByteSource,
  { format, separator, heading, isSpaced }: TableLayout,
  columns: readonly string[] | 'all',
  { batchRows = BATCH_ROWS }: TableOptions,
): AsyncIterable<readonly TableRow[]> {
  switch (format) {
    case 'parquet':
      return readParquet(source, columns);
    case 'csv':
    case 'tsv':
      return inBatches(readDelimited(source, { separator, columns, heading, isSpaced }), batchRows);
    case 'json':
      return inBatches(withColumns(readJsonArray(source), columns), batchRows);
    case 'jsonl':
      return inBatches(withColumns(readJsonLines(source), columns), batchRows);
    case 'lines':
      return inBatches(readPlainLines(source, columns), batchRows);
  }
}

async function* withColumns(
  rows: AsyncIterable<TableRow>,
  columns: readonly string[] | 'all',
): AsyncGenerator<TableRow> {
  for await (const row of rows) {
    if (columns === 'all') yield row;
    else yield { row: row.row, values: Object.fromEntries(columns.map((column) => [column, cellOf(row, column)])) };
  }
}

async function* readPlainLines(source: ByteSource, columns: readonly string[] | 'all'): AsyncGenerator<TableRow> {
  const other = columns === 'all' ? undefined : columns.find((column) => column !== LINE_COLUMN);
  if (other !== undefined) throw missingColumn(source.name, other, [LINE_COLUMN]);
  for await (const { line, text } of linesOf(source)) {
    if (text.trim() !== '') yield { row: line, values: { [LINE_COLUMN]: text } };
  }
}

async function* inBatches(rows: AsyncIterable<TableRow>, batchRows: number): AsyncGenerator<readonly TableRow[]> {
  let batch: TableRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
