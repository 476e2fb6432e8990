/** Text that a person, a file or a model brought along, as it may stand among the lab's own words. */

const LONGEST = 80; // characters of a name
const LONGEST_WHOLE = 2000; // of what stands in a title attribute

/** Controls that would turn the words around them, and others that draw nothing: what is shown goes without. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/gu; // eslint-disable-line no-control-regex

const [ISOLATE, END] = ['\u2068', '\u2069']; // FSI and PDI of UAX #9

/** The text on one line, cut where it is longer than a name has reason to be. */
export function shownText(text: string, most: number = LONGEST): string {
  // Cut first: of 5 MB nothing but the beginning is looked at. Room is left for what is taken out.
  const start = text
    .slice(0, 4 * most)
    .replace(UNSEEN, ' ')
    .trim();
  const isWhole = text.length <= 4 * most && start.length <= most;
  return isWhole ? start : `${start.slice(0, most).replace(/[\ud800-\udbff]$/u, '')}…`;
}

/** The same for the middle of a sentence that is a plain string: what is written from right to left stays to itself. */
export function isolated(text: string, most: number = LONGEST): string {
  return `${ISOLATE}${shownText(text, most)}${END}`;
}

/** What stands in a title attribute beside a text that is shown cut; null: it is shown whole. */
export function wholeText(text: string, most: number = LONGEST): string | null {
  return shownText(text, most) === text ? null : shownText(text, LONGEST_WHOLE);
}
