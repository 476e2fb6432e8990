/**
 * Text that came from outside (a file, a name, an argument, a server's answer) as a message may show it: short, on one line, and without
 * characters that move the cursor or turn the reading direction.
 */

export const SHOWN_LENGTH = 100; // characters of one thing that a message quotes
const SHOWN_NAMES = 8; // of a list that a message repeats

/** Controls, formatting (bidirectional overrides, zero-width spaces, tags), line separators and lone surrogates; not the joiners, which words and emoji need. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text, cut in its middle where it is longer than `limit`, so that a path keeps its file name. What cannot be seen is written as an escape. */
export function shown(text: string, limit = SHOWN_LENGTH): string {
  if (text.length <= limit) {
    const whole = visible(text);
    if (whole.length <= limit) return whole;
  }
  const tail = Math.floor(limit / 3);
  const end = Array.from(text.slice(-tail)).reverse();
  return `${fitting(text.slice(0, limit), limit - 1 - tail, false)}…${fitting(end, tail, true)}`;
}

/** A value of JSON in its notation, cut at `limit`; never written out in full, however large or deep it is. */
export function shownValue(value: unknown, limit = SHOWN_LENGTH): string {
  if (typeof value === 'string') return `"${shown(value, limit)}"`;
  const text = jsonStart(value, limit + 1);
  return text.length <= limit && visible(text).length <= limit ? visible(text) : `${fitting(text, limit - 1, false)}…`;
}

/** Names one after the other, each cut; of a long list only the first few and how many more there are. */
export function shownNames(names: Iterable<string>, most = SHOWN_NAMES, separator = ', '): string {
  const list = [...names];
  const first = list.slice(0, most).map((name) => shown(name));
  return list.length <= most ? first.join(separator) : `${first.join(separator)} and ${list.length - most} more`;
}

/** A whole message that may hold text of others: nothing unseen but its own line breaks, cut in its middle beyond `limit` characters. */
export function shownMessage(message: string, limit: number): string {
  const half = Math.floor(limit / 2);
  const start = (): string => message.slice(0, half).replace(/[\ud800-\udbff]$/, '');
  const end = (): string => message.slice(1 - half).replace(/^[\udc00-\udfff]/, '');
  return visible(message.length <= limit ? message : `${start()}…${end()}`, '\n');
}

/** Every unseen character as an escape, but those of `kept`. */
function visible(text: string, kept = ''): string {
  return UNSEEN.test(text) ? Array.from(text, (character) => visibleCharacter(character, kept)).join('') : text;
}

function visibleCharacter(character: string, kept: string): string {
  if (!UNSEEN.test(character) || kept.includes(character)) return character;
  return ESCAPES[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** As many whole characters as fit, written visibly; from the back where `isReversed`. */
function fitting(characters: Iterable<string>, room: number, isReversed: boolean): string {
  let text = '';
  for (const character of characters) {
    const next = visibleCharacter(character, '');
    if (text.length + next.length > room) break;
    text = isReversed ? next + text : text + next;
  }
  return text;
}

/**
 * JSON notation up to about `room` characters: what lies behind them is not looked at, so that neither megabytes nor brackets without
 * end cost anything. `plain` says what to write for values that JSON has not.
 */
export function jsonStart(given: unknown, room: number, plain = (value: unknown): unknown => value): string {
  const value = plain(given);
  if (typeof value === 'string') return JSON.stringify(value.slice(0, room));
  if (typeof value !== 'object' || value === null) return String(value);
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  const keys = isList ? value.keys() : keysOf(value);
  for (const key of keys) {
    if (text.length > 1) text += ',';
    if (text.length > room) return text;
    if (typeof key === 'string') text += `${JSON.stringify(key.slice(0, room))}:`;
    text += jsonStart((value as Record<string | number, unknown>)[key], room - text.length, plain);
  }
  return text + (isList ? ']' : '}');
}

/** An object's own keys, one at a time: an object of a million keys is left after the first few. */
function* keysOf(value: object): Generator<string> {
  for (const key in value) if (Object.hasOwn(value, key)) yield key;
}
