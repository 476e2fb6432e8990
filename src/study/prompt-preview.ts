/** The first rows of a chosen file, and what a mapping makes of them. */
import { asLabError, LabError } from '../core/errors.ts';
import { areBeaverTailsKeys } from '../core/beavertails.ts';
import type { ByteSource } from '../formats/byte-source.ts';
import { isJsonObject } from '../formats/json.ts';
import { readMappedPrompt, type PromptMapping } from '../formats/prompt-mapping.ts';
import { meaningOf, proposeMapping } from '../formats/propose-mapping.ts';
import { readTable } from '../formats/read-table.ts';
import { formatOfName, textCell } from '../formats/table.ts';
import { readTableHead, shownCell, valuesOf } from '../formats/table-head.ts';
import type { LabelValue, PreviewRow, TableSample } from './prompt-messages.ts';

const PREVIEW_ROWS = 12;
const CELL_CHARACTERS = 160;
const MOST_VALUES = 40; // of a column, to choose from

/** Throws `format` errors that name the file, and the row where it is known. */
export async function sampleTable(source: ByteSource, heading: boolean | null): Promise<TableSample> {
  const head = await readTableHead(source, heading);
  const columns = head.columns.map((name) => {
    const values = valuesOf(head, name);
    const isFlags = head.rows.every((row) => isJsonObject(row.values[name]));
    return { name, values: values.slice(0, MOST_VALUES), isFlags, isBeaverTails: areBeaverTailsKeys(values) };
  });
  return { name: head.name, format: head.format, heading: head.heading, columns, mapping: proposeMapping(head) };
}

const MOST_LABELS = 40; // a column with more different values holds no labels

/**
 * The values of a column in the whole file, the most frequent first. Throws `bad-request` where they are too many to be labels, and
 * `interrupted` at the signal.
 */
export async function labelValues(
  source: ByteSource,
  { heading, mapping }: { readonly heading: boolean; readonly mapping: PromptMapping },
  column: string,
  signal: AbortSignal,
): Promise<readonly LabelValue[]> {
  const { name } = source;
  const counts = new Map<string, number>();
  for await (const batch of readTable(source, formatOfName(name), [column], { heading })) {
    if (signal.aborted) throw new LabError('interrupted', `Reading ${name} was stopped.`, 'Start it again.');
    for (const row of batch) {
      const value = textCell(name, row, column).trim();
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    if (counts.size <= MOST_LABELS) continue;
    const problem = `${name}: the column “${column}” has more than ${MOST_LABELS} different values.`;
    throw new LabError('bad-request', problem, 'Choose the column that holds the labels, or one label for all.');
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([value, rows]) => ({ value, rows, meaning: meaningOf(value, column, mapping.text) }));
}

export async function previewTable(
  source: ByteSource,
  heading: boolean,
  mapping: PromptMapping,
): Promise<readonly PreviewRow[]> {
  const head = await readTableHead(source, heading);
  return head.rows.slice(0, PREVIEW_ROWS).map((row): PreviewRow => {
    const cells = head.columns.map((column) => shownCell(row.values[column], CELL_CHARACTERS));
    const shown = { row: row.row, cells };
    try {
      const read = readMappedPrompt(mapping, head.name, row);
      if (typeof read === 'string') return { ...shown, kind: 'left-out', reason: read };
      const { text, label, category, split } = read;
      return { ...shown, kind: 'prompt', text: shownCell(text, CELL_CHARACTERS), label, category, split };
    } catch (error) {
      return { ...shown, kind: 'wrong', problem: asLabError(error).message };
    }
  });
}
