import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { SHOWN_LENGTH, shown, shownNames, shownValue } from '../../../../src/core/text/quote.ts';
import { testSeed } from '../../../support/test-seed.ts';

const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const RUNS = { seed: testSeed(7), numRuns: 500 };
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom('a', '\u202e', '\n', '\ud83d', '👩‍🔬', '\0'), maxLength: 300 }),
);

describe('text that a message quotes', () => {
  it('is left as it is where it is short and can be seen', () => {
    for (const text of ['', 'model.embed_tokens.weight', 'Grüße', '日本語', '👩‍🔬', 'می‌خواهم'])
      expect(shown(text)).toBe(text);
  });

  it('is cut in its middle, so that a path keeps its file', () => {
    const path = `/home/${'a'.repeat(5e6)}/model.safetensors`;
    expect(shown(path)).toHaveLength(SHOWN_LENGTH);
    expect(shown(path)).toMatch(/^\/home\/aaa.*…a+\/model\.safetensors$/);
  });

  it('writes what cannot be seen as escapes', () => {
    expect(shown('a\nb\tc\u001b[2J\u202eolmo\u0085\u2028')).toBe('a\\nb\\tc\\u{1b}[2J\\u{202e}olmo\\u{85}\\u{2028}');
    expect(shown('\ud83d')).toBe('\\u{d83d}');
  });

  it('is never longer than its limit, never unseen, and never half a character', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 12, max: 120 }), (text, limit) => {
        const result = shown(text, limit);
        expect(result.length).toBeLessThanOrEqual(limit);
        expect(result).not.toMatch(UNSEEN);
      }),
      RUNS,
    );
  });
});

describe('a value that a message quotes', () => {
  it('is written as JSON', () => {
    expect(shownValue({ a: [1, 'x', null, true], b: {} })).toBe('{"a":[1,"x",null,true],"b":{}}');
    expect(shownValue('olmo\u202e')).toBe('"olmo\\u{202e}"');
    expect(shownValue(undefined)).toBe('undefined');
    expect(shownValue(NaN)).toBe('NaN');
  });

  it('is cut, however long, wide or deep', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 200_000; level++) deep = [deep];
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]));
    for (const value of [deep, wide, Array(1e6).fill(7), 'y'.repeat(1e7), { ['k'.repeat(1e6)]: 1 }]) {
      const text = shownValue(value);
      expect(text.length).toBeLessThanOrEqual(SHOWN_LENGTH + 2);
      expect(text).toContain('…');
    }
  });

  it('has a bound for every value of JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = shownValue(value);
        expect(text.length).toBeLessThanOrEqual(SHOWN_LENGTH + 2);
        expect(text).not.toMatch(UNSEEN);
        if (!text.includes('…') && !text.includes('\\')) {
          expect(text).toBe(typeof value === 'string' ? `"${value}"` : JSON.stringify(value));
        }
      }),
      RUNS,
    );
  });
});

describe('a list of names', () => {
  it('says how many more there are', () => {
    expect(shownNames(['a', 'b'])).toBe('a, b');
    expect(shownNames(Array.from({ length: 20_000 }, (_, i) => `c${i}`))).toBe(
      'c0, c1, c2, c3, c4, c5, c6, c7 and 19992 more',
    );
  });
});

describe('an error', () => {
  it('holds no more than some lines and nothing unseen, whatever its message repeats', () => {
    const error = new LabError('format', `model_type ${'x'.repeat(3e6)}`, `Take \u202e${'y'.repeat(3e6)}`);
    expect(error.message.length).toBeLessThanOrEqual(600);
    expect(error.nextStep.length).toBeLessThan(620); // with its escapes
    expect(error.nextStep).not.toMatch(UNSEEN);
  });
});
