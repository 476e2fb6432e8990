/** Texts that somebody cut, spliced or wrote into, and texts of nothing in particular. */
import fc from 'fast-check';

/** What does not belong where it stands, whatever the format. */
const ODD_TEXTS = [
  ...['"', "'", '{', '}', '[', ']', ',', ':', ';', '\t', '\n', '\r\n', '\r', '\0', '\\', '\\u', '\\ud800', '\ufeff'],
  ...['null', 'true', '-', '1e999', '-0', '0x10', 'NaN', 'Infinity', '__proto__', 'constructor', '\u202e', '\u2028'],
  ...[
    '{%',
    '%}',
    '{{',
    '}}',
    '{#',
    '#}',
    'é',
    '🙂',
    '\ud83d',
    '\u0301',
    'İ',
    'ß',
    '<img src=x onerror=alert(1)>',
    '=1+1',
  ],
  ...['9007199254740993', '18446744073709551616', 'a'.repeat(3000), '[['.repeat(5000), '{"a":'.repeat(5000)],
  ...['version https://git-lfs.github.com/spec/v1\noid sha256:', 'GGUF', '<!DOCTYPE html><html>'],
] as const;

export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  fc.string({ unit: 'binary', maxLength: 8 }),
);

/** Where in a text or a file: a share of its length. */
export const place = fc.double({ min: 0, max: 1, noNaN: true });

type Edit = (text: string) => string;

const at = (text: string, share: number): number => Math.floor(share * text.length);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  place.map(
    (end): Edit =>
      (text) =>
        text.slice(0, at(text, end)),
  ),
  place.map(
    (start): Edit =>
      (text) =>
        text.slice(at(text, start)),
  ),
  fc.tuple(place, fc.nat(12)).map(([start, length]): Edit => (text) => {
    return text.slice(0, at(text, start)) + text.slice(at(text, start) + length);
  }),
  fc.tuple(place, oddText).map(([where, odd]): Edit => (text) => {
    return text.slice(0, at(text, where)) + odd + text.slice(at(text, where));
  }),
  fc.tuple(place, place, place).map(([from, to, where]): Edit => (text) => {
    const piece = text.slice(at(text, Math.min(from, to)), at(text, Math.max(from, to)));
    return text.slice(0, at(text, where)) + piece + text.slice(at(text, where));
  }),
  fc.tuple(place, fc.nat(0x2ff)).map(([where, code]): Edit => (text) => {
    return text.slice(0, at(text, where)) + String.fromCharCode(code) + text.slice(at(text, where) + 1);
  }),
);

/** Texts with one to three edits; sometimes two halves of different ones. */
export function spoiltText(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edited = fc
    .tuple(text, fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([whole, edits]) => edits.reduce((now, change) => change(now), whole));
  const spliced = fc
    .tuple(text, text, place, place)
    .map(([a, b, end, start]) => a.slice(0, at(a, end)) + b.slice(at(b, start)));
  return fc.oneof({ weight: 4, arbitrary: edited }, spliced);
}

export const noiseText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(oddText, { maxLength: 20 }).map((texts) => texts.join('')),
  fc.json({ maxDepth: 4 }),
);

/** Texts of a format as they should be, spoilt ones, and noise. */
export function anyText(valid: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: valid },
    { weight: 5, arbitrary: spoiltText(valid) },
    { weight: 1, arbitrary: noiseText },
  );
}
