/** JSON documents with fields that are missing, of another type, far too large, or named like parts of JavaScript. */
import fc from 'fast-check';
import { anyText, noiseText, place, spoiltText } from './spoilt-text.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Stands for brackets nested deeper than the call stack, which are put in where the document is written. */
const DEEP = '@@deep@@';
const DEPTH = 30_000;
const HUGE = '@@huge@@'; // for a number that JSON can write and JavaScript cannot hold

export const oddNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.5, 1e-9, 127, 255, 65_536, 1e9, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53 - 1, 2 ** 53, 1e300),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

const ODD_NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'general', 'negative', 'safe'],
  ...[
    '',
    ' ',
    '.',
    '..',
    '../../etc/passwd',
    '/etc/passwd',
    'C:\\a',
    'a/b',
    'random',
    'default',
    '\u202egnp.exe',
    '\0',
  ],
  ...['x'.repeat(300), 'é', 'e\u0301', '🙂', '\ud800', '<b>x</b>', 'NaN', '0', '-1', '1e3', 'null'],
] as const;

export const oddName: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...ODD_NAMES), fc.string({ maxLength: 12 }));

export const oddJson: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: oddNumber },
  { weight: 3, arbitrary: oddName },
  { weight: 2, arbitrary: fc.constantFrom<Json>(null, true, false, [], {}, [[]], [null], { toString: 1 }, HUGE, DEEP) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>('y'.repeat(20_000), Array<number>(3000).fill(1), Array<string>(300).fill('z'), {
      toString: null,
      valueOf: null,
      length: 3,
    }),
  },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json> },
  { weight: 1, arbitrary: fc.dictionary(oddName, oddNumber, { maxKeys: 3 }) },
);

/** A document's place: the object or list, and the key or index in it. */
interface Slot {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string;
}

function slotsOf(value: unknown, slots: Slot[] = []): Slot[] {
  if (typeof value !== 'object' || value === null) return slots;
  for (const [key, inner] of Object.entries(value)) {
    slots.push({ holder: value as Slot['holder'], key });
    slotsOf(inner, slots);
  }
  return slots;
}

/** Sets an own property, of whatever name. */
function put(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

type Change = (slot: Slot, all: readonly Slot[]) => void;

const valueAt = ({ holder, key }: Slot): unknown => Object.getOwnPropertyDescriptor(holder, key)?.value;

function removeAt({ holder, key }: Slot): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else Reflect.deleteProperty(holder, key);
}

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: oddJson.map(
      (odd): Change =>
        (slot) =>
          put(slot.holder, slot.key, structuredClone(odd)),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Change>(removeAt) },
  {
    weight: 1,
    arbitrary: oddName.map((name): Change => (slot) => {
      const value = valueAt(slot);
      if (Array.isArray(slot.holder)) slot.holder.push(structuredClone(value));
      else {
        removeAt(slot);
        put(slot.holder, name, value);
      }
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(oddName, oddJson).map(([name, odd]): Change => ({ holder }) => {
      if (Array.isArray(holder)) holder.push(structuredClone(odd));
      else put(holder, name, structuredClone(odd));
    }),
  },
  {
    weight: 2, // a value from elsewhere: a name that is there twice, a list in place of its element
    arbitrary: place.map((share): Change => (slot, all) => {
      const other = all[Math.floor(share * (all.length - 1))];
      if (other !== undefined) put(slot.holder, slot.key, structuredClone(valueAt(other)));
    }),
  },
);

/** The document with one to four of its fields changed. */
export function changedJson(valid: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const changes = fc.array(fc.tuple(place, change), { minLength: 1, maxLength: 4 });
  return fc.tuple(valid, changes).map(([document, list]) => {
    const copy = structuredClone(document);
    for (const [share, apply] of list) {
      const slots = slotsOf(copy);
      const slot = slots[Math.floor(share * (slots.length - 1))];
      if (slot !== undefined) apply(slot, slots);
    }
    return copy;
  });
}

/** The document's text, with what JavaScript's values cannot say. */
export function jsonText(document: Json, indent = 0): string {
  const deep = (): string => '['.repeat(DEPTH) + ']'.repeat(DEPTH);
  return JSON.stringify(document, null, indent).replaceAll(`"${DEEP}"`, deep).replaceAll(`"${HUGE}"`, '1e999');
}

/** Texts of documents as they should be, with changed fields, spoilt as texts, and noise. */
export function anyJson(valid: fc.Arbitrary<Json>): fc.Arbitrary<string> {
  const text = (documents: fc.Arbitrary<Json>): fc.Arbitrary<string> =>
    fc.tuple(documents, fc.constantFrom(0, 0, 1)).map(([document, indent]) => jsonText(document, indent));
  return fc.oneof(
    { weight: 3, arbitrary: text(valid) },
    { weight: 6, arbitrary: text(changedJson(valid)) },
    { weight: 2, arbitrary: spoiltText(text(valid)) },
    { weight: 1, arbitrary: noiseText },
  );
}

/** One line a document. */
export function anyJsonLines(valid: fc.Arbitrary<Json>): fc.Arbitrary<string> {
  const line = fc.oneof({ weight: 8, arbitrary: valid }, changedJson(valid)).map((document) => jsonText(document));
  const end = fc.constantFrom('\n', '\n', '\r\n', '\r', '\n\n');
  return anyText(fc.tuple(fc.array(line, { maxLength: 12 }), end).map(([lines, between]) => lines.join(between)));
}
