import { describe, expect, test } from 'vitest';
import { isolated, shownText, wholeText } from '../../../../src/core/text/visible-text.ts';

const FAMILY = '👨‍👩‍👧';

describe('a name that somebody brought along', () => {
  test.each([
    ['a plain one stays', 'Our own study', 'Our own study'],
    ['letters of every script stay', 'Étude über naïve 研究', 'Étude über naïve 研究'],
    ['a right-to-left override turns nothing', 'abc\u202Edrow eht', 'abc drow eht'],
    ['nor does an isolate that ends early', '\u2069\u202Eabc', 'abc'],
    ['it stands on one line', 'one\ntwo\r\n\tthree\u2028four', 'one two three four'],
    ['a joined emoji stays whole', FAMILY, FAMILY],
    ['what is not seen is said', '\u200b\u2060\u200d \u3164', '(blank)'],
    ['nothing stays nothing', '', ''],
  ])('%s', (_, text, shown) => {
    expect(shownText(text)).toBe(shown);
  });

  test('a long one is cut, and says so', () => {
    expect(shownText('x'.repeat(5_000_000))).toBe(`${'x'.repeat(80)}…`);
    expect(shownText('x'.repeat(81))).toBe(`${'x'.repeat(80)}…`);
    expect(shownText('x'.repeat(80))).toBe('x'.repeat(80));
    expect(shownText('\u202e'.repeat(1000))).toBe('(blank)');
  });

  test('a cut never parts a character', () => {
    expect(shownText(FAMILY.repeat(3), 10)).toBe(`${FAMILY}…`);
    expect(shownText('😀'.repeat(50), 9)).toBe('😀😀😀😀…');
    expect(shownText(`e${'\u0301'.repeat(5000)}`, 20)).toHaveLength(21);
  });

  test('has its whole text beside it where it is cut, within reason', () => {
    expect(wholeText('short')).toBeNull();
    expect(wholeText('y'.repeat(300))).toBe('y'.repeat(300));
    expect(wholeText('y'.repeat(5_000_000))).toHaveLength(2001);
  });

  test('in a sentence keeps its direction to itself', () => {
    expect(isolated('plain')).toBe('plain');
    expect(isolated('\u202eשלום\u2069')).toBe('\u2068שלום\u2069');
  });
});
