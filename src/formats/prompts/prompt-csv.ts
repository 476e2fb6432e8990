/** A prompt set as CSV for a spreadsheet. */
import type { Prompt } from './prompt-set.ts';

const COLUMNS = ['id', 'text', 'label', 'category', 'split', 'rewriteOf'] as const;

/**
 * Cells that a spreadsheet would take for a formula get an apostrophe in front (OWASP, CSV injection), so this is for looking at:
 * JSON Lines keep every text as it is.
 */
export function promptCsv(prompts: readonly Prompt[]): string {
  const rows = prompts.map((prompt) => COLUMNS.map((column) => cell(prompt[column] ?? '')).join(','));
  return [COLUMNS.join(','), ...rows, ''].join('\r\n');
}

function cell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}
