/** Python's ways with text, where JavaScript's differ: what is white, how text is quoted, cased and cut. */

/** Characters of `str.isspace`. */
const SPACE = '\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${SPACE}]+`);
const ONE_SPACE = new RegExp(`^[${SPACE}]$`);
const WORDS = new RegExp(`[^${SPACE}]+`, 'g');
const WHITE = new RegExp(`^[${SPACE}]*$`);

export const isWhite = (text: string): boolean => WHITE.test(text);

export const lstrip = (text: string): string => text.replace(LEADING, '');

/** From the back by hand: a regular expression would look at every run of spaces in the text. */
export function rstrip(text: string): string {
  let end = text.length;
  while (end > 0 && ONE_SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

export const strip = (text: string): string => lstrip(rstrip(text));

/** Strips any of `characters`, as `'--a-'.strip('-')`. */
export function stripOf(text: string, characters: string, sides: 'both' | 'left' | 'right'): string {
  const set = new Set(characters);
  const points = Array.from(text);
  let [start, end] = [0, points.length];
  if (sides !== 'right') while (start < end && set.has(points[start] ?? '')) start++;
  if (sides !== 'left') while (end > start && set.has(points[end - 1] ?? '')) end--;
  return points.slice(start, end).join('');
}

/** `str.split()`: at runs of white characters. */
export function splitWords(text: string, most: number): string[] {
  const words: string[] = [];
  for (const match of text.matchAll(WORDS)) {
    if (most >= 0 && words.length === most) {
      words.push(text.slice(match.index));
      break;
    }
    words.push(match[0]);
  }
  return words;
}

/** Code units of text as code points: `length` and indices count these. */
export const countPoints = (text: string): number => {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isPair =
      unit >= 0xd800 && unit < 0xdc00 && text.charCodeAt(i + 1) >= 0xdc00 && text.charCodeAt(i + 1) < 0xe000;
    if (isPair) i++;
    count++;
  }
  return count;
};

const UNPRINTABLE = /[\p{C}\p{Z}]/u;

/** `repr` of a text. */
export function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  let quoted = '';
  for (const character of text) {
    const escape = character === quote ? `\\${quote}` : escapes[character];
    if (escape !== undefined) quoted += escape;
    else if (character !== ' ' && UNPRINTABLE.test(character)) quoted += escapePoint(character.codePointAt(0) ?? 0);
    else quoted += character;
  }
  return `${quote}${quoted}${quote}`;
}

function escapePoint(point: number): string {
  const hex = point.toString(16);
  if (point < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return point < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** `str.capitalize`: the first character in upper case, the others in lower case. */
export function capitalize(text: string): string {
  const [first = ''] = text;
  return titled(first) + text.slice(first.length).toLowerCase();
}

/** A character in title case: of a letter that is two in upper case, such as ß, the second one is in lower case. */
function titled(character: string): string {
  const [first = '', ...others] = character.toUpperCase();
  return first + others.join('').toLowerCase();
}

/** `str.title`: a letter after what is none in upper case, the others in lower case. */
export function titleCase(text: string): string {
  let [written, afterLetter] = ['', false];
  for (const character of text) {
    const isLetter = character.toLowerCase() !== character.toUpperCase();
    written += afterLetter ? character.toLowerCase() : titled(character);
    afterLetter = isLetter;
  }
  return written;
}

/** Jinja's `title` filter: words start after spaces and after `-({[<`. */
export function titleFilter(text: string): string {
  return text.replace(
    /[^-\s({[<]+/gu,
    ([first = '', ...others]) => first.toUpperCase() + others.join('').toLowerCase(),
  );
}
