/** What a cell says of its prompt's class, by itself: whatever needs its column's name to be understood is told apart from what does not. */
import type { Label } from './prompt-set.ts';

/**
 * `class`: a word that says it. `flag`: yes or no, to whatever the column asks. `none`: no label. `score`: a number that is no
 * class. `other`: nothing that is known.
 */
export type LabelWord =
  | { readonly kind: 'class'; readonly label: Label }
  | { readonly kind: 'flag'; readonly yes: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'none' | 'score' | 'other' };

const SAFE = ['safe', 'harmless', 'benign', 'innocuous', 'ok', 'okay', 'unharmful', 'nontoxic', 'nonharmful', 'nonmalicious', 'inoffensive']; // prettier-ignore
const HARMFUL = ['harmful', 'harm', 'unsafe', 'nonsafe', 'toxic', 'toxicity', 'malicious', 'dangerous', 'hateful', 'hate', 'offensive', 'abusive', 'harmfulness']; // prettier-ignore
const CLASS_WORDS: ReadonlyMap<string, 'safe' | 'harmful'> = new Map([
  ...SAFE.map((word) => [word, 'safe'] as const),
  ...HARMFUL.map((word) => [word, 'harmful'] as const),
]);
const NEGATIONS = new Set(['not', 'non', 'no', 'un']);
/** Words beside a class word that change nothing: “vanilla_harmful”, “Safe prompt”. */
const BESIDE = new Set(['prompt', 'request', 'content', 'query', 'question', 'text', 'class', 'label', 'vanilla', 'adversarial', 'is', 'prompts', 'requests', 'queries', 'questions', 'texts', 'instruction', 'instructions', 'behavior', 'behaviors', 'behaviour', 'behaviours', 'example', 'examples', 'input', 'inputs']); // prettier-ignore

const YES = new Set(['yes', 'y', 'true', 't']);
const NO = new Set(['no', 'n', 'false', 'f']);
const NONE = new Set(['', 'null', 'nan', 'na', 'n/a', '#n/a', '-', '?', 'unknown', 'unlabeled', 'unlabelled', 'unrated', 'missing']); // prettier-ignore

const QUOTES: readonly (readonly [string, string])[] = [['"', '"'], ["'", "'"], ['“', '”'], ['„', '“'], ['‘', '’'], ['«', '»'], ['`', '`']]; // prettier-ignore

/** A label as it is compared: without blanks and quotes around it, in small letters, with a plain minus. */
export function plainLabel(value: string): string {
  let text = value.normalize('NFKC').trim();
  for (const [open, close] of QUOTES) {
    if (text.length > 1 && text.startsWith(open) && text.endsWith(close)) text = text.slice(1, -1).trim();
  }
  return text.toLowerCase().replace(/^[−–﹣－]/u, '-');
}

/** The class that words name, if they name one and nothing else: `not harmful` is safe, `safe targets` nothing. */
export function classOfWords(words: readonly string[]): 'safe' | 'harmful' | null {
  let found: 'safe' | 'harmful' | null = null;
  let isNegated = false;
  for (const word of words) {
    const named = CLASS_WORDS.get(word);
    if (NEGATIONS.has(word)) isNegated = !isNegated;
    else if (named !== undefined && found === null) found = named;
    else if (!BESIDE.has(word)) return null;
  }
  if (found === null || !isNegated) return found;
  return found === 'safe' ? 'harmful' : 'safe';
}

/** The number that a cell is, and nothing else. */
export function numberOf(cell: string): number | null {
  const numeral = plainLabel(cell).replace(/^([+-]?\d+),(\d{1,2})$/, '$1.$2'); // 1,0 as a spreadsheet of some countries writes it
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(numeral) ? Number(numeral) : null;
}

/** Reads a label by itself. */
export function readLabelWord(value: string): LabelWord {
  const text = plainLabel(value);
  if (NONE.has(text)) return { kind: 'none' };
  if (YES.has(text) || NO.has(text)) return { kind: 'flag', yes: YES.has(text) };
  const number = numberOf(text);
  if (number !== null) {
    return Number.isInteger(number) ? { kind: 'number', value: number } : { kind: 'score' };
  }
  const label = /^[\p{L}\s_-]+$/u.test(text) ? classOfWords(text.split(/[\s_-]+/).filter((word) => word !== '')) : null;
  return label === null ? { kind: 'other' } : { kind: 'class', label };
}
