/** Text that a person, a file or a model brought along, as it may stand among the lab's own words. */

const LONGEST = 80; // characters of a name
const LONGEST_WHOLE = 2000; // of what stands in a title attribute

/** Controls that turn the words around them, or break the line. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/gu;
/** Nothing of it is seen. */
const BLANK = /^[\p{C}\p{Z}\u115f\u1160\u2800\u3164\uffa0]*$/u;
/** Nearly every name: nothing of it needs a look. */
const PLAIN = /^[\x20-\x7e]*$/;

const [ISOLATE, END] = ['\u2068', '\u2069']; // FSI and PDI of UAX #9

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The text on one line, cut where it is longer than `most`. */
export function shownText(text: string, most: number = LONGEST): string {
  if (text.length <= most && PLAIN.test(text)) return text;
  // Of 5 MB nothing but the beginning is looked at. Room is left for what is taken out.
  const start = text
    .slice(0, 4 * most)
    .replace(CONTROLS, ' ')
    .trim();
  if (BLANK.test(start)) return text === '' ? '' : '(blank)';
  if (text.length <= 4 * most && start.length <= most) return start;
  return `${cut(start, most)}…`;
}

/** The same for the middle of a sentence that is a plain string: what is written from right to left stays to itself. */
export function isolated(text: string, most: number = LONGEST): string {
  const shown = shownText(text, most);
  return PLAIN.test(shown) ? shown : `${ISOLATE}${shown}${END}`;
}

/** What stands in a title attribute beside a text that is shown cut; null: it is shown whole. */
export function wholeText(text: string, most: number = LONGEST): string | null {
  return shownText(text, most) === text ? null : shownText(text, LONGEST_WHOLE);
}

/** At most so many UTF-16 units, between two characters as a reader counts them where that is possible. */
function cut(text: string, most: number): string {
  let end = 0;
  for (const { index, segment } of graphemes.segment(text.slice(0, most + 1))) {
    if (index + segment.length > most) break;
    end = index + segment.length;
  }
  return text.slice(0, end === 0 ? most : end).trimEnd();
}
