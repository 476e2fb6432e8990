import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { foreignFile, foreignText } from './foreign-file.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** UTF-8 text of bytes. Throws a `format` error that names `name` where they are not UTF-8. */
export function decodeUtf8(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const { what, nextStep } = foreignFile(bytes) ?? { what: '', nextStep: 'Check that this is the right file.' };
    const instead = what === '' ? '' : ` but ${what}`;
    throw new LabError('format', `${shown(name)} is not UTF-8 text${instead}.`, nextStep, { cause });
  }
}

/** The JSON object in `text`. Throws a `format` error that names `name`. */
export function parseJsonObject(name: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notJson(name, text, cause);
  }
  if (!isJsonObject(value)) {
    throw new LabError('format', `${shown(name)} holds no JSON object.`, 'Check that this is the right file.');
  }
  return value;
}

function notJson(name: string, text: string, cause: unknown): LabError {
  const foreign = foreignText(text);
  if (foreign !== null) {
    return new LabError('format', `${shown(name)} is ${foreign.what}, not JSON.`, foreign.nextStep, { cause });
  }
  const reason = text.trim() === '' ? 'it is empty' : shown(cause instanceof Error ? cause.message : String(cause));
  return new LabError('format', `${shown(name)} is not valid JSON: ${reason}`, 'Fetch or save the file again.', {
    cause,
  });
}
