/** The first rows of a table, to be shown and guessed from. */
import { jsonStart } from '../../core/text/quote.ts';
import type { ByteSource } from '../bytes/byte-source.ts';
import { isJsonObject } from '../bytes/json.ts';
import { readTable } from './read-table.ts';
import { cellOf, type TableRow } from './table.ts';
import { GUESS_LAYOUT, readTableLayout, type LayoutChoice, type TableLayout } from './guess-table-layout.ts';

const HEAD_ROWS = 200; // enough to see every value of a column of categories in most tables

export interface TableHead {
  readonly name: string;
  readonly layout: TableLayout;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/**
 * Reads the head of a file, and finds out what nobody says of its layout. Throws `format` errors that name the file, and the row
 * where it is known.
 */
export async function readTableHead(source: ByteSource, choice: LayoutChoice = GUESS_LAYOUT): Promise<TableHead> {
  return headOf(source, await readTableLayout(source, choice));
}

/** The head of a file whose layout is known. */
export async function headOf(source: ByteSource, layout: TableLayout): Promise<TableHead> {
  const columns = new Set<string>();
  const rows: TableRow[] = [];
  for await (const batch of readTable(source, layout, 'all', { batchRows: HEAD_ROWS })) {
    for (const row of batch.slice(0, HEAD_ROWS)) {
      for (const column of Object.keys(row.values)) columns.add(column);
      rows.push(row);
    }
    if (rows.length > 0) break;
  }
  return { name: source.name, layout, columns: [...columns], rows };
}

/** A cell of any kind as it is shown: text as it is, anything else as JSON, cut to `most` characters. */
export function shownCell(value: unknown, most: number): string {
  const isNothing = value === undefined || value === null;
  const text = typeof value === 'string' ? value : isNothing ? '' : jsonStart(value, most + 1, plainly);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Parquet has values that JSON has not. */
function plainly(value: unknown): unknown {
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  return value instanceof Date ? dateText(value) : value;
}

const dateText = (date: Date): string => (Number.isNaN(date.getTime()) ? 'no date' : date.toISOString());

/** The different values of a column among the head's rows, in their order; of a column of objects its keys. */
export function valuesOf({ rows }: TableHead, column: string): string[] {
  const seen = new Set<string>();
  for (const row of rows) {
    const value = cellOf(row, column);
    if (isJsonObject(value)) for (const key of Object.keys(value)) seen.add(key);
    else seen.add(shownCell(value, 200).trim());
  }
  return [...seen];
}
