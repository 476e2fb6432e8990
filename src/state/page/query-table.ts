/**
 * A page's choices as a query, in one table: each parameter's key, its reading and its writing. Values that are the default are
 * left out; a value that cannot be read falls back to the default and is reported.
 */

/** Least and most, and the step between two values; a whole step asks for whole numbers. */
export interface QueryRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface Codec<T> {
  readonly expects: string; // shown to whoever opens a link that says something else
  readonly read: (text: string) => T | undefined;
  readonly write: (value: T) => string;
}

export interface UrlProblem {
  readonly key: string;
  readonly text: string;
  readonly reason: string; // why it could not be used
}

interface Param<T> {
  readonly key: string;
  readonly codec: Codec<T>;
}

export type QueryTable<P> = { readonly [K in keyof P]: Param<P[K]> };

const LONGEST_TEXT = 1000; // characters of a value that is only to be shown

const NUMERAL = /^-?\d+(\.\d+)?$/;

export function readNumber(text: string, range: QueryRange): number | undefined {
  if (!NUMERAL.test(text)) return undefined;
  const value = Number(text);
  if (value < range.min || value > range.max) return undefined;
  return Number.isInteger(range.step) && !Number.isInteger(value) ? undefined : value;
}

export function number(range: QueryRange): Codec<number> {
  const kind = Number.isInteger(range.step) ? 'a whole number' : 'a number';
  return {
    expects: `${kind} from ${range.min} to ${range.max}`,
    read: (text) => readNumber(text, range),
    write: String,
  };
}

export function numberOr<T>(range: QueryRange, word: string, meaning: T): Codec<number | T> {
  const inner = number(range);
  return {
    expects: `${inner.expects}, or “${word}”`,
    read: (text) => (text === word ? meaning : inner.read(text)),
    write: (value) => (typeof value === 'number' ? inner.write(value) : word),
  };
}

export function oneOf<const T extends string>(...values: readonly T[]): Codec<T> {
  return {
    expects: `one of ${values.join(', ')}`,
    read: (text) => values.find((value) => value === text),
    write: (value) => value,
  };
}

export const flag: Codec<boolean> = {
  expects: '0 or 1',
  read: (text) => (text === '1' ? true : text === '0' ? false : undefined),
  write: (value) => (value ? '1' : '0'),
};

export const anyText: Codec<string> = { expects: 'any text', read: (text) => text, write: (text) => text };

/** Reads `key=value&…`. Never fails: what cannot be read is in `problems`. `others`: keys that the page reads itself. */
export function readQuery<P extends object>(
  query: string,
  table: QueryTable<P>,
  defaults: P,
  others: readonly string[] = [],
): { readonly params: P; readonly problems: readonly UrlProblem[] } {
  const given = new URLSearchParams(query);
  const problems: UrlProblem[] = [];
  const known = new Set<string>(others);
  const params = { ...defaults };
  for (const name of Object.keys(table) as (keyof P)[]) {
    const { key, codec } = table[name];
    known.add(key);
    const text = given.get(key);
    if (text === null) continue;
    const value = codec.read(text);
    if (value === undefined)
      problems.push({ key, text: text.slice(0, LONGEST_TEXT), reason: `expected ${codec.expects}` });
    else params[name] = value;
  }
  for (const [key, text] of given) {
    if (known.has(key)) continue;
    problems.push({ key, text: text.slice(0, LONGEST_TEXT), reason: 'this page has no such setting' });
  }
  return { params, problems };
}

/** The query that reads back as these choices; equal choices give equal text. */
export function writeQuery<P extends object>(params: P, table: QueryTable<P>, defaults: P): string {
  const written = new URLSearchParams();
  for (const name of Object.keys(table) as (keyof P)[]) {
    const { key, codec } = table[name];
    const text = codec.write(params[name]);
    if (text !== codec.write(defaults[name])) written.set(key, text);
  }
  return written.toString();
}
