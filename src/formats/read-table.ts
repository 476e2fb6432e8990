/** One way to read every kind of prompt table. */
import { LabError } from '../core/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { readDelimited } from './delimited.ts';
import { parseJsonObject } from './json.ts';
import { readParquet } from './parquet.ts';
import { LINE_COLUMN, missingColumn, type TableFormat, type TableRow } from './table.ts';
import { linesOf } from './text-lines.ts';

const BATCH_ROWS = 4096; // handed out together: enough that awaiting costs nothing, few enough that a stop is noticed

/**
 * Batches of rows with the columns that are asked for; in JSON Lines a row may lack some of them. Throws `format` errors that
 * name file, row and column, also for a table without rows.
 */
export async function* readTable(
  source: ByteSource,
  format: TableFormat,
  columns: readonly string[],
): AsyncGenerator<readonly TableRow[], void, undefined> {
  let isEmpty = true;
  for await (const batch of batchesOf(source, format, columns)) {
    isEmpty &&= batch.length === 0;
    yield batch;
  }
  if (isEmpty) throw new LabError('format', `${source.name} has no rows.`, 'Check that this is the right file.');
}

function batchesOf(
  source: ByteSource,
  format: TableFormat,
  columns: readonly string[],
): AsyncIterable<readonly TableRow[]> {
  switch (format) {
    case 'parquet':
      return readParquet(source, columns);
    case 'csv':
      return inBatches(readDelimited(source, { separator: ',', columns }));
    case 'tsv':
      return inBatches(readDelimited(source, { separator: '\t', columns }));
    case 'jsonl':
      return inBatches(readJsonRows(source, columns));
    case 'lines':
      return inBatches(readPlainLines(source, columns));
  }
}

async function* readJsonRows(source: ByteSource, columns: readonly string[]): AsyncGenerator<TableRow> {
  for await (const { line, text } of linesOf(source)) {
    if (text.trim() === '') continue;
    const object = parseJsonObject(`${source.name}, row ${line},`, text);
    yield { row: line, values: Object.fromEntries(columns.map((column) => [column, object[column]])) };
  }
}

async function* readPlainLines(source: ByteSource, columns: readonly string[]): AsyncGenerator<TableRow> {
  const other = columns.find((column) => column !== LINE_COLUMN);
  if (other !== undefined) throw missingColumn(source.name, other, [LINE_COLUMN]);
  for await (const { line, text } of linesOf(source)) {
    if (text.trim() !== '') yield { row: line, values: { [LINE_COLUMN]: text } };
  }
}

async function* inBatches(rows: AsyncIterable<TableRow>): AsyncGenerator<readonly TableRow[]> {
  let batch: TableRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
