/** Attributes, items and methods of a template's values: those of Python that chat templates use, others refused by name. */
import { CallArguments } from './call-arguments.ts';
import { failed, unsupported, type Budget } from './fault.ts';
import { TEXT_METHODS, UNSUPPORTED_TEXT_METHODS, type Method } from './text-methods.ts';
import {
  areEqual,
  Callable,
  Dict,
  Loop,
  Namespace,
  numeric,
  Sequence,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

/** `value.name`: an attribute first, then what lies under that key. */
export function attribute(value: Value, name: string, budget: Budget): Value {
  return methodOf(value, name, budget) ?? found(entry(value, name, budget), value, name);
}

/** `value[key]`: what lies under the key first, then an attribute. */
export function item(value: Value, key: Value, budget: Budget): Value {
  const there = entry(value, key, budget);
  if (there !== undefined || typeof key !== 'string') return found(there, value, key);
  return methodOf(value, key, budget) ?? found(undefined, value, key);
}

function found(there: Value | undefined, value: Value, key: Value): Value {
  if (there !== undefined) return there;
  const name =
    typeof key === 'string' ? `'${key.slice(0, 80)}'` : typeof key === 'number' ? String(key) : typeName(key);
  if (typeof key === 'number') return new Undefined(`'${typeName(value)} object' has no element ${name}`);
  return new Undefined(`'${typeName(value)} object' has no attribute ${name}`);
}

function entry(value: Value, key: Value, budget: Budget): Value | undefined {
  if (value instanceof Undefined) throw failed(value.what);
  if (value instanceof Dict) {
    if (typeof key === 'string' || key === null) return value.entries.get(key);
    return [...value.entries].find(([known]) => known === key || known === Number(key))?.[1];
  }
  if (value instanceof Namespace || value instanceof Loop) {
    return typeof key === 'string' ? value.attributes.get(key) : undefined;
  }
  if (value instanceof Callable) throw unsupported(`attributes of ${value.name}`);
  if (typeof key === 'string' && numeric(value) !== null && NUMBER_ATTRIBUTES.includes(key))
    throw unsupported(`${key} of a number`);
  const index = typeof key === 'boolean' ? Number(key) : key;
  if (typeof index !== 'number') return undefined;
  if (typeof value === 'string') {
    budget.text(value.length);
    return Array.from(value).at(index);
  }
  return value instanceof Sequence && value.kind !== 'dict view' ? value.items.at(index) : undefined;
}

function methodOf(value: Value, name: string, budget: Budget): Callable | null {
  if (name.startsWith('__')) throw failed(`access to attribute '${name.slice(0, 80)}' is unsafe`);
  if (typeof value === 'string') return bound(value, name, TEXT_METHODS, UNSUPPORTED_TEXT_METHODS, budget);
  if (value instanceof Dict) return bound(value, name, DICT_METHODS, UNSUPPORTED_DICT_METHODS, budget);
  if (value instanceof Sequence && value.kind !== 'dict view') {
    const others = value.kind === 'list' ? UNSUPPORTED_LIST_METHODS : [];
    return bound(value, name, LIST_METHODS, others, budget);
  }
  return null;
}

function bound<T extends Value>(
  self: T,
  name: string,
  methods: Readonly<Record<string, Method<T>>>,
  others: readonly string[],
  budget: Budget,
): Callable | null {
  if (others.includes(name)) {
    return new Callable(name, () => {
      throw unsupported(`${typeName(self)}.${name}()`);
    });
  }
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) return null;
  const what = `${typeName(self)}.${name}()`;
  return new Callable(name, (args, named) => {
    budget.step();
    return method.run(self, new CallArguments(what, method.parameters, args, named), budget);
  });
}

const DICT_METHODS: Readonly<Record<string, Method<Dict>>> = {
  get: {
    parameters: ['key', 'default'],
    run: (self, args, budget) => {
      const there = entry(self, args.given('key') ?? null, budget);
      return there === undefined ? args.valueOf('default', null) : there;
    },
  },
  items: {
    parameters: [],
    run: (self) => view([...self.entries].map((pair) => new Sequence(pair, 'tuple'))),
  },
  keys: { parameters: [], run: (self) => view([...self.entries.keys()]) },
  values: { parameters: [], run: (self) => view([...self.entries.values()]) },
  copy: { parameters: [], run: (self) => self },
};

/** Changing a value is refused by transformers' sandbox as well. */
const UNSUPPORTED_DICT_METHODS = ['clear', 'fromkeys', 'pop', 'popitem', 'setdefault', 'update'];
const NUMBER_ATTRIBUTES = [
  'real',
  'imag',
  'numerator',
  'denominator',
  'conjugate',
  'bit_length',
  'bit_count',
  'is_integer',
  'hex',
  'to_bytes',
  'as_integer_ratio',
  'from_bytes',
  'fromhex',
];
const UNSUPPORTED_LIST_METHODS = ['append', 'clear', 'copy', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort'];

const LIST_METHODS: Readonly<Record<string, Method<Sequence>>> = {
  count: {
    parameters: ['value'],
    run: (self, args, budget) => self.items.filter((one) => areEqual(one, args.given('value') ?? null, budget)).length,
  },
  index: {
    parameters: ['value'],
    run: (self, args, budget) => {
      const at = self.items.findIndex((one) => areEqual(one, args.given('value') ?? null, budget));
      if (at < 0) throw failed('list.index(x): x not in list');
      return at;
    },
  },
};

const view = (items: readonly Value[]): Sequence => new Sequence(items, 'dict view');
