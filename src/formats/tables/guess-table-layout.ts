/** How a file is laid out: its format, what separates its cells, and whether its first row names the columns. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { isColumnName } from '../prompts/column-names.ts';
import type { ByteSource } from '../bytes/byte-source.ts';
import { RowReader } from './delimited-row.ts';
import { sniffJson } from './json-rows.ts';
import { readLabelWord } from '../prompts/label-values.ts';
import { formatOfName, isDelimited, type TableFormat } from './table.ts';
import { linesOf, type TextLine } from '../bytes/text-lines.ts';

export const SEPARATORS = [',', ';', '\t', '|'] as const;
type Separator = (typeof SEPARATORS)[number];

export interface TableLayout {
  readonly format: TableFormat;
  readonly separator: Separator | null; // of CSV and TSV; null: each row is one cell
  readonly heading: boolean; // whether the first row names the columns; true where the format does it by itself
  readonly isSpaced: boolean; // a blank behind a separator is no part of the cell
  readonly isDeclared: boolean; // a first line such as `sep=;` says what separates the cells
}

/** What somebody says of a file's layout; what is null is found out. `none`: each row is one cell. */
export interface LayoutChoice {
  readonly heading: boolean | null;
  readonly separator: Separator | 'none' | null;
  readonly other?: TableFormat; // of a file whose name says none; else it is an error
}

export const GUESS_LAYOUT: LayoutChoice = { heading: null, separator: null };

/** A first line that spreadsheets write and read: it says what separates the cells. */
export const SEPARATOR_LINE = /^"?sep=(.)"?$/i;

/** The layout that a format has by itself. */
export const layoutOf = (format: TableFormat, heading = true): TableLayout => ({
  ...{ format, heading, isSpaced: false, isDeclared: false },
  separator: format === 'csv' ? ',' : format === 'tsv' ? '\t' : null,
});

const HEAD_LINES = 200;
const HEAD_SLICE = 64 * 1024; // bytes that are asked for at once: a layout takes few

/** The same bytes, read no further than their lines are taken. */
function inSlices(source: ByteSource): ByteSource {
  const { name, byteLength } = source;
  const stream = async function* (start: number, end: number): AsyncIterable<Uint8Array> {
    for (let at = start; at < end; at += HEAD_SLICE) yield await source.slice(at, Math.min(at + HEAD_SLICE, end));
  };
  return { name, byteLength, slice: (start, end) => source.slice(start, end), stream };
}

/** Finds a file's layout from its name and its first lines. Throws `format` errors that name the file, and the line if known. */
export async function readTableLayout(source: ByteSource, choice: LayoutChoice = GUESS_LAYOUT): Promise<TableLayout> {
  const named = formatOfName(source.name, choice.other);
  const format = named === 'parquet' || isDelimited(named) ? named : await sniffJson(inSlices(source), named);
  if (!isDelimited(format)) return layoutOf(format);
  const lines: TextLine[] = [];
  for await (const line of linesOf(inSlices(source))) {
    lines.push(line);
    if (lines.length >= HEAD_LINES) break;
  }
  const declared = SEPARATOR_LINE.exec(lines[0]?.text ?? '')?.[1];
  const isDeclared = declared !== undefined;
  if (isDeclared && choice.separator === null && !SEPARATORS.some((separator) => separator === declared)) {
    const problem = `${shown(source.name)}: its first line says that “${shown(declared)}” separates the cells, which the lab does not read.`;
    throw new LabError('format', problem, 'Save it with commas, semicolons, tabs or bars (|) between the cells.');
  }
  const rows = isDeclared ? lines.slice(1) : lines;
  const said = choice.separator ?? SEPARATORS.find((separator) => separator === declared) ?? null;
  const found = said === null ? bestSplit(format, rows) : splitBy(said === 'none' ? null : said, rows);
  const { separator, isSpaced } = found;
  return { format, separator, isSpaced, isDeclared, heading: choice.heading ?? isHeading(found.rows) };
}

/** The first rows as one separator cuts them. */
interface Split {
  readonly separator: Separator | null;
  readonly rows: readonly (readonly string[])[];
  readonly isSpaced: boolean;
  readonly consistency: number; // share of rows with as many cells as the first
  readonly isCertain: boolean; // names of columns or labels say that the cells are cells
}

function bestSplit(format: TableFormat, lines: readonly TextLine[]): Split {
  const order = format === 'tsv' ? (['\t', ',', ';', '|'] as const) : SEPARATORS;
  const splits = order.map((separator) => splitBy(separator, lines)).filter(({ rows }) => (rows[0]?.length ?? 0) > 1);
  const score = (split: Split): number => split.consistency + (split.isCertain ? 1 : 0) - (reads(split) ? 0 : 1);
  const best = splits.reduce<Split | null>((a, b) => (a === null || score(b) > score(a) ? b : a), null);
  if (best !== null && (best.isCertain || (best.consistency >= 0.9 && reads(best)))) return best;
  const whole = splitBy(null, lines);
  return whole.consistency === 1 && !whole.rows.some(([cell = '']) => cell.includes('"')) ? whole : (best ?? whole);
}

/** Whether what separates is no mere punctuation of sentences: “Do this, then that”. */
const reads = ({ isSpaced, isCertain }: Split): boolean => isCertain || !isSpaced;

function splitBy(separator: Separator | null, lines: readonly TextLine[]): Split {
  const first = lines.find(({ text }) => text !== '')?.text ?? '';
  const isSpaced =
    separator !== null &&
    separator !== '\t' &&
    first
      .split(separator)
      .slice(1)
      .every((cell) => cell.startsWith(' '));
  const { rows, broken } = cut(separator, isSpaced, lines);
  const width = rows[0]?.length ?? 0;
  const even = rows.filter((row) => row.length === width).length;
  const isCertain = width > 1 && (rows[0]?.some(isColumnName) === true || hasLabels(rows));
  return { separator, rows, isSpaced, consistency: even / Math.max(1, rows.length + broken), isCertain };
}

function cut(
  separator: Separator | null,
  isSpaced: boolean,
  lines: readonly TextLine[],
): { readonly rows: readonly (readonly string[])[]; readonly broken: number } {
  const rows: string[][] = [];
  let broken = 0;
  let reader = new RowReader('', separator, isSpaced);
  for (const line of lines) {
    if (line.text === '' && !reader.isOpen) continue;
    try {
      const cells = reader.push(line, 1);
      if (cells !== null) rows.push(cells);
    } catch {
      broken++; // such a row is an error where this separator is taken in the end
      reader = new RowReader('', separator, isSpaced);
    }
  }
  return { rows, broken };
}

/** Whether a column below the first row holds labels alone, one of them a word or a yes or no. */
function hasLabels([first = [], ...rows]: readonly (readonly string[])[]): boolean {
  return first.some((_, place) => {
    const words = rows.map((row) => readLabelWord(row[place] ?? '').kind);
    const isLabel = words.every((kind) => kind === 'class' || kind === 'flag' || kind === 'none' || kind === 'number');
    return isLabel && words.some((kind) => kind === 'class' || kind === 'flag');
  });
}

const LONGEST_NAME = 40; // of a column, in characters

/**
 * Whether the first row names the columns: one of its cells is a name that tables use, or all of them look like names, and what
 * stands below looks otherwise. A row that might as well be a short prompt is taken for one, so that none is lost.
 */
function isHeading([first = [], ...rows]: readonly (readonly string[])[]): boolean {
  const cells = first.map((cell) => cell.trim());
  const named = cells.filter((cell) => cell !== '');
  if (named.length === 0) return false;
  if (cells.some((cell, place) => isColumnName(cell) && !recurs(cell, place, rows))) return true;
  const looksNamed = named.every(
    (cell) => cell.length <= LONGEST_NAME && cell.split(/\s+/).length <= 2 && !/[?!.,;:]$/.test(cell) && /^\p{L}/u.test(cell), // prettier-ignore
  );
  if (!looksNamed || new Set(named).size < named.length || cells.some((cell, place) => recurs(cell, place, rows)))
    return false;
  if (rows.length === 0) return false;
  return cells.some((cell, place) => cell !== '' && looksOtherwise(cell, rows.map((row) => (row[place] ?? '').trim()).filter((text) => text !== ''))); // prettier-ignore
}

const recurs = (cell: string, place: number, rows: readonly (readonly string[])[]): boolean =>
  rows.some((row) => row[place]?.trim() === cell);

/** Whether the cells below a name are sentences, numbers or labels where the name is none. */
function looksOtherwise(name: string, cells: readonly string[]): boolean {
  if (cells.length === 0) return false;
  const words = cells.map((cell) => cell.split(/\s+/).length).sort((a, b) => a - b);
  const least = words[Math.floor(words.length / 10)] ?? 0; // all but a few have so many
  if (least >= 3 && !/\s/.test(name)) return true;
  const isOf = (cell: string): boolean => ['class', 'flag', 'number', 'score'].includes(readLabelWord(cell).kind);
  return cells.every(isOf) && (readLabelWord(name).kind === 'other' || !cells.some((cell) => readLabelWord(cell).kind === 'class')); // prettier-ignore
}
