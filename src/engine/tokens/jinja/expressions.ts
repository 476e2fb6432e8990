/** The value of an expression of a template. */
import { failed, unsupported, type Budget } from './fault.ts';
import { applyFilter } from './filters.ts';
import { runTest } from './is-tests.ts';
import { attribute, item } from './members.ts';
import type { Argument, BinaryExpression, CallExpression, Expression, Identifier, MemberExpression, SliceExpression } from './nodes.ts'; // prettier-ignore
import { applySign, operate, slice } from './operators.ts';
import type { Scope } from './scope.ts';
import { Callable, Dict, Float, int, isTrue, itemsOf, keyOf, Sequence, typeName, Undefined, type Key, type Value } from './values.ts'; // prettier-ignore

const CONSTANTS: Readonly<Record<string, Value>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

export class Evaluator {
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  value(node: Expression, scope: Scope): Value {
    this.#budget.step();
    switch (node.type) {
      case 'StringLiteral':
        return node.value;
      case 'IntegerLiteral':
        return int(node.value);
      case 'FloatLiteral':
        return new Float(node.value);
      case 'ArrayLiteral':
      case 'TupleLiteral': {
        const items = node.value.map((part) => this.value(part, scope));
        return new Sequence(items, node.type === 'TupleLiteral' ? 'tuple' : 'list');
      }
      case 'ObjectLiteral': {
        const entries = [...node.value].map(([key, part]): [Key, Value] => [keyOf(this.value(key, scope)), this.value(part, scope)]); // prettier-ignore
        return new Dict(new Map(entries));
      }
      case 'Identifier':
        return this.#name(node, scope);
      case 'BinaryExpression':
        return this.#binary(node, scope);
      case 'UnaryExpression':
        return applySign(node.operator.value, this.value(node.argument, scope));
      case 'Ternary':
        return this.value(isTrue(this.value(node.condition, scope)) ? node.trueExpr : node.falseExpr, scope);
      case 'SelectExpression':
        if (isTrue(this.value(node.test, scope))) return this.value(node.lhs, scope);
        return new Undefined('the inline if-expression has no else and its condition is false');
      case 'TestExpression':
        return runTest(node.test.value, this.value(node.operand, scope), [], this.#budget) !== node.negate;
      case 'FilterExpression':
        return this.filter(node.filter, this.value(node.operand, scope), scope);
      case 'MemberExpression':
        return this.#member(node, scope);
      case 'CallExpression':
        return this.call(node, scope);
      default:
        throw unsupported(`this expression (${String((node as { readonly type: unknown }).type)})`);
    }
  }

  filter(node: Expression, operand: Value, scope: Scope): Value {
    if (node.type === 'Identifier') return applyFilter(node.value, operand, [], new Map(), this.#budget);
    const isNamed = node.type === 'CallExpression' && node.callee.type === 'Identifier';
    if (!isNamed) throw unsupported('what follows a filter');
    const { args, named } = this.arguments(node.args, scope);
    return applyFilter(node.callee.value, operand, args, named, this.#budget);
  }

  call(node: CallExpression, scope: Scope, extra: ReadonlyMap<string, Value> = new Map()): Value {
    const callee = this.value(node.callee, scope);
    if (callee instanceof Undefined) throw failed(callee.what);
    if (!(callee instanceof Callable)) throw failed(`'${typeName(callee)}' object is not callable`);
    const { args, named } = this.arguments(node.args, scope);
    return callee.call(args, extra.size === 0 ? named : new Map([...named, ...extra]));
  }

  arguments(nodes: readonly Argument[], scope: Scope): { args: Value[]; named: Map<string, Value> } {
    const args: Value[] = [];
    const named = new Map<string, Value>();
    const add = (name: string, value: Value): void => {
      if (named.has(name)) throw failed(`got multiple values for keyword argument '${name}'`);
      named.set(name, value);
    };
    for (const node of nodes) {
      if (node.type === 'KeywordArgumentExpression') add(node.key.value, this.value(node.value, scope));
      else if (node.type === 'SpreadExpression') {
        const items = itemsOf(this.value(node.argument, scope));
        this.#budget.items(items.length);
        for (const one of items) args.push(one);
      } else if (node.type === 'KeywordSpreadExpression') {
        const value = this.value(node.argument, scope);
        if (!(value instanceof Dict)) throw failed(`argument after ** must be a mapping, not ${typeName(value)}`);
        for (const [name, one] of value.entries) add(String(name), one);
      } else args.push(this.value(node, scope));
    }
    return { args, named };
  }

  #name({ value: name }: Identifier, scope: Scope): Value {
    return Object.hasOwn(CONSTANTS, name) ? (CONSTANTS[name] ?? null) : scope.get(name);
  }

  #binary({ operator: { value: operator }, left, right }: BinaryExpression, scope: Scope): Value {
    const first = this.value(left, scope);
    if (operator === 'and') return isTrue(first) ? this.value(right, scope) : first;
    if (operator === 'or') return isTrue(first) ? first : this.value(right, scope);
    return operate(operator, first, this.value(right, scope), this.#budget);
  }

  #member({ object, property, computed }: MemberExpression, scope: Scope): Value {
    const value = this.value(object, scope);
    if (property.type === 'SliceExpression') return slice(value, this.#bounds(property, scope), this.#budget);
    if (computed) return item(value, this.value(property, scope), this.#budget);
    if (property.type === 'Identifier') return attribute(value, property.value, this.#budget);
    if (property.type === 'IntegerLiteral') return item(value, property.value, this.#budget); // `pair.0`
    throw unsupported('an attribute that is neither a name nor a number');
  }

  #bounds({ start, stop, step }: SliceExpression, scope: Scope): readonly [Value, Value, Value] {
    const bound = (node: Expression | undefined): Value => (node === undefined ? null : this.value(node, scope));
    return [bound(start), bound(stop), bound(step)];
  }
}
