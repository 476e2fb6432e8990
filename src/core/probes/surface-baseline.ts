/**
 * How well classes can be told apart without any model: logistic regression on the words of a prompt, and on its length and
 * punctuation. What a probe's AUROC adds over these is what the model's activations add over surface cues.
 */
import { bagsOfWords, vocabularyOf, wordsOf, type SplitWords } from '../text/bag-of-words.ts';
import type { SparseRows } from './sparse-features.ts';
import type { LinearProbe } from './linear-probe.ts';
import { fitLogistic, type LogisticOptions } from './logistic.ts';
import { featureScaleOf, standardised, surfaceFeatures } from './surface-features.ts';

export type SurfaceBaselineName = 'words' | 'length-and-punctuation';

export interface SurfaceOptions extends LogisticOptions {
  /** `surfaceFeatures`, or one that remembers: several baselines of the same texts then count them once. */
  readonly featuresOf?: (text: string) => Float64Array;
  readonly split?: SplitWords;
}

/** Log odds of harmful for each of the texts. */
export type TextScorer = (texts: readonly string[]) => Float64Array;

/**
 * Fits a baseline to training texts. Vocabulary and scale come from them alone; a word that was never seen counts nothing.
 * @param labels [texts], 1 harmful and 0 safe
 * @throws LabError as `fitLogistic`, or when the texts have no words
 */
export function fitSurfaceBaseline(
  name: SurfaceBaselineName,
  texts: readonly string[],
  labels: Uint8Array,
  { featuresOf = surfaceFeatures, split = wordsOf, ...options }: SurfaceOptions = {},
): TextScorer {
  const rowsOf = name === 'words' ? wordRows(texts, split) : lengthRows(texts, featuresOf);
  const probe = fitLogistic(rowsOf(texts), labels, options);
  return (others) => decisions(probe, rowsOf(others));
}

type Rows = (texts: readonly string[]) => SparseRows;

function wordRows(training: readonly string[], split: SplitWords): Rows {
  const vocabulary = vocabularyOf(training, split);
  return (texts) => bagsOfWords(texts, vocabulary, split);
}

function lengthRows(training: readonly string[], featuresOf: (text: string) => Float64Array): Rows {
  const scale = featureScaleOf(training.map(featuresOf));
  return (texts) => standardised(texts.map(featuresOf), scale);
}

function decisions({ weights, intercept }: LinearProbe, { starts, columns, values }: SparseRows): Float64Array {
  return Float64Array.from({ length: starts.length - 1 }, (_, row) => {
    let sum = intercept;
    for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
      sum += (values[at] as number) * (weights[columns[at] as number] as number);
    }
    return sum;
  });
}
