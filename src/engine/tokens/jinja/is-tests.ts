/** Jinja's tests: what may stand behind `is`, or be named to `select`. Reference: `jinja2/tests.py`. */
import { failed, unsupported, type Budget } from './fault.ts';
import { operate } from './operators.ts';
import { Callable, Dict, Float, isTrue, numeric, print, Sequence, Stream, Undefined, type Value } from './values.ts';

type Test = (value: Value, operands: readonly Value[], budget: Budget) => boolean;

/** Whether `value is name(operands)`. */
export function runTest(name: string, value: Value, operands: readonly Value[], budget: Budget): boolean {
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  if (test === undefined) throw unsupported(`the test ${name.slice(0, 80)}`);
  budget.step();
  return test(value, operands, budget);
}

const isNumber = (value: Value): boolean => numeric(value) !== null;

const remainder: (by: number | null, wanted?: number) => Test =
  (by, wanted = 0) =>
  (value, operands, budget) =>
    numeric(operate('%', value, by ?? operand(operands), budget)) === wanted;

const operator =
  (symbol: string): Test =>
  (value, operands, budget) =>
    isTrue(operate(symbol, value, operand(operands), budget));

function operand(operands: readonly Value[]): Value {
  const [first] = operands;
  if (first === undefined) throw failed('this test compares with something, and nothing was given');
  return first;
}

const TESTS: Readonly<Record<string, Test>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  integer: (value) => typeof value === 'number',
  float: (value) => value instanceof Float,
  number: isNumber,
  string: (value) => typeof value === 'string',
  mapping: (value) => value instanceof Dict,
  iterable: (value) => typeof value === 'string' || value instanceof Undefined || value instanceof Sequence || value instanceof Stream || value instanceof Dict, // prettier-ignore
  sequence: (value) => {
    if (value instanceof Sequence) return value.kind !== 'dict view';
    return typeof value === 'string' || value instanceof Dict || value instanceof Undefined;
  },
  callable: (value) => value instanceof Callable || value instanceof Undefined, // which has a __call__ that fails
  lower: (value, _, budget) => isCased(print(value, budget), (text) => text.toLowerCase()),
  upper: (value, _, budget) => isCased(print(value, budget), (text) => text.toUpperCase()),
  even: remainder(2),
  odd: remainder(2, 1), // 0.5 is neither
  divisibleby: remainder(null),
  eq: operator('=='),
  equalto: operator('=='),
  '==': operator('=='),
  ne: operator('!='),
  '!=': operator('!='),
  gt: operator('>'),
  greaterthan: operator('>'),
  '>': operator('>'),
  ge: operator('>='),
  '>=': operator('>='),
  lt: operator('<'),
  lessthan: operator('<'),
  '<': operator('<'),
  le: operator('<='),
  '<=': operator('<='),
  in: operator('in'),
};

/** `str.islower` and `str.isupper`: all cased letters in that case, and at least one. */
function isCased(text: string, change: (text: string) => string): boolean {
  return change(text) === text && text.toLowerCase() !== text.toUpperCase();
}
