/** What every template finds: Jinja's own functions, and those that transformers adds. */
import { CallArguments } from './call-arguments.ts';
import { failed, TEMPLATE_LIMITS, TemplateFault, unsupported, type Budget } from './fault.ts';
import { Scope } from './scope.ts';
import { strftime } from './strftime.ts';
import { Callable, Dict, itemsOf, Namespace, print, Sequence, typeName, type KeywordArguments, type Value } from './values.ts'; // prettier-ignore

export function globals(now: Date, budget: Budget): Scope {
  const scope = new Scope(null);
  const add = (name: string, call: Callable['call']): void => scope.set(name, new Callable(name, call));
  add('range', (args) => range(args, budget));
  add('namespace', (args, named) => namespaceOf(args, named));
  add('dict', (args, named) => new Dict(new Map<string, Value>([...entriesOf(args), ...named])));
  add('raise_exception', (args, named) => {
    const message = new CallArguments('raise_exception', ['message'], args, named).given('message') ?? '';
    throw new TemplateFault('raised', print(message, budget));
  });
  add('strftime_now', (args, named) => strftime(now, new CallArguments('strftime_now', ['format'], args, named).text('format'))); // prettier-ignore
  for (const name of ['lipsum', 'cycler', 'joiner']) {
    add(name, () => {
      throw unsupported(`${name}()`);
    });
  }
  return scope;
}

function range(args: readonly Value[], budget: Budget): Sequence {
  const numbers = args.map((value) => {
    if (typeof value === 'number') return value;
    if (typeof value === 'boolean') return Number(value);
    throw failed(`'${typeName(value)}' object cannot be interpreted as an integer`);
  });
  if (numbers.length < 1 || numbers.length > 3) throw failed(`range expected 1 to 3 arguments, got ${numbers.length}`);
  const [start = 0, stop = 0, step = 1] = numbers.length === 1 ? [0, ...numbers] : numbers;
  if (step === 0) throw failed('range() arg 3 must not be zero');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > TEMPLATE_LIMITS.range) {
    throw new TemplateFault('limit', `a range of more than ${TEMPLATE_LIMITS.range.toLocaleString('en')} numbers`);
  }
  budget.items(length);
  return new Sequence(Array.from({ length }, (_, index) => start + step * index), 'range'); // prettier-ignore
}

function namespaceOf(args: readonly Value[], named: KeywordArguments): Namespace {
  const namespace = new Namespace();
  for (const [name, value] of [...entriesOf(args), ...named]) namespace.attributes.set(name, value);
  return namespace;
}

/** Entries of a mapping, or of a list of pairs, which `dict` and `namespace` take. */
function entriesOf(args: readonly Value[]): [string, Value][] {
  const [from] = args;
  if (from === undefined) return [];
  const pairs = from instanceof Dict ? [...from.entries] : itemsOf(from).map((pair) => itemsOf(pair));
  return pairs.map(([key, value]): [string, Value] => {
    if (typeof key !== 'string' || value === undefined) throw failed('dict and namespace want names and their values');
    return [key, value];
  });
}
