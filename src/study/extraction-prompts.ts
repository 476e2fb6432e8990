/** The prompts of an extraction: read once, known by the SHA-256 of their file, the same on every machine. */
import { LabError } from '../core/errors.ts';
import { sha256 } from '../engine/convert/digests.ts';
import { decodeUtf8 } from '../formats/json.ts';
import { parseJsonLines } from '../formats/jsonl.ts';
import type { PromptTemplate } from './category-directions.ts';
import type { LadderPromptSet } from './ladder-units.ts';

export const MAX_PROMPT_FILE_BYTES = 50e6; // its texts are kept with the job, so that a restart needs no file

/**
 * A prompt set from its file: JSON Lines whose rows have a "text", or plain text with one prompt a line. Blank lines are passed
 * over. Throws `format` errors that name file and line, and `bad-request` for one that is too large.
 */
export async function readPromptSet(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  template: PromptTemplate,
): Promise<LadderPromptSet> {
  if (bytes.byteLength > MAX_PROMPT_FILE_BYTES) {
    const problem = `${name} has ${(bytes.byteLength / 1e6).toFixed(0)} MB.`;
    throw new LabError('bad-request', problem, `Choose a file of up to ${MAX_PROMPT_FILE_BYTES / 1e6} MB.`);
  }
  const text = decodeUtf8(name, bytes);
  const texts = text.trimStart().startsWith('{') ? textsOfRows(name, text) : textsOfLines(text);
  if (texts.length === 0) {
    throw new LabError('format', `${name} has no prompts.`, 'Give it one prompt a line, or rows of {"text"}.');
  }
  return { name: name.replace(/\.(jsonl|txt)$/, ''), digest: await sha256(bytes), texts, template };
}

function textsOfRows(name: string, text: string): string[] {
  return parseJsonLines(name, text).map(({ line, value }) => {
    const prompt = value['text'];
    if (typeof prompt === 'string' && prompt !== '') return prompt;
    throw new LabError('format', `${name}, line ${line}: the row has no text.`, 'Every row needs "text".');
  });
}

const textsOfLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
