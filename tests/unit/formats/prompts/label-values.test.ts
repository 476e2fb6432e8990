import { describe, expect, it } from 'vitest';
import { polarityOf } from '../../../../src/formats/prompts/column-names.ts';
import { readLabelWord } from '../../../../src/formats/prompts/label-values.ts';

describe('readLabelWord', () => {
  it.each([
    ['safe', ['safe', ' SAFE ', '"Safe"', '“safe”', 'harmless', 'unharmful', 'benign', 'non-toxic', 'not harmful', 'no harm', 'vanilla_benign']], // prettier-ignore
    ['harmful', ['harmful', 'Unsafe', 'toxic', 'malicious', 'not safe', 'adversarial_harmful', "'unsafe'"]],
  ])('reads words for %s', (label, words) => {
    for (const word of words) expect([word, readLabelWord(word)]).toEqual([word, { kind: 'class', label }]);
  });

  it.each([
    [{ kind: 'flag', yes: true }, ['yes', 'Y', 'TRUE', 't']],
    [{ kind: 'flag', yes: false }, ['no', 'n', 'False']],
    [{ kind: 'number', value: 1 }, ['1', '1.0', '+1', '1.', '1,0', '１']],
    [{ kind: 'number', value: -1 }, ['-1', '−1', '–1', '-1.00']],
    [{ kind: 'score' }, ['0.73', '.5', '0,73', '7.3e-1']],
    [{ kind: 'none' }, ['', '  ', 'null', 'NaN', 'N/A', '-', '?', 'unlabelled']],
    [{ kind: 'other' }, ['Needs Caution', 'safe targets', 'safe unsafe', 'positive', '__proto__', 'constructor', 'None', '1 0']], // prettier-ignore
  ] as const)('tells %o', (word, cells) => {
    for (const cell of cells) expect([cell, readLabelWord(cell)]).toEqual([cell, word]);
  });
});

describe('polarityOf', () => {
  it.each([
    ['safe', ['is_safe', 'Safe', 'isSafe', 'prompt_is_safe', 'not_harmful', 'non-toxic', 'benign']],
    [
      'harmful',
      ['is_harmful', 'harmful', 'unsafe', 'toxicity', 'toxicity_score', 'toxic', 'prompt_harm_label', 'not safe'],
    ],
    ['neutral', ['label', 'LABELS', 'prompt_label', 'class', 'ground_truth']],
    ['truth', ['truth']],
    ['unclear', ['safety_label', 'rating']],
    [null, ['category', 'response_label', 'is_response_safe', 'severe_toxic', 'harm_category', 'id', '__proto__', '']],
  ] as const)('is %s', (polarity, names) => {
    for (const name of names) expect([name, polarityOf(name)]).toEqual([name, polarity]);
  });
});
