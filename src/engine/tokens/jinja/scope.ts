import { Undefined, type Value } from './values.ts';

/** Names of a template: each loop round, macro, call and filter block has its own, and sees those around it. */
export class Scope {
  readonly #names = new Map<string, Value>();
  readonly #outer: Scope | null;

  constructor(outer: Scope | null) {
    this.#outer = outer;
  }

  set(name: string, value: Value): void {
    this.#names.set(name, value);
  }

  get(name: string): Value {
    const value = this.#names.get(name);
    if (value !== undefined) return value;
    for (let scope = this.#outer; scope !== null; scope = scope.#outer) {
      const outer = scope.#names.get(name);
      if (outer !== undefined) return outer;
    }
    return new Undefined(`'${name.slice(0, 80)}' is undefined`);
  }
}
