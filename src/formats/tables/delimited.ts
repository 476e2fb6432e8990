/**
 * Tables whose cells are separated by a comma, a semicolon, a tab or a bar. Cells stay text: a formula is a text that begins
 * with “=”, markup is text, numbers are not read.
 */
import { LabError } from '../../core/errors.ts';
import type { ByteSource } from '../bytes/byte-source.ts';
import { RowReader } from './delimited-row.ts';
import { missingColumn, type TableRow } from './table.ts';
import { SEPARATOR_LINE } from './guess-table-layout.ts';
import { linesOf } from '../bytes/text-lines.ts';

export interface DelimitedOptions {
  readonly separator: string | null; // null: each row is one cell
  readonly columns: readonly string[] | 'all'; // those to keep; each must be in the heading
  readonly heading?: boolean; // whether the first row names the columns, as it does by default; else they are “column 1”, …
  readonly isSpaced?: boolean; // a blank behind a separator is no part of the cell
}

/**
 * The rows below the heading, or all where there is none. Empty lines between rows are passed over; a row counts as one however
 * many lines it takes; a column without a name is called after its place. A first line such as `sep=;` counts as a row and is
 * passed over. Throws `format` errors that name row and column: a heading without a wanted column, a row of another length, a
 * quote left open.
 */
export async function* readDelimited(
  source: ByteSource,
  { separator, columns, heading: hasHeading = true, isSpaced = false }: DelimitedOptions,
): AsyncGenerator<TableRow, void, undefined> {
  const { name } = source;
  const reader = new RowReader(name, separator, isSpaced);
  let heading: readonly string[] | null = null;
  let places: (readonly [string, number])[] = [];
  let row = 1;
  for await (const line of linesOf(source)) {
    if (line.text === '' && !reader.isOpen) continue;
    if (line.line === 1 && SEPARATOR_LINE.test(line.text)) {
      row++;
      continue;
    }
    const cells = reader.push(line, row);
    if (cells === null) continue;
    const isHeading = heading === null && hasHeading;
    if (heading === null) {
      heading = cells.map((cell, place) => (hasHeading && cell.trim() !== '' ? cell.trim() : `column ${place + 1}`));
      places = placesOf(name, heading, columns);
    }
    if (!isHeading) {
      checkWidth(name, row, cells, heading);
      yield { row, values: Object.fromEntries(places.map(([column, place]) => [column, cells[place] ?? ''])) };
    }
    row++;
  }
  if (reader.isOpen) {
    const problem = `${name}, row ${row}: a quotation mark is opened and never closed.`;
    throw new LabError('format', problem, 'Close it, or double it where it is part of the text.');
  }
}

/** Of all columns, those of the same name are there once; to ask for one of them is an error. */
function placesOf(
  name: string,
  heading: readonly string[],
  columns: DelimitedOptions['columns'],
): (readonly [string, number])[] {
  if (columns === 'all') return [...new Set(heading)].map((column) => [column, heading.indexOf(column)]);
  return columns.map((column) => [column, placeOf(name, heading, column)]);
}

function placeOf(name: string, heading: readonly string[], column: string): number {
  const place = heading.indexOf(column);
  if (place === -1) throw missingColumn(name, column, heading);
  if (heading.lastIndexOf(column) === place) return place;
  throw new LabError('format', `${name} has two columns “${column}”.`, 'Rename one of them.');
}

function checkWidth(name: string, row: number, cells: readonly string[], heading: readonly string[]): void {
  if (cells.length === heading.length) return;
  const place =
    cells.length < heading.length
      ? `the first that is missing is “${heading[cells.length] ?? ''}”`
      : 'a separator inside of a cell needs quotation marks around the cell';
  const problem = `${name}, row ${row}: it has ${cells.length} cells where the heading has ${heading.length}; ${place}.`;
  const nextStep =
    'Correct this row, or say what separates the cells. A list with one prompt a line can be named .txt.';
  throw new LabError('format', problem, nextStep);
}
