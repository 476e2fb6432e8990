/** The first rows of a chosen file, and what a mapping makes of them. */
import { asLabError } from '../core/errors.ts';
import { areBeaverTailsKeys } from '../formats/beavertails.ts';
import type { ByteSource } from '../formats/byte-source.ts';
import { isJsonObject } from '../formats/json.ts';
import { readMappedPrompt, type PromptMapping } from '../formats/prompt-mapping.ts';
import { proposeMapping } from '../formats/propose-mapping.ts';
import { readTableHead, shownCell, valuesOf } from '../formats/table-head.ts';
import type { PreviewRow, TableSample } from './prompt-messages.ts';

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
