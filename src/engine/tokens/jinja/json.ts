/** The `tojson` filter as transformers defines it: Python's `json.dumps`. */
import { CallArguments } from './call-arguments.ts';
import { failed, type Budget } from './fault.ts';
import { compare } from './operators.ts';
import { Dict, Float, reprFloat, Sequence, typeName, Undefined, type KeywordArguments, type Value } from './values.ts';

interface Style {
  readonly isAscii: boolean;
  readonly indent: string | null;
  readonly between: string;
  readonly afterKey: string;
  readonly sorts: boolean;
}

export function toJson(value: Value, args: readonly Value[], named: KeywordArguments, budget: Budget): string {
  const given = new CallArguments('tojson', ['ensure_ascii', 'indent', 'separators', 'sort_keys'], args, named);
  const indent = given.given('indent') ?? null;
  const separators = given.given('separators') ?? null;
  if (typeof indent === 'number') budget.text(Math.max(0, indent));
  const [between, afterKey] = separators instanceof Sequence ? separators.items : [indent === null ? ', ' : ',', ': '];
  if (typeof between !== 'string' || typeof afterKey !== 'string') throw failed('tojson wants two texts as separators');
  const style: Style = {
    isAscii: given.flag('ensure_ascii'),
    indent: typeof indent === 'number' ? ' '.repeat(Math.max(0, indent)) : typeof indent === 'string' ? indent : null,
    between,
    afterKey,
    sorts: given.flag('sort_keys'),
  };
  const text = write(value, style, '\n', budget);
  budget.text(text.length);
  return text;
}

function write(value: Value, style: Style, lineBreak: string, budget: Budget): string {
  budget.step();
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return quote(value, style);
  if (value instanceof Float) return reprFloat(value.value).replace('inf', 'Infinity').replace('nan', 'NaN');
  const inner = style.indent === null ? '' : lineBreak + style.indent;
  const end = style.indent === null ? '' : lineBreak;
  const wrap = (open: string, parts: readonly string[], close: string): string => {
    budget.text(parts.reduce((sum, part) => sum + part.length + inner.length, 0));
    return parts.length === 0 ? open + close : open + inner + parts.join(style.between + inner) + end + close;
  };
  if (value instanceof Sequence && (value.kind === 'list' || value.kind === 'tuple')) {
    return wrap('[', value.items.map((item) => write(item, style, inner, budget)), ']'); // prettier-ignore
  }
  if (value instanceof Dict) {
    const entries = [...value.entries];
    if (style.sorts) entries.sort(([a], [b]) => compare(a, b, budget));
    const parts = entries.map(([key, item]) => {
      const name = typeof key === 'string' ? key : key === null ? 'null' : String(key);
      return quote(name, style) + style.afterKey + write(item, style, inner, budget);
    });
    return wrap('{', parts, '}');
  }
  const name = value instanceof Undefined ? 'Undefined' : typeName(value);
  throw failed(`Object of type ${name} is not JSON serializable`);
}

function quote(text: string, { isAscii }: Style): string {
  const quoted = JSON.stringify(text);
  if (!isAscii) return quoted;
  return quoted.replaceAll(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
