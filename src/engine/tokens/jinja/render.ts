/** Runs a template. */
import { LINE_MARK, TEXT_MARK, type CompiledTemplate } from './compile.ts';
import { Evaluator } from './expressions.ts';
import { Budget, failed, TemplateFault, unsupported } from './fault.ts';
import { globals } from './globals.ts';
import type { CallStatement, Expression, For, Macro, Parameter, SetStatement, Statement } from './nodes.ts';
import { Scope } from './scope.ts';
import { areEqual, Callable, Dict, isTrue, itemAt, itemsOf, Loop, Namespace, print, Sequence, Undefined, type KeywordArguments, type Value } from './values.ts'; // prettier-ignore

/** The text of a template with these names. `now` is what `strftime_now` tells. Throws a `TemplateFault`. */
export function renderTemplate(template: CompiledTemplate, names: ReadonlyMap<string, Value>, now: Date): string {
  const rendering = new Rendering(template.texts);
  try {
    return rendering.run(template.body, names, now);
  } catch (cause) {
    const fault = cause instanceof RangeError ? new TemplateFault('limit', 'it is nested too deep') : cause;
    if (fault instanceof TemplateFault) fault.line ??= rendering.line;
    throw fault;
  }
}

interface Signature {
  readonly parameters: readonly Parameter[];
  readonly mentions: ReadonlySet<string>; // names in the body of the macro
}

/** Every name that statements mention. */
function namesIn(node: unknown, names = new Set<string>()): Set<string> {
  if (node instanceof Map) for (const pair of node) namesIn(pair, names);
  else if (Array.isArray(node)) for (const part of node as readonly unknown[]) namesIn(part, names);
  else if (typeof node === 'object' && node !== null) {
    const { type, value } = node as { readonly type?: unknown; readonly value?: unknown };
    if (type === 'Identifier' && typeof value === 'string') names.add(value);
    else for (const part of Object.values(node)) namesIn(part, names);
  }
  return names;
}

type Jump = 'Break' | 'Continue' | null; // how a list of statements ends early

class Rendering {
  readonly #texts: readonly string[];
  readonly #budget = new Budget();
  readonly #evaluator = new Evaluator(this.#budget);
  #written: string[] = []; // of the template, or of the block whose text is caught
  #length = 0;
  line: number | null = null; // of the tag that was come to last

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  run(body: readonly Statement[], names: ReadonlyMap<string, Value>, now: Date): string {
    const scope = new Scope(globals(now, this.#budget));
    for (const [name, value] of names) scope.set(name, value);
    this.#statements(body, new Scope(scope));
    return this.#written.join('');
  }

  #write(text: string): void {
    this.#length += text.length;
    this.#budget.text(text.length);
    this.#budget.limitText(this.#length);
    this.#written.push(text);
  }

  /** What statements write, as a text of its own. */
  #caught(body: readonly Statement[], scope: Scope): string {
    const [written, length] = [this.#written, this.#length];
    [this.#written, this.#length] = [[], 0];
    try {
      if (this.#statements(body, scope) !== null) throw unsupported('break and continue out of this block');
      return this.#written.join('');
    } finally {
      [this.#written, this.#length] = [written, length];
    }
  }

  #statements(body: readonly Statement[], scope: Scope): Jump {
    for (const node of body) {
      const jump = this.#statement(node, scope);
      if (jump !== null) return jump;
    }
    return null;
  }

  #statement(node: Statement, scope: Scope): Jump {
    this.#budget.step();
    switch (node.type) {
      case 'Comment':
        if (node.value.startsWith(LINE_MARK)) this.line = Number(node.value.slice(1));
        else if (node.value.startsWith(TEXT_MARK)) this.#write(this.#texts[Number(node.value.slice(1))] ?? '');
        return null;
      case 'If':
        return this.#statements(isTrue(this.#evaluator.value(node.test, scope)) ? node.body : node.alternate, scope);
      case 'For':
        return this.#for(node, scope);
      case 'Break':
      case 'Continue':
        return node.type;
      case 'Set':
        this.#set(node, scope);
        return null;
      case 'Macro':
        scope.set(node.name.value, this.#macro(node, scope));
        return null;
      case 'CallStatement':
        this.#write(print(this.#call(node, scope), this.#budget));
        return null;
      case 'FilterStatement': {
        const text = this.#caught(node.body, new Scope(scope));
        this.#write(print(this.#evaluator.filter(node.filter, text, scope), this.#budget));
        return null;
      }
      default:
        this.#write(print(this.#evaluator.value(node, scope), this.#budget));
        return null;
    }
  }

  /** A round that `continue` or `break` ends does not count for `else`: so does Jinja. */
  #for({ loopvar, iterable, body, defaultBlock }: For, scope: Scope): Jump {
    const isFiltered = iterable.type === 'SelectExpression';
    const all = itemsOf(this.#evaluator.value(isFiltered ? iterable.lhs : iterable, scope));
    this.#budget.items(all.length);
    const items = !isFiltered
      ? all
      : all.filter((one) => {
          const inner = new Scope(scope);
          this.#assign(loopvar, one, inner);
          return isTrue(this.#evaluator.value(iterable.test, inner));
        });
    let isWhole = false;
    const changed: { last: readonly Value[] | null } = { last: null };
    for (const [index, one] of items.entries()) {
      this.#budget.step();
      const inner = new Scope(scope);
      inner.set('loop', this.#loop(items, index, changed));
      this.#assign(loopvar, one, inner);
      const jump = this.#statements(body, inner);
      if (jump === 'Break') break;
      if (jump === null) isWhole = true;
    }
    return isWhole ? null : this.#statements(defaultBlock, new Scope(scope));
  }

  #loop(items: readonly Value[], index: number, changed: { last: readonly Value[] | null }): Loop {
    const neighbour = (at: number, which: string): Value =>
      itemAt(at < 0 ? [] : items, at, `there is no ${which} item`);
    const length = items.length;
    return new Loop(
      new Map<string, Value>([
        ['index', index + 1],
        ['index0', index],
        ['revindex', length - index],
        ['revindex0', length - index - 1],
        ['first', index === 0],
        ['last', index === length - 1],
        ['length', length],
        ['depth', 1], // a loop that is recursive is refused
        ['depth0', 0],
        ['previtem', neighbour(index - 1, 'previous')],
        ['nextitem', neighbour(index + 1, 'next')],
        ['cycle', new Callable('cycle', (args) => itemAt(args, index % args.length, 'no items for cycling given'))],
        ['changed', new Callable('changed', (args) => this.#hasChanged(args, changed))],
      ]),
    );
  }

  #hasChanged(args: readonly Value[], changed: { last: readonly Value[] | null }): boolean {
    const { last } = changed;
    changed.last = args;
    return last === null || !areEqual(new Sequence(last), new Sequence(args), this.#budget);
  }

  #set({ assignee, value, body }: SetStatement, scope: Scope): void {
    this.#assign(assignee, value === null ? this.#caught(body, new Scope(scope)) : this.#evaluator.value(value, scope), scope); // prettier-ignore
  }

  #assign(target: Expression, value: Value, scope: Scope): void {
    if (target.type === 'Identifier') scope.set(target.value, value);
    else if (target.type === 'TupleLiteral') {
      const items = itemsOf(value);
      const [has, wants] = [items.length, target.value.length];
      if (has > wants) throw failed(`too many values to unpack (expected ${wants})`);
      if (has < wants) throw failed(`not enough values to unpack (expected ${wants}, got ${has})`);
      for (const [index, part] of target.value.entries()) this.#assign(part, items[index] ?? null, scope);
    } else if (target.type === 'MemberExpression' && !target.computed && target.property.type === 'Identifier') {
      const object = this.#evaluator.value(target.object, scope);
      if (!(object instanceof Namespace)) throw failed('cannot assign attribute on non-namespace object');
      object.attributes.set(target.property.value, value);
    } else throw unsupported('setting this');
  }

  #macro({ name, args, body }: Macro, scope: Scope): Callable {
    return this.#callable(name.value, args, body, scope);
  }

  #call({ call, callerArgs, body }: CallStatement, scope: Scope): Value {
    const caller = this.#callable('caller', callerArgs ?? [], body, scope);
    return this.#evaluator.call(call, scope, new Map([['caller', caller]]));
  }

  #callable(name: string, parameters: readonly Parameter[], body: readonly Statement[], scope: Scope): Callable {
    const signature = { parameters, mentions: namesIn(body) };
    return new Callable(name, (args, named) =>
      this.#budget.nested(() => {
        const inner = new Scope(scope);
        this.#bind(name, signature, args, named, inner);
        return this.#caught(body, inner);
      }),
    );
  }

  /** Arguments that no parameter takes are there as `varargs`, `kwargs` and `caller`. */
  #bind(
    name: string,
    { parameters, mentions }: Signature,
    args: readonly Value[],
    named: KeywordArguments,
    scope: Scope,
  ): void {
    const rest = new Map(named);
    const names = parameters.map((parameter) =>
      parameter.type === 'Identifier' ? parameter.value : parameter.key.value,
    );
    for (const [index, parameter] of parameters.entries()) {
      const own = names[index] ?? '';
      const given = args[index] ?? rest.get(own);
      if (args[index] !== undefined && rest.has(own))
        throw failed(`macro '${name}' got multiple values for argument '${own}'`);
      rest.delete(own);
      if (given !== undefined || args[index] === null) scope.set(own, given ?? null);
      else if (parameter.type === 'Identifier') scope.set(own, new Undefined(`parameter '${own}' was not provided`));
      else scope.set(own, this.#evaluator.value(parameter.value, scope));
    }
    const caller = rest.get('caller');
    if (caller !== undefined) {
      scope.set('caller', caller);
      rest.delete('caller');
    }
    if (mentions.has('varargs')) scope.set('varargs', new Sequence(args.slice(parameters.length), 'tuple'));
    else if (args.length > parameters.length) {
      throw failed(`macro '${name}' takes not more than ${parameters.length} argument(s)`);
    }
    const [unknown] = rest.keys();
    if (mentions.has('kwargs')) scope.set('kwargs', new Dict(rest));
    else if (unknown !== undefined) throw failed(`macro '${name}' takes no keyword argument '${unknown}'`);
  }
}
