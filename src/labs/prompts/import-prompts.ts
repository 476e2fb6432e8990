/** Reads a whole table through a mapping. */
import { LabError } from '../../core/errors.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { chatPrompt } from '../../formats/prompts/chat-messages.ts';
import { LEFT_OUT, type LeftOut } from '../../formats/prompts/labelled-row.ts';
import {
  mappedColumns,
  readMappedPrompt,
  UniqueIds,
  type PromptMapping,
  type SplitRule,
} from '../../formats/prompts/prompt-mapping.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';
import { readTable } from '../../formats/tables/read-table.ts';
import { cellOf } from '../../formats/tables/table.ts';
import type { TableLayout } from '../../formats/tables/guess-table-layout.ts';
import { countedSource } from '../models/counted-source.ts';

/** Each takes about 200 bytes in memory and as much in storage: more do not fit in a tab together with a model. */
const MAX_PROMPTS = 2_000_000;

const MAX_CATEGORIES = 1000; // a column with more values is not a column of categories

export interface MappedTable {
  readonly prompts: readonly Prompt[];
  readonly rowNumbers: readonly number[]; // row of each prompt in the file
  readonly rows: number;
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  readonly chats: ChatCounts;
  readonly split: SplitRule; // the rule that gave the prompts their splits
}

/** How many prompts come from conversations, and how many of these had earlier messages, which were cut. */
export interface ChatCounts {
  readonly prompts: number;
  readonly cut: number;
}

export interface ImportOptions {
  readonly layout: TableLayout;
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytes: number, rows: number) => void;
}

/**
 * @throws LabError `format`, naming file, row and column; `interrupted` after an abort; `bad-request`, when no prompts or too many
 * are left
 */
export async function readMappedTable(
  source: ByteSource,
  mapping: PromptMapping,
  { layout, signal, onProgress }: ImportOptions,
): Promise<MappedTable> {
  const { name } = source;
  const prompts: Prompt[] = [];
  const rowNumbers: number[] = [];
  const ids = new UniqueIds();
  const categories = new Set<string>();
  const leftOut = Object.fromEntries(LEFT_OUT.map((reason) => [reason, 0])) as Record<LeftOut, number>;
  const chats = { prompts: 0, cut: 0 };
  let [rows, bytes] = [0, 0];
  const counted = countedSource(source, (count) => (bytes += count));
  for await (const batch of readTable(counted, layout, mappedColumns(mapping))) {
    if (signal?.aborted === true) throw new LabError('interrupted', `Reading ${name} was stopped.`, 'Start it again.');
    for (const row of batch) {
      const read = readMappedPrompt(mapping, name, row);
      if (typeof read === 'string') {
        leftOut[read]++;
        continue;
      }
      if (mapping.id !== null) ids.add(read.id, name, row.row);
      categories.add(read.category);
      prompts.push(read);
      rowNumbers.push(row.row);
      const chat = chatPrompt(cellOf(row, mapping.text));
      if (chat !== null) {
        chats.prompts++;
        if (!chat.isWhole) chats.cut++;
      }
    }
    checkSize(name, prompts.length, categories.size);
    rows += batch.length;
    onProgress?.(bytes, rows);
  }
  if (prompts.length > 0) return { prompts, rowNumbers, rows, leftOut, chats, split: mapping.split };
  throw new LabError(
    'bad-request',
    `${name}: none of its ${rows} rows can be used.`,
    'Change the filters or the columns.',
  );
}

function checkSize(name: string, prompts: number, categories: number): void {
  if (categories > MAX_CATEGORIES) {
    const problem = `${name} has more than ${MAX_CATEGORIES} categories.`;
    throw new LabError('bad-request', problem, 'Choose another category column, or one category for all rows.');
  }
  if (prompts <= MAX_PROMPTS) return;
  const problem = `${name} has more than ${MAX_PROMPTS / 1e6} million prompts.`;
  throw new LabError('bad-request', problem, 'Filter the rows, or split the file.');
}
