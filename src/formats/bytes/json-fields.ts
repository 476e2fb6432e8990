/** Fields of a JSON object, each checked once. */
import { shown } from '../../core/text/quote.ts';
import type { LabError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject } from './json.ts';

export type FailField = (problem: string) => LabError;

/** What numbers of a list may be. */
export interface NumberRange {
  readonly least: number;
  readonly most: number;
  readonly gaps?: boolean; // null stands for what was not measured, and is read as NaN
}

const ANY: NumberRange = { least: -Number.MAX_VALUE, most: Number.MAX_VALUE };

/** One object of a file; every reader throws an error that names the field. */
export class JsonFields {
  readonly #json: JsonObject;
  readonly #where: string; // 'label.' for the fields of the object `label`
  readonly #fail: FailField;

  constructor(json: JsonObject, fail: FailField, where = '') {
    this.#json = json;
    this.#fail = fail;
    this.#where = where;
  }

  has(key: string): boolean {
    return (this.#json[key] ?? null) !== null;
  }

  fail(key: string, problem: string): LabError {
    return this.#fail(`${shown(`${this.#where}${key}`)} ${problem}`);
  }

  /** A text that is not empty, of so many characters at most. */
  text(key: string, longest = Infinity): string {
    const value = this.#json[key];
    if (typeof value !== 'string' || value === '') throw this.fail(key, 'is not text');
    if (value.length > longest) throw this.fail(key, `has ${value.length} characters, more than ${longest}`);
    return value;
  }

  flag(key: string): boolean {
    const value = this.#json[key];
    if (typeof value !== 'boolean') throw this.fail(key, 'is neither true nor false');
    return value;
  }

  oneOf<T extends string>(key: string, known: readonly T[]): T {
    const value = known.find((name) => name === this.#json[key]);
    if (value === undefined) throw this.fail(key, `is not one of ${known.join(', ')}`);
    return value;
  }

  /** A whole number from 1 up; null where it is left out. */
  optionalCount(key: string): number | null {
    if (!this.has(key)) return null;
    const value = this.#json[key];
    if (!Number.isSafeInteger(value) || (value as number) < 1) throw this.fail(key, 'is not a whole number from 1');
    return value as number;
  }

  object(key: string): JsonFields {
    const value = this.#json[key];
    if (!isJsonObject(value)) throw this.fail(key, 'is not an object');
    return new JsonFields(value, this.#fail, `${this.#where}${key}.`);
  }

  /** A list of objects, so many at most. */
  objects(key: string, most = Infinity): JsonFields[] {
    return this.#array(key, most).map((value, index) => {
      if (!isJsonObject(value)) throw this.fail(`${key}[${index}]`, 'is not an object');
      return new JsonFields(value, this.#fail, `${this.#where}${key}[${index}].`);
    });
  }

  /** A list of texts, so many at most. */
  texts(key: string, most = Infinity): string[] {
    return this.#array(key, most).map((value, index) => {
      if (typeof value !== 'string' || value === '') throw this.fail(`${key}[${index}]`, 'is not text');
      return value;
    });
  }

  /** An object whose values are texts, in its order. */
  names(key: string): Map<string, string> {
    const inner = this.object(key);
    return new Map(inner.keys().map((name) => [name, inner.text(name)]));
  }

  /** An object whose values are numbers above 0, in its order. */
  shares(key: string): Map<string, number> {
    const inner = this.object(key);
    return new Map(
      inner.keys().map((name) => {
        const value = inner.#json[name];
        if (typeof value !== 'number' || !(value > 0)) throw inner.fail(name, 'is not a number above 0');
        return [name, value];
      }),
    );
  }

  /** A whole number within bounds. */
  count(key: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#json[key];
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    throw this.fail(
      key,
      `is not a whole number ${most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`}`,
    );
  }

  /** A number within bounds. */
  number(key: string, least = -Infinity, most = Infinity): number {
    const value = this.#json[key];
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw this.fail(key, least === -Infinity ? 'is not a number' : `is not a number from ${least} to ${most}`);
  }

  /** A list of objects, so many at most, which may be empty. */
  list(key: string, most = Infinity): JsonFields[] {
    const value = this.#json[key];
    if (!Array.isArray(value)) throw this.fail(key, 'is not a list');
    return value.length === 0 ? [] : this.objects(key, most);
  }

  /** A list of numbers; of that length, where one is given. */
  numbers(key: string, length: number | null = null, range = ANY): number[] {
    return this.#numbersIn(this.#json[key], key, length, range);
  }

  /** A list of `rows` lists of `columns` numbers. */
  rows(key: string, rows: number, columns: number, range = ANY): number[][] {
    const value = this.#json[key];
    if (!Array.isArray(value) || value.length !== rows) throw this.fail(key, `is not a list of ${rows} rows`);
    return value.map((row: unknown, index) => this.#numbersIn(row, `${key}[${index}]`, columns, range));
  }

  #numbersIn(value: unknown, key: string, length: number | null, { least, most, gaps = false }: NumberRange): number[] {
    if (!Array.isArray(value)) throw this.fail(key, 'is not a list of numbers');
    if (length !== null && value.length !== length) throw this.fail(key, `has ${value.length} numbers, not ${length}`);
    return value.map((entry: unknown, index) => {
      if (entry === null && gaps) return NaN;
      if (typeof entry === 'number' && entry >= least && entry <= most) return entry;
      throw this.fail(
        `${key}[${index}]`,
        typeof entry === 'number' ? `is not a number from ${least} to ${most}` : 'is not a number',
      );
    });
  }

  /** What is under a key, unchecked. */
  raw(key: string): unknown {
    return this.#json[key];
  }

  keys(): string[] {
    return Object.keys(this.#json);
  }

  #array(key: string, most: number): readonly unknown[] {
    const value = this.#json[key];
    if (!Array.isArray(value) || value.length === 0) throw this.fail(key, 'is not a list');
    if (value.length > most) throw this.fail(key, `has ${value.length} entries, more than ${most}`);
    return value;
  }
}
