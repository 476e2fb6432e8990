/** Prompt files for the command line: JSON Lines of {"id", "text"} or {"id", "ids"}, or any table that can be imported. */
import { readFile } from 'node:fs/promises';
import { LabError } from '../../src/core/errors.ts';
import type { OlmoConfig } from '../../src/engine/checkpoint/config.ts';
import type { OlmoTokenizer } from '../../src/engine/tokens/tokenizer.ts';
import { bytesSource, type ByteSource } from '../../src/formats/bytes/byte-source.ts';
import { decodeUtf8, type JsonObject } from '../../src/formats/bytes/json.ts';
import { parseJsonLines } from '../../src/formats/bytes/jsonl.ts';
import { readTableHead, type TableHead } from '../../src/formats/tables/table-head.ts';
import { GUESS_LAYOUT } from '../../src/formats/tables/guess-table-layout.ts';
import { encodePrompt } from '../../src/labs/steer/category-directions.ts';
import type { PromptTemplate } from '../../src/formats/prompts/prompt-template.ts';
import { readPromptRows } from '../../src/labs/extraction/extraction-prompts.ts';

export interface TokenisedPrompts {
  readonly ids: readonly string[]; // row ids
  readonly tokens: readonly (readonly number[])[];
}

/** The model that the prompts are for, resident or streamed, and its tokenizer, which is opened only if there is text. */
export interface PromptReader {
  readonly model: { readonly config: OlmoConfig; readonly contextLength: number };
  readonly tokenizer: () => Promise<OlmoTokenizer>;
}

/**
 * Reads and tokenizes a file.
 * @throws LabError `not-found`, `format` or `context-length`, naming the file and the line
 */
export async function readPrompts(
  path: string,
  reader: PromptReader,
  template: PromptTemplate,
): Promise<TokenisedPrompts> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new LabError('not-found', `${path} cannot be read.`, 'Check the path.', { cause });
  });
  const source = bytesSource(path, new Uint8Array(bytes));
  const head = await readTableHead(source, { ...GUESS_LAYOUT, other: 'lines' });
  const rows = isPlain(head) ? plainRows(path, bytes) : await tableRows(source);
  const read: { id: string; tokens: readonly number[] }[] = [];
  for (const { where, value } of rows) {
    const tokens = await tokensOf(value, where, reader, template);
    checkTokens(tokens, where, reader);
    read.push({ id: idOf(value, where), tokens });
  }
  return { ids: read.map(({ id }) => id), tokens: read.map(({ tokens }) => tokens) };
}

interface PromptRow {
  readonly where: string; // for error messages
  readonly value: JsonObject;
}

/** JSON Lines with ids, which are the command line's own format; anything else is read as an imported table. */
const isPlain = ({ layout, columns }: TableHead): boolean =>
  layout.format === 'jsonl' && (['id', 'ids'].some((column) => columns.includes(column)) || columns.length === 0);

const plainRows = (path: string, bytes: Uint8Array): readonly PromptRow[] =>
  parseJsonLines(path, decodeUtf8(path, bytes)).map(({ line, value }) => ({ where: `${path}, line ${line}:`, value }));

/** Rows of any table, with ids made of the file name and row number if no column has them. Reports on standard error how it was read. */
async function tableRows(source: ByteSource): Promise<readonly PromptRow[]> {
  const { name } = source;
  const { report, rows } = await readPromptRows(source);
  report.forEach((line, index) => console.error(index === 0 ? line : `  ${line}`));
  return rows.map(({ row, id, text }) => ({ where: `${name}, row ${row}:`, value: { id, text } }));
}

function idOf({ id }: JsonObject, where: string): string {
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw new LabError('format', `${where} the row has no id.`, 'Every row needs an "id", and "text" or "ids".');
}

async function tokensOf(
  row: JsonObject,
  where: string,
  reader: PromptReader,
  template: PromptTemplate,
): Promise<readonly number[]> {
  const { text, ids } = row;
  if (typeof text === 'string') return encodePrompt(await reader.tokenizer(), text, template);
  if (Array.isArray(ids) && ids.every((id): id is number => Number.isInteger(id))) return ids;
  throw new LabError('format', `${where} the row has neither text nor token ids.`, 'Add "text" or "ids": [numbers].');
}

function checkTokens(tokens: readonly number[], where: string, { model }: PromptReader): void {
  const { vocabSize } = model.config;
  if (tokens.length === 0)
    throw new LabError('format', `${where} the prompt is empty.`, 'Remove the row, or add text.');
  if (tokens.length > model.contextLength) {
    const nextStep = `Shorten it: this model’s context is ${model.contextLength} tokens.`;
    throw new LabError('context-length', `${where} the prompt has ${tokens.length} tokens.`, nextStep);
  }
  const bad = tokens.find((id) => id < 0 || id >= vocabSize);
  if (bad !== undefined) {
    throw new LabError(
      'format',
      `${where} token ${bad} is outside the vocabulary of ${vocabSize}.`,
      'Use the checkpoint’s own tokenizer.',
    );
  }
}
