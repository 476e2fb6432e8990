/** Values of a template as Python has them: what they are called, print as and equal. */
import { failed, unsupported, type Budget } from './fault.ts';
import { reprText } from './python-text.ts';

export type Value =
  | null // None
  | boolean
  | number // an int
  | Float
  | string
  | Sequence
  | Stream
  | Dict
  | Namespace
  | Loop
  | Undefined
  | Callable;

/** What a name, key or attribute gives that is not there. `what` says so: `'tools' is undefined`. */
export class Undefined {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type SequenceKind = 'list' | 'tuple' | 'range' | 'dict view';

export class Sequence {
  readonly items: readonly Value[];
  readonly kind: SequenceKind;
  constructor(items: readonly Value[], kind: SequenceKind = 'list') {
    this.items = items;
    this.kind = kind;
  }
}

/** What `map`, `select` and their like give: items that can be gone through once. */
export class Stream {
  #items: readonly Value[];
  constructor(items: readonly Value[]) {
    this.#items = items;
  }

  take(): readonly Value[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** The first item alone, as `first` takes it; none where none is left. */
  takeFirst(): readonly Value[] {
    const first = this.#items.slice(0, 1);
    this.#items = this.#items.slice(1);
    return first;
  }
}

export type Key = string | number | boolean | null;

export class Dict {
  readonly entries: ReadonlyMap<Key, Value>;
  constructor(entries: ReadonlyMap<Key, Value>) {
    this.entries = entries;
  }
}

export class Namespace {
  readonly attributes = new Map<string, Value>();
}

/** The `loop` of a for loop. */
export class Loop {
  readonly attributes: ReadonlyMap<string, Value>;
  constructor(attributes: ReadonlyMap<string, Value>) {
    this.attributes = attributes;
  }
}

export type KeywordArguments = ReadonlyMap<string, Value>;

export class Callable {
  readonly name: string;
  readonly call: (args: readonly Value[], named: KeywordArguments) => Value;
  constructor(name: string, call: Callable['call']) {
    this.name = name;
    this.call = call;
  }
}

/** The item at a place, counted from the end where it is negative; undefined for one that says why there is none. */
export function itemAt(items: readonly Value[], at: number, why: string): Value {
  const one = items.at(at);
  return one === undefined ? new Undefined(why) : one; // None is an item
}

/** Python's name of a value's type, for errors. */
export function typeName(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
  if (typeof value === 'string') return 'str';
  if (value instanceof Float) return 'float';
  if (value instanceof Sequence) return value.kind;
  if (value instanceof Stream) return 'generator';
  if (value instanceof Dict) return 'dict';
  if (value instanceof Namespace) return 'namespace';
  if (value instanceof Loop) return 'loop';
  if (value instanceof Callable) return 'function';
  return 'undefined';
}

export function isTrue(value: Value): boolean {
  if (value instanceof Undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string') return value !== '';
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Sequence) return value.items.length > 0;
  if (value instanceof Dict) return value.entries.size > 0;
  return true;
}

/** The number that arithmetic sees, or null for what is none. */
export function numeric(value: Value): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Float ? value.value : null;
}

export function areEqual(a: Value, b: Value, budget: Budget): boolean {
  budget.step();
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== null && right !== null) return left === right;
  if (a instanceof Sequence && b instanceof Sequence) {
    if (a.kind === 'dict view' || b.kind === 'dict view') throw unsupported('comparing the views of a dict');
    if (a.kind !== b.kind || a.items.length !== b.items.length) return false;
    return a.items.every((item, index) => areEqual(item, b.items[index] ?? null, budget));
  }
  if (a instanceof Dict && b instanceof Dict) {
    if (a.entries.size !== b.entries.size) return false;
    return [...a.entries].every(([key, value]) => {
      const other = b.entries.get(key);
      return other !== undefined && areEqual(value, other, budget);
    });
  }
  if (a instanceof Undefined && b instanceof Undefined) return true;
  return a === b;
}

/** What `str` gives, which is what a template prints. */
export function print(value: Value, budget: Budget): string {
  if (typeof value === 'string') return value;
  if (value instanceof Undefined) return '';
  return repr(value, budget);
}

function repr(value: Value, budget: Budget): string {
  budget.step();
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    budget.text(value.length);
    return reprText(value);
  }
  if (value instanceof Float) return reprFloat(value.value);
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Dict) {
    const parts = [...value.entries].map(([key, item]) => `${repr(key, budget)}: ${repr(item, budget)}`);
    return `{${parts.join(', ')}}`;
  }
  if (value instanceof Sequence && (value.kind === 'list' || value.kind === 'tuple')) {
    const parts = value.items.map((item) => repr(item, budget));
    if (value.kind === 'list') return `[${parts.join(', ')}]`;
    return parts.length === 1 ? `(${parts.join('')},)` : `(${parts.join(', ')})`;
  }
  throw unsupported(`printing a ${typeName(value)}`);
}

/** A float as Python writes it. */
export function reprFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (size >= 1e16 || size < 1e-4) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    const sign = exponent.startsWith('-') ? '-' : '+';
    return `${digits}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A whole number that is still exact; Python's have no end, JavaScript's do. */
export function int(value: number): number {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  throw unsupported('whole numbers of more than 53 bits');
}

/** What a for loop goes through. Throws for what Python cannot iterate. */
export function itemsOf(value: Value): readonly Value[] {
  if (value instanceof Sequence) return value.items;
  if (value instanceof Stream) return value.take();
  if (value instanceof Dict) return [...value.entries.keys()];
  if (typeof value === 'string') return Array.from(value);
  if (value instanceof Undefined) return [];
  throw failed(`'${typeName(value)}' object is not iterable`);
}

/** A value that can be a dict's key, where Python and JavaScript agree on what equals what. */
export function keyOf(value: Value): Key {
  if (typeof value === 'string' || value === null) return value;
  if (typeof value === 'number') return value;
  throw unsupported(`a ${typeName(value)} as a key`);
}
