import { highest } from '../src/core/statistics/min-max.ts';
import { shown } from '../src/core/text/quote.ts';

const LONGEST_CELL = 200; // characters; no name is longer

/** Formats rows under a heading, in columns as wide as their content, with numbers right-aligned. */
export function formatTable(
  heading: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const texts = [heading, ...rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell))))];
  const cells = texts.map((row) => row.map((cell) => shown(cell, LONGEST_CELL)));
  const widths = heading.map((_, column) => highest(cells.map((row) => row[column]?.length ?? 0)));
  const isNumeric = heading.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return cells.map(line).join('\n');
}
