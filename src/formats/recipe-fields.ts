/** Fields of a recipe's JSON, each checked once. */
import type { LabError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from './json.ts';

export type FailRecipe = (problem: string) => LabError;

/** One object of a recipe; every reader throws an error that names the field. */
export class RecipeFields {
  readonly #json: JsonObject;
  readonly #where: string; // 'label.' for the fields of the object `label`
  readonly #fail: FailRecipe;

  constructor(json: JsonObject, fail: FailRecipe, where = '') {
    this.#json = json;
    this.#fail = fail;
    this.#where = where;
  }

  has(key: string): boolean {
    return (this.#json[key] ?? null) !== null;
  }

  fail(key: string, problem: string): LabError {
    return this.#fail(`${this.#where}${key} ${problem}`);
  }

  text(key: string): string {
    const value = this.#json[key];
    if (typeof value !== 'string' || value === '') throw this.fail(key, 'is no text');
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
    if (!Number.isSafeInteger(value) || (value as number) < 1) throw this.fail(key, 'is no whole number from 1 up');
    return value as number;
  }

  object(key: string): RecipeFields {
    const value = this.#json[key];
    if (!isJsonObject(value)) throw this.fail(key, 'is no object');
    return new RecipeFields(value, this.#fail, `${this.#where}${key}.`);
  }

  objects(key: string): RecipeFields[] {
    return this.#array(key).map((value, index) => {
      if (!isJsonObject(value)) throw this.fail(`${key}[${index}]`, 'is no object');
      return new RecipeFields(value, this.#fail, `${this.#where}${key}[${index}].`);
    });
  }

  texts(key: string): string[] {
    return this.#array(key).map((value, index) => {
      if (typeof value !== 'string' || value === '') throw this.fail(`${key}[${index}]`, 'is no text');
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
        if (typeof value !== 'number' || !(value > 0)) throw inner.fail(name, 'is no number above 0');
        return [name, value];
      }),
    );
  }

  keys(): string[] {
    return Object.keys(this.#json);
  }

  #array(key: string): readonly unknown[] {
    const value = this.#json[key];
    if (!Array.isArray(value) || value.length === 0) throw this.fail(key, 'is no list');
    return value;
  }
}
