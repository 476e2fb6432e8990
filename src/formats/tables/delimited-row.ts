/** One row of a delimited table, after RFC 4180: quoted cells may hold separators, line breaks and doubled quotes. */
import { LabError } from '../../core/errors.ts';
import { MAX_LINE_BYTES, type TextLine } from '../bytes/text-lines.ts';

/** One row's cells; a quoted one that has not ended goes on with the next line. */
export class RowReader {
  readonly #name: string;
  readonly #separator: string | null;
  readonly #isSpaced: boolean;
  #cells: string[] = [];
  #cell = '';
  #isQuoted = false;

  /** `separator` null: a row is one cell. `isSpaced`: a blank behind a separator is no part of the cell. */
  constructor(name: string, separator: string | null, isSpaced = false) {
    this.#name = name;
    this.#separator = separator;
    this.#isSpaced = isSpaced;
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
      if (this.#isSpaced) while (line[at] === ' ') at++;
      at = line[at] === '"' ? this.#readQuoted(line, at + 1, row) : this.#readPlain(line, at);
    }
    this.#cell += end;
    if (this.#cell.length > MAX_LINE_BYTES) throw this.#error(row, 'a quotation mark is opened and never closed');
    return null;
  }

  /** Reads up to the next separator; gives the place behind it, or −1 at the end of the line. */
  #readPlain(line: string, start: number): number {
    const end = this.#separator === null ? -1 : line.indexOf(this.#separator, start);
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
