/** What can be counted on a text without reading it: length and punctuation. */
import type { SparseRows } from './sparse-features.ts';
import { wordsOf } from '../text/bag-of-words.ts';

export const SURFACE_FEATURES = [
  'characters', // code points
  'words',
  'meanWordLength', // code points
  'fullStops',
  'commas',
  'questionMarks',
  'exclamationMarks',
  'apostrophes', // ' and ’
  'quotationMarks', // " and “ ”
  'digits',
  'capitalShare', // of the letters
  'startsWithQuestionWord', // 0 or 1
] as const;

// The words that open an English question: pronouns, adverbs, and the verbs that come first in a yes-or-no question.
const QUESTION_WORDS = new Set(
  (
    'who whom whose what which when where why how ' +
    'am is are was were do does did have has had can could will would shall should may might must'
  ).split(' '),
);

/** The features of a text, in the order of `SURFACE_FEATURES`. */
export function surfaceFeatures(text: string): Float64Array {
  const words = wordsOf(text);
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const letters = count(/\p{L}/gu);
  const lettersInWords = words.reduce((sum, word) => sum + codePoints(word), 0);
  return Float64Array.of(
    codePoints(text),
    words.length,
    words.length === 0 ? 0 : lettersInWords / words.length,
    count(/\./g),
    count(/,/g),
    count(/\?/g),
    count(/!/g),
    count(/['’]/g),
    count(/["“”]/g),
    count(/\p{Nd}/gu),
    letters === 0 ? 0 : count(/\p{Lu}/gu) / letters,
    QUESTION_WORDS.has(words[0] ?? '') ? 1 : 0,
  );
}

function codePoints(text: string): number {
  return Array.from(text).length;
}

/** Means and standard deviations of features, taken from training texts. */
export interface FeatureScale {
  readonly means: Float64Array; // [features]
  readonly deviations: Float64Array; // [features], divided by n; 1 where a feature never varies
}

/** @param rows features of the training texts */
export function featureScaleOf(rows: readonly Float64Array[]): FeatureScale {
  const average = (of: (row: Float64Array, feature: number) => number): Float64Array =>
    Float64Array.from(
      SURFACE_FEATURES,
      (_, feature) => rows.reduce((sum, row) => sum + of(row, feature), 0) / rows.length,
    );
  const means = average((row, feature) => row[feature] as number);
  const variances = average((row, feature) => ((row[feature] as number) - (means[feature] as number)) ** 2);
  return { means, deviations: variances.map((variance) => (variance > 0 ? Math.sqrt(variance) : 1)) };
}

/** Features with mean 0 and deviation 1 on the training texts, as rows for `fitLogistic`. */
export function standardised(rows: readonly Float64Array[], scale: FeatureScale): SparseRows {
  const width = SURFACE_FEATURES.length;
  const dense = {
    starts: new Uint32Array(rows.length + 1),
    columns: new Uint32Array(rows.length * width),
    values: new Float64Array(rows.length * width),
  };
  for (const [row, features] of rows.entries()) fillRow(dense, row, features, scale);
  return { ...dense, width };
}

/** In a function of its own: one loop over all rows is optimised while it runs, and thrown away each time it ends. */
function fillRow(
  { starts, columns, values }: Omit<SparseRows, 'width'>,
  row: number,
  features: Float64Array,
  { means, deviations }: FeatureScale,
): void {
  const start = row * features.length;
  for (let i = 0; i < features.length; i++) {
    columns[start + i] = i;
    values[start + i] = ((features[i] as number) - (means[i] as number)) / (deviations[i] as number);
  }
  starts[row + 1] = start + features.length;
}
