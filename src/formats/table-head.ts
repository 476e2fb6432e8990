/** The first rows of a table, to be shown and guessed from. */
import type { ByteSource } from './byte-source.ts';
import { isJsonObject } from './json.ts';
import { readTable } from './read-table.ts';
import { formatOfName, type TableFormat, type TableRow } from './table.ts';

const HEAD_ROWS = 200; // enough to see every value of a column of categories in most tables

export interface TableHead {
  readonly name: string;
  readonly format: TableFormat;
  readonly heading: boolean; // whether the first row names the columns; true where the format does it by itself
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/**
 * Reads the head of a file. `heading` null: whether the first row is one is guessed from what it holds. Throws `format` errors that
 * name the file, and the row where it is known.
 */
export async function readTableHead(source: ByteSource, heading: boolean | null = null): Promise<TableHead> {
  const format = formatOfName(source.name);
  if (format !== 'csv' && format !== 'tsv') return headOf(source, format, true);
  if (heading !== null) return headOf(source, format, heading);
  const withoutHeading = await headOf(source, format, false);
  const [first] = withoutHeading.rows;
  const isHeading = first !== undefined && looksLikeHeading(Object.values(first.values).map(String));
  return isHeading ? headOf(source, format, true) : withoutHeading;
}

async function headOf(source: ByteSource, format: TableFormat, heading: boolean): Promise<TableHead> {
  const columns = new Set<string>();
  const rows: TableRow[] = [];
  for await (const batch of readTable(source, format, 'all', { heading, batchRows: HEAD_ROWS })) {
    for (const row of batch.slice(0, HEAD_ROWS)) {
      for (const column of Object.keys(row.values)) columns.add(column);
      rows.push(row);
    }
    if (rows.length > 0) break;
  }
  return { name: source.name, format, heading, columns: [...columns], rows };
}

const LONGEST_NAME = 40; // of a column, in characters

/** Names of columns are short, different, few words, and no numbers. */
function looksLikeHeading(cells: readonly string[]): boolean {
  const named = cells.filter((cell) => cell !== '');
  const areNames = named.every(
    (cell) => cell.length <= LONGEST_NAME && !/^[\d.,+-]+$/.test(cell) && cell.split(/\s+/).length <= 4 && !/[?!.]$/.test(cell), // prettier-ignore
  );
  return named.length > 0 && areNames && new Set(named).size === named.length;
}

/** A cell of any kind as it is shown: text as it is, anything else as JSON, cut to `most` characters. */
export function shownCell(value: unknown, most: number): string {
  const text =
    typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value, plainly);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Parquet has values that JSON has not. */
const plainly = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? Number(value) : value instanceof Uint8Array ? `${value.byteLength} bytes` : value;

/** The different values of a column among the head's rows, in their order; of a column of objects its keys. */
export function valuesOf({ rows }: TableHead, column: string): string[] {
  const seen = new Set<string>();
  for (const { values } of rows) {
    const value = values[column];
    if (isJsonObject(value)) for (const key of Object.keys(value)) seen.add(key);
    else seen.add(shownCell(value, 200).trim());
  }
  return [...seen];
}
