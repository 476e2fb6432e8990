import { LabError } from '../core/errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** UTF-8 text of bytes. Throws a `format` error that names `name` where they are not UTF-8. */
export function decodeUtf8(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new LabError('format', `${name} is not UTF-8 text.`, 'Check that this is the right file.', { cause });
  }
}

/** The JSON object in `text`. Throws a `format` error that names `name`. */
export function parseJsonObject(name: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LabError('format', `${name} is not valid JSON: ${reason}`, 'Fetch or save the file again.', { cause });
  }
  if (!isJsonObject(value)) {
    throw new LabError('format', `${name} holds no JSON object.`, 'Check that this is the right file.');
  }
  return value;
}
