import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { parseJsonObject, type JsonObject } from './json.ts';

export interface JsonLine {
  readonly line: number; // counted from 1
  readonly value: JsonObject;
}

/**
 * The objects of a JSON Lines text, one a line; blank lines are passed over.
 * Throws a `format` error that names the file and the line.
 */
export function parseJsonLines(name: string, text: string): JsonLine[] {
  const rows: JsonLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (content === '') continue;
    rows.push({
      line: index + 1,
      value: parseJsonObject(`${name}, line ${index + 1},`, content),
    });
  }
  if (rows.length === 0) {
    throw new LabError('format', `${shown(name)} has no rows.`, 'Give it one JSON object a line.');
  }
  return rows;
}
