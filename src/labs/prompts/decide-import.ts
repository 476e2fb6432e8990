/**
 * What a table is taken for before it is imported: its layout, its columns, what each label means. Page and command line decide
 * here and nowhere else.
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
import type { LayoutChoice } from '../../formats/tables/table-layout.ts';
import { countLabels } from './count-labels.ts';

/** What somebody says of a table; what is missing is found out. */
export interface ImportChoices {
  readonly layout?: LayoutChoice;
  readonly text?: string | null; // the column of the prompts
  readonly label?: Label | LabelChoice | null; // one for all, or how the label column is read
  readonly signal?: AbortSignal;
}

export interface ImportDecision {
  readonly head: TableHead;
  readonly mapping: PromptMapping; // its label is open, or knows some values only, where there is a question
  readonly labels: LabelDecision | null; // null: one label for all, as somebody said
}

/** Throws `format` errors that name file, row and column, and `interrupted` at the signal. */
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
  return new LabError('format', problem, 'Call the column of the prompts “text” or “prompt”, or name it: lab prompts import --text COLUMN.'); // prettier-ignore
}

/** The same for a mapping whose columns are known. */
export async function decideMapping(
  source: ByteSource,
  head: TableHead,
  mapping: PromptMapping,
  choice: LabelChoice,
  signal?: AbortSignal,
): Promise<{ readonly mapping: PromptMapping; readonly labels: LabelDecision }> {
  const own = mapping.label.kind === 'column' ? mapping.label : null; // of a set of the lab's own
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
