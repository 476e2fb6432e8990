/** Texts as counts of their words, as scikit-learn's CountVectorizer with the token pattern `(?u)\w+`. */
import { LabError } from '../errors.ts';
import type { SparseRows } from '../probes/sparse-features.ts';

const WORD = /[\p{L}\p{N}_]+/gu; // any script; apostrophes and combining marks end a word

/** Column of each word that was seen in training, in code-unit order. */
export type Vocabulary = ReadonlyMap<string, number>;

/** `wordsOf`, or one that remembers: several baselines of the same texts then split them once. */
export type SplitWords = (text: string) => readonly string[];

/** Lower-cased words in their order. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/**
 * The words of the training texts, and of no others.
 * @throws LabError `bad-request` when there is no word at all
 */
export function vocabularyOf(texts: readonly string[], split: SplitWords = wordsOf): Vocabulary {
  const words = [...new Set(texts.flatMap((text) => split(text)))].sort();
  if (words.length === 0) {
    throw new LabError('bad-request', `${texts.length} texts without a word`, 'Choose prompts that have words.');
  }
  return new Map(words.map((word, column) => [word, column]));
}

/** How often each text has each word of the vocabulary; other words are left out. */
export function bagsOfWords(texts: readonly string[], vocabulary: Vocabulary, split: SplitWords = wordsOf): SparseRows {
  const starts = new Uint32Array(texts.length + 1);
  const bags: Bags = { columns: [], values: [], placeOf: new Uint32Array(vocabulary.size) };
  for (const [row, text] of texts.entries()) {
    addBag(bags, split(text), vocabulary);
    starts[row + 1] = bags.columns.length;
  }
  const { columns, values } = bags;
  return { starts, columns: Uint32Array.from(columns), values: Float64Array.from(values), width: vocabulary.size };
}

interface Bags {
  readonly columns: number[];
  readonly values: number[];
  readonly placeOf: Uint32Array; // of each column, where it was counted last
}

function addBag({ columns, values, placeOf }: Bags, words: readonly string[], vocabulary: Vocabulary): void {
  const first = columns.length;
  for (const word of words) {
    const column = vocabulary.get(word);
    if (column === undefined) continue;
    const known = placeOf[column] as number;
    if (known >= first && columns[known] === column) values[known] = (values[known] as number) + 1;
    else {
      placeOf[column] = columns.length;
      columns.push(column);
      values.push(1);
    }
  }
}
