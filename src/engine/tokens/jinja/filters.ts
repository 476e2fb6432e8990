/** Jinja's filters, those that chat templates use. Reference: `jinja2/filters.py`. */
import { CallArguments } from './call-arguments.ts';
import { failed, unsupported, type Budget } from './fault.ts';
import { toJson } from './json.ts';
import { attribute, item } from './members.ts';
import { compare, lengthOf } from './operators.ts';
import { capitalize, strip, stripOf, titleFilter } from './python-text.ts';
import { runTest } from './is-tests.ts';
import { replaceText } from './text-methods.ts';
import { areEqual, Dict, Float, int, isTrue, itemAt, itemsOf, numeric, print, Sequence, Stream, typeName, Undefined, type KeywordArguments, type Value } from './values.ts'; // prettier-ignore

type Filter = (value: Value, args: readonly Value[], named: KeywordArguments, budget: Budget) => Value;

/** The value of `value | name(...)`. */
export function applyFilter(
  name: string,
  value: Value,
  args: readonly Value[],
  named: KeywordArguments,
  budget: Budget,
): Value {
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (filter === undefined) throw unsupported(`the filter ${name.slice(0, 80)}`);
  budget.step();
  return filter(value, args, named, budget);
}

const onText =
  (change: (text: string) => Value): Filter =>
  (value, args, named, budget) => {
    new CallArguments('this filter', [], args, named);
    const text = print(value, budget);
    budget.text(text.length);
    return change(text);
  };

function listOf(value: Value, budget: Budget): readonly Value[] {
  const items = itemsOf(value);
  budget.items(items.length);
  return items;
}

/** `a.b.0` of an item, as `map(attribute=…)` and `sort(attribute=…)` look it up. */
function lookUp(value: Value, path: Value, budget: Budget): Value {
  if (typeof path === 'number') return item(value, path, budget);
  if (typeof path !== 'string') throw failed(`an attribute is a text, not ${typeName(path)}`);
  return path
    .split('.')
    .reduce((found: Value, part) => item(found, /^\d+$/.test(part) ? Number(part) : part, budget), value);
}

/** `select`, `reject` and their kin: the items that a test holds of, which by default is whether they are true. */
const chooser =
  (keeps: boolean, hasAttribute: boolean): Filter =>
  (value, args, named, budget) => {
    if (named.size > 0) throw unsupported('named arguments of select and reject');
    const [path, rest] = hasAttribute ? [args[0], args.slice(1)] : [undefined, args];
    if (hasAttribute && path === undefined) throw failed('Missing parameter for attribute name');
    const [test, ...operands] = rest;
    if (test !== undefined && typeof test !== 'string') throw failed('a test is named by a text');
    const holds = (one: Value): boolean => {
      const subject = path === undefined ? one : lookUp(one, path, budget);
      return test === undefined ? isTrue(subject) : runTest(test, subject, operands, budget);
    };
    return new Stream(listOf(value, budget).filter((one) => holds(one) === keeps));
  };

const extreme =
  (sign: 1 | -1): Filter =>
  (value, args, named, budget) => {
    const given = new CallArguments('min and max', ['case_sensitive', 'attribute'], args, named);
    const key = sortKey(given, budget);
    const items = listOf(value, budget);
    if (items.length === 0) return new Undefined('No aggregated item, sequence was empty.');
    return items.reduce((best, one) => (sign * compare(key(one), key(best), budget) < 0 ? one : best));
  };

function sortKey(given: CallArguments, budget: Budget): (value: Value) => Value {
  const path = given.given('attribute') ?? null;
  const isSensitive = given.flag('case_sensitive');
  if (typeof path === 'string' && path.includes(',')) throw unsupported('sorting by several attributes');
  return (value) => {
    const key = path === null ? value : lookUp(value, path, budget);
    return typeof key === 'string' && !isSensitive ? key.toLowerCase() : key;
  };
}

const length: Filter = (value, _args, _named, budget) => lengthOf(value, budget);

const defaulted: Filter = (value, args, named) => {
  const given = new CallArguments('default', ['default_value', 'boolean'], args, named);
  const isMissing = value instanceof Undefined || (given.flag('boolean') && !isTrue(value));
  return isMissing ? given.valueOf('default_value', '') : value;
};

const FILTERS: Readonly<Record<string, Filter>> = {
  tojson: toJson,
  safe: (value, _args, _named, budget) => print(value, budget),
  string: onText((text) => text),
  upper: onText((text) => text.toUpperCase()),
  lower: onText((text) => text.toLowerCase()),
  title: onText(titleFilter),
  capitalize: onText(capitalize),
  trim: (value, args, named, budget) => {
    const given = new CallArguments('trim', ['chars'], args, named);
    const text = print(value, budget);
    budget.text(text.length);
    return (given.given('chars') ?? null) === null ? strip(text) : stripOf(text, given.text('chars'), 'both');
  },
  replace: (value, args, named, budget) => {
    const given = new CallArguments('replace', ['old', 'new', 'count'], args, named);
    const count = (given.given('count') ?? null) === null ? -1 : given.whole('count', -1);
    return replaceText(print(value, budget), print(given.given('old') ?? null, budget), print(given.given('new') ?? null, budget), count, budget); // prettier-ignore
  },
  indent: (value, args, named, budget) => {
    const given = new CallArguments('indent', ['width', 'first', 'blank'], args, named);
    const width = given.valueOf('width', 4);
    if (typeof width === 'number') budget.text(Math.max(0, width));
    const by = typeof width === 'number' ? ' '.repeat(Math.max(0, width)) : print(width, budget);
    const lines = print(value, budget).split('\n');
    budget.text(lines.reduce((sum, line) => sum + line.length + by.length + 1, 0));
    const [first = '', ...others] = lines;
    const rest = others.map((line) => (line === '' && !given.flag('blank') ? line : by + line));
    return [given.flag('first') ? by + first : first, ...rest].join('\n');
  },
  length,
  count: length,
  default: defaulted,
  d: defaulted,
  list: (value, _args, _named, budget) => new Sequence(listOf(value, budget)),
  first: (value, _args, _named, budget) => {
    const items = value instanceof Stream ? value.takeFirst() : listOf(value, budget);
    return itemAt(items, 0, 'No first item, sequence was empty.');
  },
  last: (value, _args, _named, budget) => {
    if (value instanceof Stream) throw failed("'generator' object is not reversible");
    return itemAt(listOf(value, budget), -1, 'No last item, sequence was empty.');
  },
  reverse: (value, _args, _named, budget) => {
    if (typeof value === 'string') return Array.from(value).reverse().join('');
    return new Stream([...listOf(value, budget)].reverse());
  },
  join: (value, args, named, budget) => {
    const given = new CallArguments('join', ['d', 'attribute'], args, named);
    const path = given.given('attribute') ?? null;
    const parts = listOf(value, budget).map((one) => print(path === null ? one : lookUp(one, path, budget), budget));
    const by = print(given.valueOf('d', ''), budget);
    budget.text(parts.reduce((sum, part) => sum + part.length + by.length, 0));
    return parts.join(by);
  },
  map: (value, args, named, budget) => {
    if (named.has('attribute')) {
      const given = new CallArguments('map', ['attribute', 'default'], args, named);
      const [path, preset] = [given.given('attribute') ?? null, given.valueOf('default', null)]; // None: there is none
      return new Stream(listOf(value, budget).map((one) => {
        const found = lookUp(one, path, budget);
        return found instanceof Undefined && preset !== null ? preset : found;
      })); // prettier-ignore
    }
    const [name, ...rest] = args;
    if (typeof name !== 'string') throw failed('map requires a filter argument');
    return new Stream(listOf(value, budget).map((one) => applyFilter(name, one, rest, named, budget)));
  },
  select: chooser(true, false),
  reject: chooser(false, false),
  selectattr: chooser(true, true),
  rejectattr: chooser(false, true),
  sort: (value, args, named, budget) => {
    const given = new CallArguments('sort', ['reverse', 'case_sensitive', 'attribute'], args, named);
    const [key, sign] = [sortKey(given, budget), given.flag('reverse') ? -1 : 1];
    return new Sequence([...listOf(value, budget)].sort((a, b) => sign * compare(key(a), key(b), budget)));
  },
  unique: (value, args, named, budget) => {
    const key = sortKey(new CallArguments('unique', ['case_sensitive', 'attribute'], args, named), budget);
    const kept: Value[] = [];
    for (const one of listOf(value, budget)) {
      if (!kept.some((known) => areEqual(key(known), key(one), budget))) kept.push(one);
    }
    return new Stream(kept);
  },
  min: extreme(1),
  max: extreme(-1),
  sum: (value, args, named, budget) => {
    const given = new CallArguments('sum', ['attribute', 'start'], args, named);
    const path = given.given('attribute') ?? null;
    const items = listOf(value, budget).map((one) => (path === null ? one : lookUp(one, path, budget)));
    const all = [given.valueOf('start', 0), ...items];
    const total = all.reduce((sum: number, one) => {
      const number = numeric(one);
      if (number === null) throw failed(`cannot add up a ${typeName(one)}`);
      return sum + number;
    }, 0);
    return all.some((one) => one instanceof Float) ? new Float(total) : int(total);
  },
  items: (value) => {
    if (value instanceof Undefined) return new Stream([]);
    if (!(value instanceof Dict)) throw failed('Can only get item pairs from a mapping.');
    return new Stream([...value.entries].map((pair) => new Sequence(pair, 'tuple')));
  },
  dictsort: (value, args, named, budget) => {
    const given = new CallArguments('dictsort', ['case_sensitive', 'by', 'reverse'], args, named);
    if (!(value instanceof Dict)) throw failed(`'${typeName(value)}' object has no attribute 'items'`);
    const [byValue, sign] = [given.text('by', 'key') === 'value', given.flag('reverse') ? -1 : 1];
    const fold = (one: Value): Value =>
      typeof one === 'string' && !given.flag('case_sensitive') ? one.toLowerCase() : one;
    budget.items(value.entries.size);
    const pairs = [...value.entries].sort(
      (a, b) => sign * compare(fold(byValue ? a[1] : a[0]), fold(byValue ? b[1] : b[0]), budget),
    );
    return new Sequence(pairs.map((pair) => new Sequence(pair, 'tuple')));
  },
  abs: (value) => {
    const number = numeric(value);
    if (number === null) throw failed(`bad operand type for abs(): '${typeName(value)}'`);
    return value instanceof Float ? new Float(Math.abs(number)) : int(Math.abs(number));
  },
  int: (value, args, named) => {
    const given = new CallArguments('int', ['default', 'base'], args, named);
    if (given.given('base') !== undefined) throw unsupported('int with a base');
    const number = typeof value === 'string' ? parseNumber(value) : numeric(value);
    if (value instanceof Undefined) throw failed(value.what);
    return number === null ? given.valueOf('default', 0) : int(Math.trunc(number));
  },
  float: (value, args, named) => {
    const given = new CallArguments('float', ['default'], args, named);
    const number = typeof value === 'string' ? parseNumber(value) : numeric(value);
    if (value instanceof Undefined) throw failed(value.what);
    return number === null ? given.valueOf('default', new Float(0)) : new Float(number);
  },
  attr: (value, args, _named, budget) => {
    const [name] = args;
    if (typeof name !== 'string' || value instanceof Dict) throw unsupported('the filter attr of this');
    return attribute(value, name, budget);
  },
};

/** A text that Python's `int` or `float` reads in the plain way; null for what neither reads. */
function parseNumber(text: string): number | null {
  const plain = strip(text);
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  if (/[_\d]|inf|nan/i.test(plain)) throw unsupported(`reading "${plain.slice(0, 40)}" as a number`);
  return null;
}
