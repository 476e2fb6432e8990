import { expect, it } from 'vitest';
import { bagsOfWords, vocabularyOf, wordsOf } from '../../../../src/core/text/bag-of-words.ts';
import { auroc } from '../../../../src/core/statistics/auroc.ts';
import { fitSurfaceBaseline } from '../../../../src/core/probes/surface-baseline.ts';
import { SURFACE_FEATURES, surfaceFeatures } from '../../../../src/core/probes/surface-features.ts';
import golden from '../../../fixtures/statistics/words.json' with { type: 'json' };

const labels = Uint8Array.from(golden.labels);

it('has the vocabulary and counts of scikit-learn’s CountVectorizer', () => {
  const vocabulary = vocabularyOf(golden.training);
  expect([...vocabulary.keys()]).toEqual(golden.vocabulary);
  const { starts, columns, values, width } = bagsOfWords(golden.heldOut, vocabulary);
  const counts = new Array<number>(golden.heldOut.length * width).fill(0);
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at++) {
      counts[row * width + (columns[at] ?? 0)] = values[at] ?? NaN;
    }
  }
  expect(counts).toEqual(golden.counts);
});

it('scores held-out texts as scikit-learn’s logistic regression on them', () => {
  const scores = fitSurfaceBaseline('words', golden.training, labels, { tolerance: 1e-10 })(golden.heldOut);
  for (const [i, score] of scores.entries()) expect(Math.abs(score - (golden.scores[i] ?? NaN))).toBeLessThan(1e-6);
});

it('counts what can be counted without reading', () => {
  const named = (text: string): Record<string, number> =>
    Object.fromEntries(SURFACE_FEATURES.map((name, i) => [name, surfaceFeatures(text)[i] ?? NaN]));
  expect(named('Who said "No, 42!"? It’s Ünal. 𝒳')).toEqual({
    characters: 32,
    words: 8, // Who said No 42 It s Ünal 𝒳
    meanWordLength: 19 / 8,
    fullStops: 1,
    commas: 1,
    questionMarks: 1,
    exclamationMarks: 1,
    apostrophes: 1,
    quotationMarks: 2,
    digits: 2,
    capitalShare: 5 / 17,
    startsWithQuestionWord: 1,
  });
  expect(named('')['meanWordLength']).toBe(0);
  expect(named('?!')['capitalShare']).toBe(0);
  expect(wordsOf("Don't naïve_1")).toEqual(['don', 't', 'naïve_1']);
});

it('tells classes apart by punctuation alone where that is what differs, and takes no scale from held-out texts', () => {
  const texts = Array.from({ length: 30 }, (_, i) => `word number ${i % 5}${i % 2 === 0 ? '!' : '.'}`);
  const marks = Uint8Array.from(texts, (text) => (text.endsWith('!') ? 1 : 0));
  const score = fitSurfaceBaseline('length-and-punctuation', texts, marks);
  const alone = score(['something else!']);
  const among = score(['something else!', 'x'.repeat(5000), 'something else.']);
  expect(among[0]).toBe(alone[0]);
  expect(auroc(Float64Array.of(among[0] ?? NaN), Float64Array.of(among[2] ?? NaN))).toBe(1);
});

it('refuses texts without words', () => {
  expect(() => fitSurfaceBaseline('words', ['?', '!'], Uint8Array.of(0, 1))).toThrow('2 texts without a word');
});
