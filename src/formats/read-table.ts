/** One way to read every kind of prompt table. */
import { LabError } from '../core/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { readDelimited } from './delimited.ts';
import { parseJsonObject } from './json.ts';
import { readParquet } from './parquet.ts';
import { LINE_COLUMN, missingColumn, type TableFormat, type TableRow } from './table.ts';
import { linesOf } from './text-lines.ts';

const BATCH_ROWS = 4096; // handed out together: enough that awaiting costs nothing, few enough that a stop is noticed

export interface TableOptions {
  readonly heading?: boolean; // of CSV and TSV: whether the first row names the columns, as it does by default
  readonly batchRows?: number; // handed out together, of all but Parquet
}

/**
 * Batches of rows with the columns that are asked for, or all; in JSON Lines a row may lack some of them. Throws `format` errors that
 * name file, row and column, also for a table without rows.
 */
export async function* readTable(
  source: ByteSource,
  format: TableFormat,
  columns: readonly string[] | 'all',
  options: TableOptions = {},
): AsyncGenerator<readonly TableRow[], void, undefined> {
  let isEmpty = true;
  for await (const batch of batchesOf(source, format, columns, options)) {
    isEmpty &&= batch.length === 0;
    yield batch;
  }
  if (isEmpty) throw new LabError('format', `${source.name} has no rows.`, 'Check that this is the right file.');
}

function batchesOf(
  source: ByteSource,
  format: TableFormat,
  columns: readonly string[] | 'all',
  { heading = true, batchRows = BATCH_ROWS }: TableOptions,
): AsyncIterable<readonly TableRow[]> {
  switch (format) {
    case 'parquet':
      return readParquet(source, columns);
    case 'csv':
      return inBatches(readDelimited(source, { separator: ',', columns, heading }), batchRows);
    case 'tsv':
      return inBatches(readDelimited(source, { separator: '\t', columns, heading }), batchRows);
    case 'jsonl':
      return inBatches(readJsonRows(source, columns), batchRows);
    case 'lines':
      return inBatches(readPlainLines(source, columns), batchRows);
  }
}

async function* readJsonRows(source: ByteSource, columns: readonly string[] | 'all'): AsyncGenerator<TableRow> {
  for await (const { line, text } of linesOf(source)) {
    if (text.trim() === '') continue;
    const object = parseJsonObject(`${source.name}, row ${line},`, text);
    const values = columns === 'all' ? object : Object.fromEntries(columns.map((column) => [column, object[column]]));
    yield { row: line, values };
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
