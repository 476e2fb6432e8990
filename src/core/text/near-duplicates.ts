/**
 * Texts that say the same in the same words: equal once letter case, white space and punctuation are set aside, or with sets of
 * words that are nearly equal. Near ones are found by prefix filtering (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and
 * Srikant 2007): two sets whose Jaccard similarity reaches t share a word among the |x| − ⌈t·|x|⌉ + 1 rarest of each.
 */

/** Words of a text in lower case, compatibility forms folded; a text without any is one word of itself. */
export function wordsOf(text: string): string[] {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}]+/gu);
  return words ?? [text.trim()];
}

export interface DuplicateMatch {
  readonly of: number; // index of the text that came first
  readonly similarity: number; // Jaccard of the sets of words; 1 where `isExact`, and for the same words in another order
  readonly isExact: boolean; // the same words in the same order
}

/** How much of the words two texts share: 0 to 1. */
export const NEAR = 0.9;

export interface DuplicateOptions {
  readonly near?: number | null; // smallest Jaccard similarity, above 0; null: exact ones alone
  /** Texts from this index on are looked up among those before and are not compared with one another. */
  readonly queriesFrom?: number;
  /** Called every few thousand texts, so that a caller can let others run, or throw. */
  readonly breathe?: (done: number) => Promise<void>;
}

const BREATHE_EVERY = 2048;

/**
 * For each text the earliest kept one that it doubles, or null where it is kept itself. Only kept texts are compared with, so
 * every text is as near to the one it doubles as `near` says, and nothing hangs on chains of neighbours.
 */
export async function findDuplicates(
  texts: readonly string[],
  { near = NEAR, queriesFrom = texts.length, breathe }: DuplicateOptions = {},
): Promise<(DuplicateMatch | null)[]> {
  const { sequences, ranks } = rankWords(texts);
  const exact = new Map<string, number>();
  const index = near === null ? null : new PrefixIndex(near);
  const matches: (DuplicateMatch | null)[] = [];
  for (let at = 0; at < texts.length; at++) {
    if (at % BREATHE_EVERY === 0) await breathe?.(at);
    const sequence = sequences[at] ?? new Uint32Array();
    const key = sequence.join(' ');
    const set = Uint32Array.from(new Set(Array.from(sequence, (word) => ranks[word] ?? 0))).sort();
    const same = exact.get(key);
    const match = same === undefined ? (index?.find(set) ?? null) : { of: same, similarity: 1, isExact: true };
    matches.push(match);
    if (at >= queriesFrom || (match !== null && queriesFrom === texts.length)) continue;
    if (same === undefined) exact.set(key, at);
    index?.add(at, set);
  }
  return matches;
}

interface RankedWords {
  readonly sequences: readonly Uint32Array[]; // each text's words by number
  readonly ranks: Uint32Array; // by word: its place when the rarest comes first
}

function rankWords(texts: readonly string[]): RankedWords {
  const numbers = new Map<string, number>();
  const frequency: number[] = [];
  const sequences = texts.map((text) =>
    Uint32Array.from(wordsOf(text), (word) => {
      const number = numbers.get(word) ?? numbers.size;
      numbers.set(word, number);
      frequency[number] = (frequency[number] ?? 0) + 1;
      return number;
    }),
  );
  const order = frequency.map((_, word) => word).sort((a, b) => (frequency[a] ?? 0) - (frequency[b] ?? 0) || a - b);
  const ranks = new Uint32Array(order.length);
  for (const [rank, word] of order.entries()) ranks[word] = rank;
  return { sequences, ranks };
}

/** Sets of words, each under its rarest ones. A set is its words' ranks, ascending. */
class PrefixIndex {
  readonly #near: number;
  readonly #texts: { readonly at: number; readonly set: Uint32Array }[] = [];
  readonly #byWord = new Map<number, number[]>(); // places in `#texts`, ascending

  constructor(near: number) {
    this.#near = near;
  }

  add(at: number, set: Uint32Array): void {
    const place = this.#texts.push({ at, set }) - 1;
    for (const word of this.#prefix(set)) {
      const places = this.#byWord.get(word);
      if (places === undefined) this.#byWord.set(word, [place]);
      else places.push(place);
    }
  }

  /** The earliest that is near enough. */
  find(set: Uint32Array): DuplicateMatch | null {
    let first = Infinity;
    let similarity = 0;
    for (const word of this.#prefix(set)) {
      for (const place of this.#byWord.get(word) ?? []) {
        if (place >= first) break;
        const other = this.#texts[place]?.set ?? new Uint32Array();
        const [small, large] = set.length < other.length ? [set, other] : [other, set];
        if (small.length < this.#near * large.length - ROUNDING) continue;
        const shared = sharedWords(small, large);
        const jaccard = shared / (small.length + large.length - shared);
        if (jaccard >= this.#near - ROUNDING) [first, similarity] = [place, jaccard];
      }
    }
    const found = this.#texts[first];
    return found === undefined ? null : { of: found.at, similarity, isExact: false };
  }

  #prefix(set: Uint32Array): Uint32Array {
    return set.subarray(0, set.length - Math.ceil(this.#near * set.length - ROUNDING) + 1);
  }
}

const ROUNDING = 1e-9; // 0.9 × 10 is not quite 9

/** How many numbers two ascending lists have in common. */
function sharedWords(a: Uint32Array, b: Uint32Array): number {
  let [i, j, shared] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i] ?? 0, b[j] ?? 0];
    if (left === right) shared++;
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return shared;
}
