/** The prompts of an extraction: read once, the same on every machine, whatever table they come in. */
import { counted } from '../../core/text/plural.ts';
import { LabError } from '../../core/errors.ts';
import { sha256 } from '../../engine/convert/digests.ts';
import { bytesSource, type ByteSource } from '../../formats/bytes/byte-source.ts';
import { chatPrompt } from '../../formats/prompts/chat-messages.ts';
import { labelCell } from '../../formats/prompts/label-column.ts';
import { mappedColumns, readMappedPrompt, type PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
import { readTable } from '../../formats/tables/read-table.ts';
import { cellOf } from '../../formats/tables/table.ts';
import { GUESS_LAYOUT } from '../../formats/tables/table-layout.ts';
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import { decideImport, type ImportDecision } from '../prompts/decide-import.ts';
import {
  LEFT_OUT_WORDS,
  NO_HINTS,
  NO_LABEL,
  reportChats,
  reportLayout,
  reportMapping,
  type ReportHints,
} from '../prompts/import-report.ts';
import type { LadderPromptSet } from './ladder-units.ts';

const MAX_PROMPT_FILE_BYTES = 50e6; // its texts are kept with the job, so that a restart needs no file

export interface ReadPromptSet extends LadderPromptSet {
  readonly report: readonly string[]; // how the file was read, in words
}

/**
 * The texts of a prompt set, from any table that an import reads, by the same decision; labels make no difference to activations, so
 * rows without one count too. Throws `format` errors that name file and row, and `bad-request` for one that is too large.
 */
export async function readPromptSet(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  template: PromptTemplate,
): Promise<ReadPromptSet> {
  if (bytes.byteLength > MAX_PROMPT_FILE_BYTES) {
    const problem = `${name} has ${(bytes.byteLength / 1e6).toFixed(0)} MB.`;
    throw new LabError('bad-request', problem, `Choose a file of up to ${MAX_PROMPT_FILE_BYTES / 1e6} MB.`);
  }
  const { rows, report } = await readPromptRows(bytesSource(name, bytes));
  const texts = rows.map(({ text }) => text);
  return { name: name.replace(ENDING, ''), digest: await digestOf(bytes, texts), texts, template, report };
}

const ENDING = /\.(jsonl|json|txt|csv|tsv|tab|ndjson|parquet)$/i;

export interface PromptTextRow {
  readonly row: number;
  readonly id: string; // of its column, or the file's name and the row
  readonly text: string;
}

/** The prompts of any table, whatever their class. Throws `format` errors that name file and row. */
export async function readPromptRows(
  source: ByteSource,
): Promise<{ readonly rows: readonly PromptTextRow[]; readonly report: readonly string[] }> {
  const { name } = source;
  const decision = await decideImport(source, { layout: { ...GUESS_LAYOUT, other: 'lines' } });
  const { mapping: proposed, head } = decision;
  const mapping: PromptMapping = {
    ...proposed,
    id: head.columns.includes('id') ? 'id' : null,
    label: { kind: 'fixed', label: 'safe' }, // of no account
    category: { kind: 'fixed', category: 'all' },
    split: { kind: 'fixed', split: 'all' },
  };
  const rows: PromptTextRow[] = [];
  const chats = { prompts: 0, cut: 0 };
  const leftOut = { filtered: 0, 'no-text': 0, 'no-category': 0, 'no-label': 0 };
  const labelColumn = decision.labels?.column ?? null;
  const labelled = new Map<string, number>(); // value of the label column → prompts
  const columns = new Set([...mappedColumns(mapping), ...(labelColumn === null ? [] : [labelColumn])]);
  for await (const batch of readTable(source, head.layout, [...columns])) {
    for (const row of batch) {
      const read = readMappedPrompt(mapping, name, row);
      if (typeof read === 'string') {
        leftOut[read]++;
        continue;
      }
      rows.push({ row: row.row, id: read.id, text: read.text });
      const chat = chatPrompt(cellOf(row, mapping.text));
      if (chat !== null) chats.prompts++;
      if (chat?.isWhole === false) chats.cut++;
      const value = labelColumn === null ? '' : labelCell(row, labelColumn);
      labelled.set(value, (labelled.get(value) ?? 0) + 1);
    }
  }
  if (rows.length === 0) throw new LabError('format', `${name} has no prompts.`, 'Give it one prompt a line, or a table with a column of prompts.'); // prettier-ignore
  const left = (['filtered', 'no-text'] as const).filter((reason) => leftOut[reason] > 0);
  const result = [counted(rows.length, 'prompt'), ...left.map((reason) => `${leftOut[reason]} left out ${LEFT_OUT_WORDS[reason]}`)]; // prettier-ignore
  return { rows, report: [...describe(decision, labelled), result.join('; '), ...reportChats(chats)] };
}

/** Nobody is asked here, so what helps is another name for the file or for a column. */
const HINTS: ReportHints = {
  heading: 'if that is a prompt, save the list as a .txt file, one prompt a line',
  noHeading: 'if it names the columns, call the column of the prompts “text”',
  split: () => '',
};

/** How a table is read here: labels are told where they are known, and make no difference, so no row is left out for want of one. */
function describe({ head, mapping, labels }: ImportDecision, labelled: ReadonlyMap<string, number>): string[] {
  const values = (labels?.values ?? []).map((one) => ({ ...one, rows: labelled.get(one.value) ?? 0 }));
  const about = reportMapping(
    mapping,
    values.filter(({ rows }) => rows > 0),
    NO_HINTS,
    NO_LABEL,
  ).filter((line) => !/^(categories|splits)/.test(line));
  return [reportLayout(head, HINTS), ...about.map((line) => (line.startsWith('labels') ? `${line} (they make no difference to activations)` : line))]; // prettier-ignore
}

/** Files that were always read as they are now keep the digest of their bytes, so that what is stored of them is found again. */
async function digestOf(bytes: Uint8Array<ArrayBuffer>, texts: readonly string[]): Promise<string> {
  const before = plainReading(new TextDecoder().decode(bytes));
  const isSame = before.length === texts.length && before.every((text, index) => text === texts[index]);
  return sha256(isSame ? bytes : new TextEncoder().encode(JSON.stringify(texts)));
}

/** The plain reading of old: "text" of JSON Lines, or one prompt a line. */
function plainReading(text: string): unknown[] {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== ''); // prettier-ignore
  if (!text.trimStart().startsWith('{')) return lines;
  try {
    return lines.map((line) => (JSON.parse(line) as { readonly text?: unknown }).text);
  } catch {
    return [];
  }
}
