/**
 * The text and tags of a template, and which white space around tags counts: with `trim_blocks` and `lstrip_blocks`, as transformers
 * sets them. Reference: `jinja2/lexer.py`.
 */
import { TemplateFault } from './fault.ts';
import { isWhite, lstrip, rstrip } from './python-text.ts';

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print' | 'block'; readonly inside: string; readonly line: number };

const OPENERS = { '{{': 'print', '{%': 'block', '{#': 'comment' } as const;
const RAW_BEGIN = /^\{%[-+]?\s*raw\s*(-?)%\}/;
const RAW_END = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;

/** The pieces of a template. Throws a fault of kind `syntax` for a tag, comment or text in quotes without its end. */
export function scanTemplate(template: string): Piece[] {
  const source = template.replaceAll(/\r\n?/g, '\n').replace(/\n$/, ''); // as Jinja reads any template
  const pieces: Piece[] = [];
  const lineAt = lineCounter(source);
  let at = 0;
  let startsLine = true; // whether what was read last ends a line

  const addText = (text: string): void => {
    if (text !== '') pieces.push({ kind: 'text', text });
  };
  const before = (text: string, sign: string, isPrint: boolean): string => {
    if (sign === '-') return rstrip(text);
    if (sign === '+' || isPrint) return text;
    const lineStart = text.lastIndexOf('\n') + 1;
    const isAlone = lineStart > 0 || startsLine;
    return isAlone && isWhite(text.slice(lineStart)) ? text.slice(0, lineStart) : text;
  };
  /** Goes on behind a tag that ends at `end`, past the white space or the line break that belongs to it. */
  const goOn = (end: number, sign: string, isPrint: boolean): void => {
    at = end;
    if (sign === '-') at = source.length - lstrip(source.slice(end)).length;
    else if (sign !== '+' && !isPrint && source.charAt(end) === '\n') at = end + 1;
    startsLine = source.charAt(at - 1) === '\n';
  };

  for (;;) {
    const start = nextOpener(source, at);
    const text = source.slice(at, start);
    if (start === source.length) {
      addText(text);
      return pieces;
    }
    const kind = OPENERS[source.slice(start, start + 2) as keyof typeof OPENERS];
    const line = lineAt(start);
    const raw = kind === 'block' ? RAW_BEGIN.exec(source.slice(start, start + 200)) : null;
    const sign = signAt(source, start + 2, kind === 'print');
    addText(before(text, sign, kind === 'print'));
    if (raw !== null) {
      goOn(start + raw[0].length, raw[1] === '-' ? '-' : '+', false);
      RAW_END.lastIndex = at;
      const end = RAW_END.exec(source);
      if (end === null) throw new TemplateFault('syntax', '{% raw %} has no {% endraw %}', line);
      addText(before(source.slice(at, end.index), end[1] ?? '', false));
      goOn(end.index + end[0].length, end[2] ?? '', false);
    } else if (kind === 'comment') {
      const end = source.indexOf('#}', start + 2);
      if (end < 0) throw new TemplateFault('syntax', 'a comment has no end', line);
      goOn(end + 2, end > start + 2 ? signAt(source, end - 1, false) : '', false);
    } else {
      const end = endOfTag(source, start + 2 + sign.length, kind, line);
      pieces.push({ kind, inside: source.slice(start + 2 + sign.length, end.inside), line });
      goOn(end.after, end.sign, kind === 'print');
    }
  }
}

/** Where the next tag or comment starts; the end of the source where there is none. */
function nextOpener(source: string, from: number): number {
  for (let at = source.indexOf('{', from); at >= 0; at = source.indexOf('{', at + 1)) {
    const next = source.charAt(at + 1);
    if (next === '{' || next === '%' || next === '#') return at;
  }
  return source.length;
}

function signAt(source: string, at: number, isPrint: boolean): '' | '-' | '+' {
  const sign = source.charAt(at);
  return sign === '-' || (sign === '+' && !isPrint) ? sign : '';
}

interface TagEnd {
  readonly inside: number; // where what is inside ends
  readonly after: number; // where the template goes on
  readonly sign: '' | '-' | '+';
}

function endOfTag(source: string, from: number, kind: 'print' | 'block', line: number): TagEnd {
  const close = kind === 'print' ? '}}' : '%}';
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const character = source.charAt(at);
    if (depth === 0) {
      if (source.startsWith(close, at)) return { inside: at, after: at + 2, sign: '' };
      const sign = signAt(source, at, kind === 'print');
      if (sign !== '' && source.startsWith(close, at + 1)) return { inside: at, after: at + 3, sign };
    }
    if (character === "'" || character === '"') at = endOfQuote(source, at, line);
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
  }
  throw new TemplateFault('syntax', `a tag has no ${close}`, line);
}

/** Where the text in quotes that starts at `start` has its closing quote. */
export function endOfQuote(source: string, start: number, line: number | null): number {
  const quote = source.charAt(start);
  for (let at = start + 1; at < source.length; at++) {
    if (source.charAt(at) === '\\') at++;
    else if (source.charAt(at) === quote) return at;
  }
  throw new TemplateFault('syntax', 'a text in quotes has no end', line);
}

/** Numbers of lines, from 1, for places that only go forward. */
function lineCounter(source: string): (at: number) => number {
  let [line, counted] = [1, 0];
  return (at) => {
    for (; counted < at; counted++) if (source.charAt(counted) === '\n') line++;
    return line;
  };
}
