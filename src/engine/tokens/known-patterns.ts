/** Which regular expressions of a tokenizer.json are known to end soon, whatever the text. */
import { isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';

const KNOWN: ReadonlySet<string> = new Set([
  // cl100k, which OLMo 2 and 3 split text by
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
]);

/** Whether a tokenizer's normalizer, pre-tokenizer or decoder has a regular expression of its own. */
export function hasUnknownPattern({ normalizer, pre_tokenizer, post_processor, decoder }: JsonObject): boolean {
  return [normalizer, pre_tokenizer, post_processor, decoder].some(hasUnknown);
}

function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (!isJsonObject(value)) return false;
  const { Regex: pattern } = value;
  if (pattern !== undefined && !(typeof pattern === 'string' && KNOWN.has(pattern))) return true;
  return Object.values(value).some(hasUnknown);
}
