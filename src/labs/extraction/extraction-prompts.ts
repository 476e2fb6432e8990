/** Reads the prompts of an extraction from any kind of table, with the same result on every machine. */
import { counted } from '../../core/text/plural.ts';
import { LabError } from '../../core/errors.ts';
import { sha256 } from '../../engine/convert/digests.ts';
import { bytesSource, type ByteSource } from '../../formats/bytes/byte-source.ts';
import { chatPrompt } from '../../formats/prompts/chat-messages.ts';
import { labelCell } from '../../formats/prompts/label-column.ts';
import { mappedColumns, readMappedPrompt, type PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
import { readTable } from '../../formats/tables/read-table.ts';
import { cellOf } from '../../formats/tables/table.ts';
import { GUESS_LAYOUT } from '../../formats/tables/guess-table-layout.ts';
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

const MAX_PROMPT_FILE_BYTES = 50e6; // the texts are saved with the job, so that it can resume without the file

export interface ReadPromptSet extends LadderPromptSet {
  readonly report: readonly string[]; // lines that describe how the file was read
}

/**
 * The texts of a prompt set, from any table that can be imported and read in the same way. Activations do not depend on labels, so
 * rows without a label are included.
 * @throws LabError `format`, naming file and row; `bad-request`, when the file is too large
 */
export async function readPromptSet(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  template: PromptTemplate,
): Promise<ReadPromptSet> {
  if (bytes.byteLength > MAX_PROMPT_FILE_BYTES) {
    const problem = `${name} is ${(bytes.byteLength / 1e6).toFixed(0)} MB, which is too large.`;
    throw new LabError('bad-request', problem, `Choose a file of up to ${MAX_PROMPT_FILE_BYTES / 1e6} MB.`);
  }
  const { rows, report } = await readPromptRows(bytesSource(name, bytes));
  const texts = rows.map(({ text }) => text);
  return { name: name.replace(ENDING, ''), digest: await digestOf(bytes, texts), texts, template, report };
}

const ENDING = /\.(jsonl|json|txt|csv|tsv|tab|ndjson|parquet)$/i;

export interface PromptTextRow {
  readonly row: number;
  readonly id: string; // from the id column, or made of the file's name and the row
  readonly text: string;
}

/**
 * The prompts of any table, whatever their class.
 * @throws LabError `format`, naming file and row
 */
export async function readPromptRows(
  source: ByteSource,
): Promise<{ readonly rows: readonly PromptTextRow[]; readonly report: readonly string[] }> {
  const { name } = source;
  const decision = await decideImport(source, { layout: { ...GUESS_LAYOUT, other: 'lines' } });
  const { mapping: proposed, head } = decision;
  const mapping: PromptMapping = {
    ...proposed,
    id: head.columns.includes('id') ? 'id' : null,
    label: { kind: 'fixed', label: 'safe' }, // not used
    category: { kind: 'fixed', category: 'all' },
    split: { kind: 'fixed', split: 'all' },
  };
  const rows: PromptTextRow[] = [];
  const chats = { prompts: 0, cut: 0 };
  const leftOut = { filtered: 0, 'no-text': 0, 'no-category': 0, 'no-label': 0 };
  const labelColumn = decision.labels?.column ?? null;
  const labelled = new Map<string, number>(); // value of the label column → number of prompts
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
  if (rows.length === 0) throw new LabError('format', `${name} has no prompts.`, 'Use a file with one prompt per line, or a table with a column of prompts.'); // prettier-ignore
  const left = (['filtered', 'no-text'] as const).filter((reason) => leftOut[reason] > 0);
  const result = [counted(rows.length, 'prompt'), ...left.map((reason) => `${leftOut[reason]} left out ${LEFT_OUT_WORDS[reason]}`)]; // prettier-ignore
  return { rows, report: [...describe(decision, labelled), result.join('; '), ...reportChats(chats)] };
}

/** There are no options here, so the way to change how a file is read is to rename it or a column. */
const HINTS: ReportHints = {
  heading: 'if it is a prompt, save the list as a .txt file with one prompt per line',
  noHeading: 'if it contains the column names, name the column of prompts “text”',
  split: () => '',
};

/** Describes how a table was read. Known labels are listed, but no row is left out because it has none. */
function describe({ head, mapping, labels }: ImportDecision, labelled: ReadonlyMap<string, number>): string[] {
  const values = (labels?.values ?? []).map((one) => ({ ...one, rows: labelled.get(one.value) ?? 0 }));
  const about = reportMapping(
    mapping,
    values.filter(({ rows }) => rows > 0),
    NO_HINTS,
    NO_LABEL,
  ).filter((line) => !/^(categories|splits)/.test(line));
  return [reportLayout(head, HINTS), ...about.map((line) => (line.startsWith('labels') ? `${line} (activations do not depend on them)` : line))]; // prettier-ignore
}

/** Files that earlier builds read in the same way keep the digest of their bytes, so that their stored activations are found. */
async function digestOf(bytes: Uint8Array<ArrayBuffer>, texts: readonly string[]): Promise<string> {
  const before = plainReading(new TextDecoder().decode(bytes));
  const isSame = before.length === texts.length && before.every((text, index) => text === texts[index]);
  return sha256(isSame ? bytes : new TextEncoder().encode(JSON.stringify(texts)));
}

/** How earlier builds read a file: "text" of JSON Lines, or one prompt per line. */
function plainReading(text: string): unknown[] {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== ''); // prettier-ignore
  if (!text.trimStart().startsWith('{')) return lines;
  try {
    return lines.map((line) => (JSON.parse(line) as { readonly text?: unknown }).text);
  } catch {
    return [];
  }
}
