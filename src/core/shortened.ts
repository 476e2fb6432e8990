/** What is repeated of somebody's input in a message: no more than a line of it. */

const MOST_LETTERS = 100;
const MOST_ITEMS = 20;

/** The beginning of a text, and that there is more. */
export function shortened(text: string, most = MOST_LETTERS): string {
  const letters = Array.from(text.slice(0, 2 * most + 2)); // by code point: half a pair is no letter
  return letters.length <= most && text.length <= 2 * most + 2 ? text : `${letters.slice(0, most).join('')}…`;
}

/** The first of a list, and how many more there are. */
export function firstFew(items: readonly string[], separator = ', ', most = MOST_ITEMS): string {
  const shown = items.slice(0, most).map((item) => shortened(item)).join(separator); // prettier-ignore
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}
