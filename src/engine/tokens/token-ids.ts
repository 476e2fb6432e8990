/** The ids of a tokenizer.json: what is no whole number would come out of the tokenizer as an id. */
import { LabError } from '../../core/errors.ts';
import { shown, shownValue } from '../../core/text/quote.ts';
import { isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';

/** Throws a `format` error that names the checkpoint and the token whose id is none. */
export function checkTokenIds({ model, added_tokens: added }: JsonObject, label: string): void {
  const vocabulary = isJsonObject(model) && isJsonObject(model['vocab']) ? model['vocab'] : {};
  for (const token in vocabulary) checkId(token, vocabulary[token], label);
  for (const token of Array.isArray(added) ? (added as readonly unknown[]) : []) {
    const { content, id } = isJsonObject(token) ? token : {};
    checkId(typeof content === 'string' ? content : '', id, label);
  }
}

/**
 * The same of added_tokens.json, whose tokens are taken in the order of their ids. What is compared as a number must be one: a list
 * of lists takes a second to become none.
 */
export function checkAddedTokens(added: JsonObject, label: string): void {
  for (const [token, id] of Object.entries(added)) {
    if (typeof id === 'number') continue;
    const problem = `added_tokens.json of ${shown(label)}: the token “${shown(token)}” has the id ${shownValue(id)}, which is not a number.`;
    throw new LabError(
      'format',
      problem,
      'Fetch added_tokens.json again, or take the one of the published checkpoint.',
    );
  }
}

function checkId(token: string, id: unknown, label: string): void {
  if (Number.isSafeInteger(id) && (id as number) >= 0) return;
  const problem = `tokenizer.json of ${shown(label)}: the token “${shown(token)}” has the id ${shownValue(id)}, which is not a whole number from 0.`;
  throw new LabError('format', problem, 'Fetch tokenizer.json again, or take the one of the published checkpoint.');
}
