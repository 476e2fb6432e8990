/** What Python's operators do, without what a chat template has no use for, which is refused. */
import { countPoints } from './python-text.ts';
import { failed, unsupported, type Budget } from './fault.ts';
import { areEqual, Dict, Float, int, isTrue, itemsOf, numeric, print, Sequence, Stream, typeName, Undefined, type Value } from './values.ts'; // prettier-ignore

/** `left operator right`, for every operator but `and` and `or`. */
export function operate(operator: string, left: Value, right: Value, budget: Budget): Value {
  switch (operator) {
    case '==':
      return areEqual(left, right, budget);
    case '!=':
      return !areEqual(left, right, budget);
    case '~':
      return join(print(left, budget), print(right, budget), budget);
    case 'in':
      return isIn(left, right, budget);
    case 'not in':
      return !isIn(left, right, budget);
  }
  for (const value of [left, right]) if (value instanceof Undefined) throw failed(value.what);
  if (operator === '<' || operator === '>' || operator === '<=' || operator === '>=') {
    const order = compare(left, right, budget, operator);
    if (operator === '<') return order < 0;
    if (operator === '>') return order > 0;
    return operator === '<=' ? order <= 0 : order >= 0;
  }
  if (operator === '%' && typeof left === 'string') throw unsupported('text % values');
  const [a, b] = [numeric(left), numeric(right)];
  if (a !== null && b !== null) return arithmetic(operator, a, b, left instanceof Float || right instanceof Float);
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return join(left, right, budget);
    const isSameKind = left instanceof Sequence && right instanceof Sequence && left.kind === right.kind;
    if (isSameKind && (left.kind === 'list' || left.kind === 'tuple')) {
      budget.items(left.items.length + right.items.length);
      return new Sequence([...left.items, ...right.items], left.kind);
    }
  }
  if (operator === '*') {
    const repeated = typeof right === 'number' ? repeat(left, right, budget) : typeof left === 'number' ? repeat(right, left, budget) : null; // prettier-ignore
    if (repeated !== null) return repeated;
  }
  throw failed(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
}

function join(left: string, right: string, budget: Budget): string {
  budget.text(left.length + right.length);
  return left + right;
}

function repeat(value: Value, times: number, budget: Budget): Value | null {
  const count = Math.max(0, times);
  if (typeof value === 'string') {
    budget.text(value.length * count);
    return value.repeat(count);
  }
  if (!(value instanceof Sequence) || (value.kind !== 'list' && value.kind !== 'tuple')) return null;
  budget.items(value.items.length * count);
  return new Sequence(Array.from({ length: count }, () => value.items).flat(), value.kind);
}

function arithmetic(operator: string, a: number, b: number, isFloat: boolean): Value {
  const made = (value: number): Value => (isFloat ? new Float(value) : int(value));
  switch (operator) {
    case '+':
      return made(a + b);
    case '-':
      return made(a - b);
    case '*':
      return made(a * b);
    case '/':
      if (b === 0) throw failed('division by zero');
      return new Float(a / b);
    case '//':
      if (b === 0) throw failed('division by zero');
      return made(Math.round((a - modulo(a, b)) / b));
    case '%':
      if (b === 0) throw failed('division by zero');
      return made(modulo(a, b));
    case '**':
      if (a === 0 && b < 0) throw failed('0.0 cannot be raised to a negative power');
      if (!Number.isFinite(a ** b)) throw unsupported('a power as large as this');
      return b < 0 ? new Float(a ** b) : made(a ** b);
    default:
      throw unsupported(`the operator ${operator}`);
  }
}

/** With the sign of the divisor, and exact: 10 // 0.1 is 99. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** Negative, 0 or positive, as Python orders two values. Throws for two that it does not order. */
export function compare(left: Value, right: Value, budget: Budget, operator = '<'): number {
  const [a, b] = [numeric(left), numeric(right)];
  if (a !== null && b !== null) return a - b;
  if (typeof left === 'string' && typeof right === 'string') {
    budget.text(left.length + right.length);
    return comparePoints(left, right);
  }
  if (left instanceof Sequence && right instanceof Sequence) throw unsupported('comparing the order of lists');
  throw failed(`'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

/** By code points: JavaScript compares code units. */
function comparePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (const [index, character] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (character !== other) return (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}

function isIn(value: Value, container: Value, budget: Budget): boolean {
  if (typeof container === 'string') {
    if (typeof value !== 'string')
      throw failed(`'in <string>' requires string as left operand, not ${typeName(value)}`);
    budget.text(container.length);
    return container.includes(value);
  }
  if (container instanceof Dict) {
    if (value instanceof Sequence && value.kind === 'list') throw failed("unhashable type: 'list'");
    return [...container.entries.keys()].some((key) => areEqual(key, value, budget));
  }
  if (container instanceof Stream) throw unsupported('looking in what map or select gave; put | list behind it');
  return itemsOf(container).some((item) => areEqual(item, value, budget));
}

export function lengthOf(value: Value, budget: Budget): number {
  if (typeof value === 'string') {
    budget.text(value.length);
    return countPoints(value);
  }
  if (value instanceof Sequence) return value.items.length;
  if (value instanceof Dict) return value.entries.size;
  if (value instanceof Undefined) return 0;
  throw failed(`object of type '${typeName(value)}' has no len()`);
}

export function applySign(operator: string, value: Value): Value {
  if (operator === 'not') return !isTrue(value);
  const number = numeric(value);
  if (value instanceof Undefined) throw failed(value.what);
  if (number === null) throw failed(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  const signed = operator === '-' ? -number : number;
  return value instanceof Float ? new Float(signed) : int(signed);
}

/** `value[start:stop:step]`. */
export function slice(value: Value, [start, stop, step]: readonly [Value, Value, Value], budget: Budget): Value {
  if (value instanceof Undefined) throw failed(value.what);
  const isText = typeof value === 'string';
  if (!isText && !(value instanceof Sequence && value.kind !== 'dict view')) {
    throw failed(`'${typeName(value)}' object cannot be sliced`);
  }
  const all: readonly Value[] = isText ? Array.from(value) : value.items;
  const stride = wholeOr(step, 1);
  if (stride === 0) throw failed('slice step cannot be zero');
  const [low, high] = stride > 0 ? [0, all.length] : [-1, all.length - 1];
  const bound = (index: number): number => Math.min(Math.max(index < 0 ? index + all.length : index, low), high);
  const from = start === null ? (stride > 0 ? low : high) : bound(wholeOr(start, 0));
  const to = stop === null ? (stride > 0 ? high : low) : bound(wholeOr(stop, 0));
  const taken: Value[] = [];
  for (let at = from; stride > 0 ? at < to : at > to; at += stride) taken.push(all[at] ?? null);
  if (isText) {
    budget.text(all.length);
    return (taken as string[]).join('');
  }
  budget.items(taken.length);
  return new Sequence(taken, value.kind);
}

function wholeOr(value: Value, preset: number): number {
  if (value === null) return preset;
  if (typeof value === 'number') return value;
  throw failed('slice indices must be integers or None');
}
