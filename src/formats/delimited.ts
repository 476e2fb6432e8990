/**
 * Comma- and tab-separated tables after RFC 4180: quoted cells may hold separators, line breaks and doubled quotes. Cells stay
 * text: a formula is a text that begins with “=”, markup is text, numbers are not read.
 */
import { LabError } from '../core/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { missingColumn, type TableRow } from './table.ts';
import { linesOf, MAX_LINE_BYTES, type TextLine } from './text-lines.ts';

export interface DelimitedOptions {
  readonly separator: ',' | '\t';
  readonly columns: readonly string[] | 'all'; // those to keep; each must be in the heading
  readonly heading?: boolean; // whether the first row names the columns, as it does by default; else they are “column 1”, …
}

/** One row's cells; a quoted one that has not ended goes on with the next line. */
class RowReader {
  readonly #name: string;
  readonly #separator: string;
  #cells: string[] = [];
  #cell = '';
  #isQuoted = false;

  constructor(name: string, separator: string) {
    this.#name = name;
    this.#separator = separator;
  }

  get isOpen(): boolean {
    return this.#isQuoted;
  }

  /** The row's cells where `line` ends it, else null. `row` is for error messages. */
  push({ text: line, end }: TextLine, row: number): string[] | null {
    let at = this.#isQuoted ? this.#readQuoted(line, 0, row) : 0;
    while (!this.#isQuoted) {
      if (at < 0) {
        const cells = this.#cells;
        this.#cells = [];
        return cells;
      }
      at = line[at] === '"' ? this.#readQuoted(line, at + 1, row) : this.#readPlain(line, at);
    }
    this.#cell += end;
    if (this.#cell.length > MAX_LINE_BYTES) throw this.#error(row, 'a quotation mark is opened and never closed');
    return null;
  }

  /** Reads up to the next separator; gives the place behind it, or −1 at the end of the line. */
  #readPlain(line: string, start: number): number {
    const end = line.indexOf(this.#separator, start);
    this.#cells.push(end === -1 ? line.slice(start) : line.slice(start, end));
    return end === -1 ? -1 : end + 1;
  }

  #readQuoted(line: string, start: number, row: number): number {
    this.#isQuoted = true;
    let at = start;
    for (;;) {
      const quote = line.indexOf('"', at);
      if (quote === -1) {
        this.#cell += line.slice(at);
        return line.length;
      }
      this.#cell += line.slice(at, quote);
      const next = line[quote + 1];
      if (next === '"') {
        this.#cell += '"';
        at = quote + 2;
        continue;
      }
      if (next !== undefined && next !== this.#separator) {
        throw this.#error(row, `cell ${this.#cells.length + 1} goes on after its closing quotation mark`);
      }
      this.#cells.push(this.#cell);
      this.#cell = '';
      this.#isQuoted = false;
      return next === undefined ? -1 : quote + 2;
    }
  }

  #error(row: number, problem: string): LabError {
    const nextStep =
      'Put cells with quotation marks, separators or line breaks in quotation marks, and double those inside.';
    return new LabError('format', `${this.#name}, row ${row}: ${problem}.`, nextStep);
  }
}

/**
 * The rows below the heading, or all where there is none. Empty lines between rows are passed over; a row counts as one however
 * many lines it takes; a column without a name is called after its place. Throws `format` errors that name row and column: a
 * heading without a wanted column, a row of another length, a quote left open.
 */
export async function* readDelimited(
  source: ByteSource,
  { separator, columns, heading: hasHeading = true }: DelimitedOptions,
): AsyncGenerator<TableRow, void, undefined> {
  const { name } = source;
  const reader = new RowReader(name, separator);
  let heading: readonly string[] | null = null;
  let places: (readonly [string, number])[] = [];
  let row = 1;
  for await (const line of linesOf(source)) {
    if (line.text === '' && !reader.isOpen) continue;
    const cells = reader.push(line, row);
    if (cells === null) continue;
    const isHeading = heading === null && hasHeading;
    if (heading === null) {
      heading = cells.map((cell, place) => (hasHeading && cell !== '' ? cell : `column ${place + 1}`));
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
  throw new LabError('format', problem, 'Correct this row.');
}
