/** A figure's numbers as CSV (RFC 4180) that a spreadsheet opens without running anything. */
import type { Cell, FigureTable } from './figure.ts';

/** A text that a spreadsheet would take for a formula gets an apostrophe in front. */
const FORMULA = /^[=+\-@\t\r]/;

export function tableCsv({ columns, rows }: FigureTable): string {
  return [columns, ...rows.map(({ cells }) => cells)].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** Numbers are written whole; what was not measured is empty. */
export function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
