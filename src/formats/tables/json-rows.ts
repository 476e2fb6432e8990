/** Rows of JSON: a line each, or an array in one piece. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { streamOf, type ByteSource } from '../bytes/byte-source.ts';
import { CHAT_NAMES, chatPrompt } from '../prompts/chat-messages.ts';
import { TEXT_NAMES } from '../prompts/column-names.ts';
import { duplicateKey } from '../bytes/duplicate-keys.ts';
import { rowsOfLists } from './json-lists.ts';
import { decodeUtf8, isJsonObject, parseJsonObject, type JsonObject } from '../bytes/json.ts';
import { LINE_COLUMN, type TableFormat, type TableRow } from './table.ts';
import { linesOf } from '../bytes/text-lines.ts';
import { textProblem } from '../bytes/text-problem.ts';

const MAX_JSON_BYTES = 200e6; // one piece of JSON is held whole, several times over while it is read

/**
 * The format that a file of JSON, or of plain lines, turns out to have: `.json` files may hold an object a line, `.jsonl` and
 * `.txt` files an array.
 */
export async function sniffJson(source: ByteSource, named: TableFormat): Promise<TableFormat> {
  for await (const { text } of linesOf(source)) {
    const line = text.trim();
    if (line === '') continue;
    checkKeys(source.name, line);
    if (named === 'lines') {
      if (line.startsWith('{')) return 'jsonl';
      return (line === '[' || /^\[\s*["{]/.test(line)) && (await endsLikeArray(source)) ? 'json' : 'lines';
    }
    if (line.startsWith('[')) return 'json';
    if (named === 'jsonl' || !line.startsWith('{')) return 'jsonl';
    return isRow(line) && !(await isLastLine(source)) ? 'jsonl' : 'json';
  }
  return named;
}

/** Of two keys alike JSON.parse takes the last, so a label could be another's. A file that has them has them in its first row. */
function checkKeys(name: string, line: string): void {
  const twice = isRow(line) ? duplicateKey(line) : null;
  if (twice === null) return;
  const problem = `${shown(name)}: its first row has “${shown(twice)}” twice.`;
  throw new LabError('format', problem, 'Rename one of the two in every row, or leave it out.');
}

/** Whether a file has no second line. */
async function isLastLine(source: ByteSource): Promise<boolean> {
  let lines = 0;
  for await (const { text } of linesOf(source)) {
    if (text.trim() !== '' && ++lines > 1) return false;
  }
  return true;
}

function isRow(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    return isJsonObject(JSON.parse(line));
  } catch {
    return false;
  }
}

async function endsLikeArray(source: ByteSource): Promise<boolean> {
  const end = await source.slice(Math.max(0, source.byteLength - 64), source.byteLength);
  return new TextDecoder().decode(end).trimEnd().endsWith(']');
}

/** One object a line; a line that is a text alone is a prompt. */
export async function* readJsonLines(source: ByteSource): AsyncGenerator<TableRow> {
  for await (const { line, text } of linesOf(source)) {
    const row = text.trim();
    if (row === '') continue;
    const where = `${source.name}, row ${line},`;
    yield {
      row: line,
      values: row.startsWith('"') ? rowOf(where, parseText(where, row)) : parseJsonObject(where, row),
    };
  }
}

/**
 * The elements of an array, counted from 1: the file itself, or the only array in its object; an object without one is a row of
 * its own. Throws `format` errors that name the file, and the element where it is neither an object nor a text.
 */
export async function* readJsonArray(source: ByteSource): AsyncGenerator<TableRow> {
  const { name, byteLength } = source;
  if (byteLength > MAX_JSON_BYTES) {
    const problem = `${name} has ${(byteLength / 1e6).toFixed(0)} MB of JSON in one piece.`;
    throw new LabError('format', problem, 'Save it as JSON Lines, one object a line: those are read as they come.');
  }
  const bytes = new Uint8Array(byteLength);
  let position = 0;
  for await (const chunk of streamOf(source, 0, byteLength)) {
    bytes.set(chunk, position);
    position += chunk.byteLength;
  }
  const rows = arrayOf(name, parseText(name, textOf(name, bytes)));
  for (const [index, element] of rows.entries()) {
    yield { row: index + 1, values: rowOf(`${name}, row ${index + 1},`, element) };
  }
}

function textOf(name: string, bytes: Uint8Array): string {
  try {
    return decodeUtf8(name, bytes);
  } catch (cause) {
    const { line, at, end } = badLine(bytes);
    throw textProblem(`${name}, line ${line}`, bytes.subarray(at, end), line === 1, cause);
  }
}

/** The first line that is no UTF-8. */
function badLine(bytes: Uint8Array): { readonly line: number; readonly at: number; readonly end: number } {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let [line, at] = [1, 0]; ; line++) {
    const next = bytes.indexOf(0x0a, at);
    const end = next === -1 ? bytes.length : next;
    try {
      decoder.decode(bytes.subarray(at, end));
    } catch {
      return { line, at, end };
    }
    if (next === -1) return { line, at, end };
    at = next + 1;
  }
}

function arrayOf(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isJsonObject(value)) {
    const lists = rowsOfLists(value);
    if (lists !== null) return lists;
    if (Object.entries(value).some(([key, entry]) => isConversation(key, entry))) return [value];
    const arrays = Object.entries(value).flatMap(([key, entry]) => (isRows(key, entry) ? [entry] : []));
    const [rows] = arrays;
    const beside = Object.entries(value).find(
      ([, entry]) => entry !== rows && Array.isArray(entry) && entry.length > 0,
    );
    if (arrays.length === 1 && rows !== undefined && beside !== undefined) throw severalArrays(name, beside[0]);
    if (arrays.length === 1 && rows !== undefined) return rows;
    const isOne = arrays.length === 0 && Object.entries(value).some(([key, entry]) => isTextName(key) && typeof entry === 'string'); // prettier-ignore
    if (isOne) return [value];
  }
  throw new LabError(
    'format',
    `${name} holds no array of prompts.`,
    'Give it an array of objects, or one object a line.',
  );
}

/** Its columns one after the other, say: which label belongs to which prompt is not read from that. */
function severalArrays(name: string, beside: string): LabError {
  const problem = `${name} holds another array, “${shown(beside)}”, beside its prompts.`;
  return new LabError(
    'format',
    problem,
    'Give it one array of objects, or one object a line: {"text": …, "label": …}.',
  );
}

/** One conversation and no more: its messages are no rows. */
const isConversation = (key: string, entry: unknown): boolean =>
  CHAT_NAMES.includes(key.toLowerCase()) && chatPrompt(entry) !== null;

const isTextName = (key: string): boolean => TEXT_NAMES.includes(key.toLowerCase());

function isRows(key: string, entry: unknown): entry is unknown[] {
  if (!Array.isArray(entry) || entry.length === 0) return false;
  const isNamed = isTextName(key) || isTextName(key.replace(/s$/i, '')) || /^(data|rows|examples|items)$/i.test(key);
  return entry.every(isJsonObject) || (isNamed && entry.every((element) => typeof element === 'string'));
}

function rowOf(where: string, element: unknown): JsonObject {
  if (isJsonObject(element)) return element;
  if (typeof element === 'string') return { [LINE_COLUMN]: element };
  if (chatPrompt(element) !== null) return { messages: element };
  throw new LabError('format', `${where} is neither an object nor a text.`, 'Correct this row, or leave it out.');
}

function parseText(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 100) : String(cause);
    throw new LabError('format', `${name} is not valid JSON: ${reason}`, 'Check that the file is whole.', { cause });
  }
}
