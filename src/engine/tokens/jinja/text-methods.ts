/** The methods of Python's `str` that chat templates use. */
import type { CallArguments } from './call-arguments.ts';
import { failed, unsupported, type Budget } from './fault.ts';
import {
  capitalize,
  countPoints,
  isWhite,
  lstrip,
  rstrip,
  splitWords,
  strip,
  stripOf,
  titleCase,
} from './python-text.ts';
import { Sequence, typeName, itemsOf, type Value } from './values.ts';

/** A method of a value; `parameters` in Python's order, though most of `str` take them by place alone. */
export interface Method<T> {
  readonly parameters: readonly string[];
  readonly run: (self: T, args: CallArguments, budget: Budget) => Value;
}

type TextMethod = Method<string>;

const plain = (change: (text: string) => Value): TextMethod => ({
  parameters: [],
  run: (self, _, budget) => {
    budget.text(self.length);
    return change(self);
  },
});

const stripper = (white: (text: string) => string, sides: 'both' | 'left' | 'right'): TextMethod => ({
  parameters: ['chars'],
  run: (self, args, budget) => {
    budget.text(self.length);
    return (args.given('chars') ?? null) === null ? white(self) : stripOf(self, args.text('chars'), sides);
  },
});

const affix = (has: (text: string, part: string) => boolean): TextMethod => ({
  parameters: ['prefix'],
  run: (self, args) => {
    const part = args.given('prefix') ?? null;
    const parts = part instanceof Sequence && part.kind === 'tuple' ? part.items : [part];
    return parts.some((one) => {
      if (typeof one !== 'string')
        throw failed(`startswith and endswith want a text or a tuple of texts, not ${typeName(one)}`);
      return has(self, one);
    });
  },
});

const remover = (cut: (text: string, part: string) => string): TextMethod => ({
  parameters: ['prefix'],
  run: (self, args) => cut(self, args.text('prefix')),
});

const finder = (find: (text: string, part: string) => number, isNeeded: boolean): TextMethod => ({
  parameters: ['sub'],
  run: (self, args, budget) => {
    budget.text(self.length);
    const at = find(self, args.text('sub'));
    if (at < 0 && isNeeded) throw failed('substring not found');
    return at < 0 ? -1 : countPoints(self.slice(0, at));
  },
});

export const TEXT_METHODS: Readonly<Record<string, TextMethod>> = {
  upper: plain((text) => text.toUpperCase()),
  lower: plain((text) => text.toLowerCase()),
  title: plain(titleCase),
  capitalize: plain(capitalize),
  strip: stripper(strip, 'both'),
  lstrip: stripper(lstrip, 'left'),
  rstrip: stripper(rstrip, 'right'),
  startswith: affix((text, part) => text.startsWith(part)),
  endswith: affix((text, part) => text.endsWith(part)),
  removeprefix: remover((text, part) => (text.startsWith(part) ? text.slice(part.length) : text)),
  removesuffix: remover((text, part) => (part !== '' && text.endsWith(part) ? text.slice(0, -part.length) : text)),
  find: finder((text, part) => text.indexOf(part), false),
  rfind: finder((text, part) => text.lastIndexOf(part), false),
  index: finder((text, part) => text.indexOf(part), true),
  rindex: finder((text, part) => text.lastIndexOf(part), true),
  isspace: plain((text) => text !== '' && isWhite(text)),
  isdigit: plain((text) => asciiOnly(text, 'isdigit') && /^[0-9]+$/.test(text)),
  isalpha: plain((text) => asciiOnly(text, 'isalpha') && /^[A-Za-z]+$/.test(text)),
  isalnum: plain((text) => asciiOnly(text, 'isalnum') && /^[A-Za-z0-9]+$/.test(text)),
  splitlines: {
    parameters: ['keepends'],
    run: (self, args, budget) => {
      budget.text(self.length);
      if (args.flag('keepends')) throw unsupported('splitlines(keepends=True)');
      const lines = self.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
      return new Sequence(lines.at(-1) === '' ? lines.slice(0, -1) : lines);
    },
  },
  split: {
    parameters: ['sep', 'maxsplit'],
    run: (self, args, budget) => {
      budget.text(self.length);
      const most = args.whole('maxsplit', -1);
      if ((args.given('sep') ?? null) === null) return list(splitWords(self, most), budget);
      const parts = self.split(separator(args));
      if (most < 0 || parts.length <= most + 1) return list(parts, budget);
      return list([...parts.slice(0, most), parts.slice(most).join(args.text('sep'))], budget);
    },
  },
  rsplit: {
    parameters: ['sep', 'maxsplit'],
    run: (self, args, budget) => {
      budget.text(self.length);
      if ((args.given('sep') ?? null) === null) throw unsupported('rsplit() without a separator');
      const [parts, most] = [self.split(separator(args)), args.whole('maxsplit', -1)];
      if (most < 0 || parts.length <= most + 1) return list(parts, budget);
      const cut = parts.length - most;
      return list([parts.slice(0, cut).join(args.text('sep')), ...parts.slice(cut)], budget);
    },
  },
  partition: {
    parameters: ['sep'],
    run: (self, args) => partition(self, self.indexOf(separator(args)), args.text('sep'), false),
  },
  rpartition: {
    parameters: ['sep'],
    run: (self, args) => partition(self, self.lastIndexOf(separator(args)), args.text('sep'), true),
  },
  join: {
    parameters: ['iterable'],
    run: (self, args, budget) => {
      const parts = itemsOf(args.given('iterable') ?? null).map((part) => {
        if (typeof part !== 'string') throw failed(`str.join() wants texts, not ${typeName(part)}`);
        return part;
      });
      budget.text(parts.reduce((sum, part) => sum + part.length + self.length, 0));
      return parts.join(self);
    },
  },
  replace: {
    parameters: ['old', 'new', 'count'],
    run: (self, args, budget) => replaceText(self, args.text('old'), args.text('new'), args.whole('count', -1), budget),
  },
  count: {
    parameters: ['sub'],
    run: (self, args, budget) => {
      budget.text(self.length);
      const part = args.text('sub');
      return part === '' ? countPoints(self) + 1 : self.split(part).length - 1;
    },
  },
};

/** Others of Python's: an attribute of a text that is none of these is not there, as in Jinja. */
export const UNSUPPORTED_TEXT_METHODS = [
  ...['casefold', 'center', 'encode', 'expandtabs', 'format', 'format_map', 'isascii', 'isdecimal', 'isidentifier'],
  ...['islower', 'isnumeric', 'isprintable', 'istitle', 'isupper', 'ljust', 'maketrans', 'rjust', 'swapcase'],
  ...['translate', 'zfill'],
];

/** `text.replace(old, new, count)`. */
export function replaceText(text: string, old: string, by: string, count: number, budget: Budget): string {
  const parts = old === '' ? ['', ...Array.from(text), ''] : text.split(old);
  const times = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1);
  budget.text(text.length + times * by.length);
  return parts.slice(0, times + 1).join(by) + parts.slice(times + 1).map((part) => old + part).join(''); // prettier-ignore
}

function separator(args: CallArguments): string {
  const text = args.text('sep');
  if (text === '') throw failed('empty separator');
  return text;
}

function list(parts: readonly string[], budget: Budget): Sequence {
  budget.items(parts.length);
  return new Sequence(parts);
}

function partition(text: string, at: number, by: string, isFromEnd: boolean): Sequence {
  if (at < 0) return new Sequence(isFromEnd ? ['', '', text] : [text, '', ''], 'tuple');
  return new Sequence([text.slice(0, at), by, text.slice(at + by.length)], 'tuple');
}

/** Which other characters count as letters and digits differs between Python and JavaScript. */
function asciiOnly(text: string, method: string): boolean {
  if (/[^\0-\x7f]/.test(text)) throw unsupported(`${method}() of a text beyond ASCII`);
  return true;
}
