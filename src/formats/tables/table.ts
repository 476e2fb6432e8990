/** A table of prompts, whatever file it comes from: rows of named values, read in batches. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { isJsonObject } from '../bytes/json.ts';

export const TABLE_FORMATS = ['csv', 'tsv', 'jsonl', 'lines', 'parquet', 'json'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** Values are text in CSV, TSV and lines; whatever JSON or Parquet hold otherwise. Nothing in them is ever evaluated. */
export interface TableRow {
  readonly row: number; // counted from 1 as an editor shows it: the heading of a CSV is row 1, Parquet has no heading
  readonly values: Readonly<Record<string, unknown>>;
}

/** What the only column of a file of plain lines is called. */
export const LINE_COLUMN = 'text';

const ENDINGS: readonly (readonly [RegExp, TableFormat])[] = [
  [/\.csv$/i, 'csv'],
  [/\.(tsv|tab)$/i, 'tsv'],
  [/\.(jsonl|ndjson)$/i, 'jsonl'],
  [/\.json$/i, 'json'],
  [/\.txt$/i, 'lines'],
  [/\.parquet$/i, 'parquet'],
];

const PACKED = /\.(gz|gzip|bz2|xz|zst|zstd|lz4|br|zip|7z|rar|tar|tgz)$/i;
const SHEET = /\.(xlsx?|xlsm|ods|numbers)$/i;

/** The format that a file's name says; `other` where it says none. Throws `format` where there is no other. */
export function formatOfName(name: string, other: TableFormat | null = null): TableFormat {
  const packed = PACKED.exec(name);
  if (packed !== null) {
    const problem = `${shown(name)} is compressed (${packed[0].toLowerCase()}), and the lab reads no compressed tables.`;
    throw new LabError('format', problem, `Decompress it first${/gz$/i.test(name) ? ' (gunzip, 7-Zip)' : ''}, then give the file that comes out.`); // prettier-ignore
  }
  const format = ENDINGS.find(([ending]) => ending.test(name))?.[1] ?? other;
  if (format !== null) return format;
  const nextStep = SHEET.test(name)
    ? 'Spreadsheets are not read: save the sheet as “CSV UTF-8”, and give that file.'
    : 'Name it .csv, .tsv, .jsonl, .json, .txt (one prompt a line) or .parquet, after what it is.';
  throw new LabError('format', `${name}: its name does not say what kind of table it is.`, nextStep);
}

/** Whether rows are cells between separators. */
export const isDelimited = (format: TableFormat): boolean => format === 'csv' || format === 'tsv';

/** A row's value; undefined where it has no such column, whatever the column is called. */
export const cellOf = ({ values }: TableRow, column: string): unknown =>
  Object.hasOwn(values, column) ? values[column] : undefined;

/** A cell as text; a missing or null one as ''. Numbers and truth values are written as JSON has them. */
export function textCell(name: string, row: TableRow, column: string): string {
  const value = cellOf(row, column) ?? '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  throw cellError(name, row.row, column, 'is not text', 'Choose the column that holds the text.');
}

/** The keys of a cell's object that are true. Throws `format` where the cell is not an object of truth values. */
export function trueKeys(name: string, row: TableRow, column: string): string[] {
  const value = cellOf(row, column);
  const nextStep = 'Choose the column that holds an object of true and false.';
  if (!isJsonObject(value)) throw cellError(name, row.row, column, 'is not an object', nextStep);
  return Object.entries(value).flatMap(([key, flag]) => {
    if (typeof flag === 'boolean' || flag === null) return flag === true ? [key] : [];
    throw cellError(name, row.row, column, `has a “${shown(key)}” that is neither true nor false`, nextStep);
  });
}

export function cellError(name: string, row: number, column: string, problem: string, nextStep: string): LabError {
  return new LabError(
    'format',
    `${shown(name)}, row ${row}, column “${shown(column)}”: the cell ${problem}.`,
    nextStep,
  );
}

const MOST_COLUMNS = 12; // that a message names

/** The error for a column that a table lacks, naming those that it has. */
export function missingColumn(name: string, column: string, known: readonly string[]): LabError {
  const first = known.slice(0, MOST_COLUMNS).map((key) => `“${shown(key, 40)}”`).join(', '); // prettier-ignore
  const more = known.length > MOST_COLUMNS ? ` and ${known.length - MOST_COLUMNS} more` : '';
  const problem = `${shown(name)} has no column “${shown(column)}”: its first row names ${first}${more}.`;
  return new LabError('format', problem, 'Choose one of these, or add a first row with the columns’ names.');
}
