/** Arguments of a call, by place or by name, as Python binds them. */
import { failed } from './fault.ts';
import { isTrue, typeName, type KeywordArguments, type Value } from './values.ts';

export class CallArguments {
  readonly #what: string; // who is called, for errors
  readonly #positional: readonly Value[];
  readonly #named: KeywordArguments;

  /** @param parameters in their order; anything else is refused. */
  constructor(what: string, parameters: readonly string[], positional: readonly Value[], named: KeywordArguments) {
    this.#what = what;
    this.#positional = positional;
    this.#named = named;
    const unknown = [...named.keys()].find((name) => !parameters.includes(name));
    if (unknown !== undefined) throw failed(`${what} got an unexpected keyword argument '${unknown}'`);
    if (positional.length > parameters.length) {
      throw failed(`${what} takes ${parameters.length} arguments, but ${positional.length} were given`);
    }
    const twice = parameters.find((name, index) => index < positional.length && named.has(name));
    if (twice !== undefined) throw failed(`${what} got multiple values for argument '${twice}'`);
    this.#parameters = parameters;
  }

  readonly #parameters: readonly string[];

  /** The value of a parameter, or undefined where none was given. */
  given(name: string): Value | undefined {
    const index = this.#parameters.indexOf(name);
    return index < this.#positional.length ? this.#positional[index] : this.#named.get(name);
  }

  /** The value of a parameter, or its preset where none was given: None is a value. */
  valueOf(name: string, preset: Value): Value {
    const value = this.given(name);
    return value === undefined ? preset : value;
  }

  text(name: string, preset?: string): string {
    const value = this.given(name);
    if (typeof value === 'string') return value;
    if (value === undefined && preset !== undefined) return preset;
    throw this.#wrong(name, value, 'a text');
  }

  whole(name: string, preset: number): number {
    const value = this.valueOf(name, preset);
    if (typeof value === 'number') return value;
    throw this.#wrong(name, value, 'a whole number');
  }

  flag(name: string, preset = false): boolean {
    const value = this.given(name);
    return value === undefined ? preset : isTrue(value);
  }

  #wrong(name: string, value: Value | undefined, wanted: string): Error {
    const got = value === undefined ? 'nothing' : typeName(value);
    return failed(`${this.#what} wants ${wanted} as '${name}', not ${got}`);
  }
}
