/** Previews the first rows of a chosen file, and how a mapping would import them. */
import { asLabError } from '../../core/errors.ts';
import { areBeaverTailsKeys } from '../../core/beavertails.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { isJsonObject } from '../../formats/bytes/json.ts';
import { labelCell } from '../../formats/prompts/label-column.ts';
import { readMappedPrompt, type PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
import { proposeMapping, withLabelRule } from '../../formats/prompts/propose-mapping.ts';
import { cellOf, type TableRow } from '../../formats/tables/table.ts';
import { headOf, readTableHead, shownCell, valuesOf } from '../../formats/tables/table-head.ts';
import type { LayoutChoice, TableLayout } from '../../formats/tables/guess-table-layout.ts';
import { decideMapping } from './decide-import.ts';
import { NO_HINTS, questionText, reportLayout } from './import-report.ts';
import type { DecidedLabels, LabelRequest, PreviewRow, TableSample } from './prompt-messages.ts';

const PREVIEW_ROWS = 12;
const CELL_CHARACTERS = 160;
const MOST_VALUES = 40; // values per column to choose from

/** @throws LabError `format`, naming the file, and the row if it is known */
export async function sampleTable(source: ByteSource, choice: LayoutChoice): Promise<TableSample> {
  const head = await readTableHead(source, choice);
  const columns = head.columns.map((name) => {
    const values = valuesOf(head, name);
    const isFlags = head.rows.every((row) => isJsonObject(cellOf(row, name)));
    return { name, values: values.slice(0, MOST_VALUES), isFlags, isBeaverTails: areBeaverTailsKeys(values) };
  });
  const { name, layout } = head;
  return { name, layout, layoutText: reportLayout(head, NO_HINTS), columns, mapping: proposeMapping(head) };
}

/**
 * Decides which column holds the labels of a file, and what they mean.
 * @throws LabError `interrupted` after an abort
 */
export async function decideLabelsOf(
  source: ByteSource,
  request: LabelRequest,
  signal: AbortSignal,
): Promise<DecidedLabels> {
  if (typeof request.labels === 'string') {
    const mapping = withLabelRule(request.mapping, { kind: 'fixed', label: request.labels });
    return { mapping, values: [], question: null };
  }
  const head = await headOf(source, request.layout);
  const { mapping, labels } = await decideMapping(source, head, request.mapping, request.labels, signal);
  const question = labels.question === null ? null : questionText(labels.question, head.name);
  return { mapping, values: labels.values, question };
}

/** Whether the class of a row is still unknown. */
function isOpen({ label }: PromptMapping, row: TableRow): boolean {
  if (label.kind !== 'column') return label.kind === 'open';
  const value = labelCell(row, label.column, label.from);
  return !label.labels.has(value) && label.unlabelled?.has(value) !== true;
}

export async function previewTable(
  source: ByteSource,
  layout: TableLayout,
  mapping: PromptMapping,
): Promise<readonly PreviewRow[]> {
  const head = await headOf(source, layout);
  return head.rows.slice(0, PREVIEW_ROWS).map((row): PreviewRow => {
    const cells = head.columns.map((column) => shownCell(cellOf(row, column), CELL_CHARACTERS));
    const shown = { row: row.row, cells };
    if (isOpen(mapping, row)) return { ...shown, kind: 'open' };
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
