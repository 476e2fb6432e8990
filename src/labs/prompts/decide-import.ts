/**
 * Decides how a table is imported: its layout, its columns and the meaning of each label. The page and the command line both use
 * this module.
 */
import { LabError } from '../../core/errors.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import {
  decideLabels,
  GUESS_LABELS,
  labelRuleOf,
  type LabelChoice,
  type LabelDecision,
} from '../../formats/prompts/label-decision.ts';
import type { PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
import type { Label } from '../../formats/prompts/prompt-set.ts';
import { proposeMapping, textColumnOf, withLabelRule } from '../../formats/prompts/propose-mapping.ts';
import { readTableHead, type TableHead } from '../../formats/tables/table-head.ts';
import type { LayoutChoice } from '../../formats/tables/guess-table-layout.ts';
import { countLabels } from './count-labels.ts';

/** What the user specified about a table; anything else is detected. */
export interface ImportChoices {
  readonly layout?: LayoutChoice;
  readonly text?: string | null; // the column of prompts
  readonly label?: Label | LabelChoice | null; // one label for all rows, or how to read the label column
  readonly signal?: AbortSignal;
}

export interface ImportDecision {
  readonly head: TableHead;
  readonly mapping: PromptMapping; // while there is a question, its label is open or covers only some values
  readonly labels: LabelDecision | null; // null: the user gave one label for all rows
}

/** @throws LabError `format`, naming file, row and column; `interrupted` after an abort */
export async function decideImport(source: ByteSource, choices: ImportChoices = {}): Promise<ImportDecision> {
  const head = await readTableHead(source, choices.layout);
  if ((choices.text ?? textColumnOf(head)) === null) throw noTextColumn(head);
  const mapping = proposeMapping(head, choices.text);
  const { label = null, signal } = choices;
  if (typeof label === 'string')
    return { head, mapping: withLabelRule(mapping, { kind: 'fixed', label }), labels: null };
  return { head, ...(await decideMapping(source, head, mapping, label ?? GUESS_LABELS, signal)) };
}

function noTextColumn({ name, rows, columns, layout }: TableHead): LabError {
  if (rows.length === 0) return new LabError('format', `${name} has no prompts.`, 'Check that this is the right file.');
  const known = columns.slice(0, 12).map((column) => `“${column.slice(0, 40)}”`).join(', '); // prettier-ignore
  const place = `${layout.format === 'jsonl' ? 'line' : 'row'} ${rows[0]?.row ?? 1}`;
  const problem = `${name}, ${place}: the row has no text: none of the columns ${known} looks like prompts.`;
  return new LabError('format', problem, 'Rename the column of prompts to “text” or “prompt”, or name it: lab prompts import --text COLUMN.'); // prettier-ignore
}

/** Like `decideImport`, for a mapping whose columns are known. */
export async function decideMapping(
  source: ByteSource,
  head: TableHead,
  mapping: PromptMapping,
  choice: LabelChoice,
  signal?: AbortSignal,
): Promise<{ readonly mapping: PromptMapping; readonly labels: LabelDecision }> {
  const own = mapping.label.kind === 'column' ? mapping.label : null; // set for Harmscope's own format
  const { text } = mapping;
  const column = choice.column ?? own?.column ?? null;
  const meanings = new Map([...(own?.labels ?? []), ...choice.meanings]);
  const counts = await countLabels(source, head, {
    text,
    chosen: column,
    from: choice.from,
    ...(signal && { signal }),
  });
  const labels = decideLabels(counts, text, { column, meanings });
  if (labels.column === null) return { mapping: { ...mapping, label: { kind: 'open' } }, labels };
  return { mapping: withLabelRule(mapping, labelRuleOf(labels.column, labels.values, choice.from)), labels };
}
