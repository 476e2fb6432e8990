/** A template's tree. The library parses the tags; what Jinja reads otherwise than it does is settled before, or refused. */
import { parse, tokenize } from '@huggingface/jinja';
import { shown } from '../../../core/text/quote.ts';
import { TemplateFault, unsupported } from './fault.ts';
import type { Expression, Statement } from './nodes.ts';
import { endOfQuote, scanTemplate, type Piece } from './scan.ts';

export interface CompiledTemplate {
  readonly body: readonly Statement[];
  readonly texts: readonly string[]; // which comments of the tree stand for: `"3` for the fourth
}

/** Comments of the tree that begin with these mean something: the line of what follows, or a text of the template. */
export const LINE_MARK = '@';
export const TEXT_MARK = '"';

const LONGEST = 1_000_000; // code units; published templates have a hundredth of it
const STATEMENTS =
  /^(?:if|elif|else|endif|for|endfor|set|endset|macro|endmacro|call|endcall|filter|endfilter|break|continue)$/;

/** Throws faults of kinds `syntax` and `unsupported`, with their line where it is known. */
export function compileTemplate(template: string): CompiledTemplate {
  if (template.length > LONGEST)
    throw new TemplateFault('limit', `more than ${LONGEST.toLocaleString('en')} characters`);
  const pieces = scanTemplate(template);
  const texts: string[] = [];
  const tags = pieces.map((piece) => {
    if (piece.kind === 'text') return `{#${TEXT_MARK}${texts.push(piece.text) - 1}#}`;
    return `{#${LINE_MARK}${piece.line}#}${tagFor(piece)}`;
  });
  try {
    const body = parseTags(tags.join(''));
    checkJumps(body, false);
    return { body, texts };
  } catch (cause) {
    if (cause instanceof TemplateFault && cause.kind === 'syntax') throw cause;
    throw located(cause, pieces);
  }
}

type Tag = Exclude<Piece, { kind: 'text' }>;

function tagFor(tag: Tag): string {
  const inside = inOneLine(tag.inside, tag.line).trim();
  if (tag.kind === 'print') return `{{ ${inside} }}`;
  const [name = ''] = /^\w*/.exec(inside) ?? [];
  if (name === 'generation') return '{% filter safe %}'; // a scope of its own, as there, which changes nothing
  if (name === 'endgeneration') return '{% endfilter %}';
  if (!STATEMENTS.test(name)) throw new TemplateFault('unsupported', `the lab does not support {% ${name.slice(0, 40)} %}`, tag.line); // prettier-ignore
  return `{% ${inside} %}`;
}

/** The inside of a tag without what the library's reader could take for something else: line breaks and braces in quotes. */
function inOneLine(inside: string, line: number): string {
  let [written, from] = ['', 0];
  for (let at = 0; at < inside.length; at++) {
    if (inside.charAt(at) !== "'" && inside.charAt(at) !== '"') continue;
    const end = endOfQuote(inside, at, line);
    written += inside.slice(from, at).replaceAll(/\s+/g, ' ') + escaped(inside.slice(at, end + 1));
    at = end;
    from = end + 1;
  }
  return written + inside.slice(from).replaceAll(/\s+/g, ' ');
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\v': '\\v', '\f': '\\f', '{': '\\x7b' };

const escaped = (quoted: string): string =>
  quoted.replaceAll(/\\[\s\S]|[\s{]/gu, (part) => {
    if (part.startsWith('\\')) return isEscape(part.charAt(1)) ? part : `\\${part}`;
    return ESCAPES[part] ?? (part === ' ' ? '\\x20' : part);
  });

/** Whether Python takes a backslash before it for an escape; before anything else it is a backslash. */
const isEscape = (character: string): boolean => /[\n\\'"abfnrtvx0-7NuU]/.test(character);

function parseTags(source: string): readonly Statement[] {
  const tokens = tokenize(source);
  checkChains(tokens);
  checkNeighbours(tokens);
  return (parse(tokens) as unknown as { readonly body: readonly Statement[] }).body;
}

const COMPARES = new Set(['==', '!=', '<', '>', '<=', '>=', 'in']);
const SEPARATES = new Set(['and', 'or', 'not', 'if', 'else', 'for', ',', ':', '=', '{%', '%}', '{{', '}}']);

/** Python reads `a < b < c` as `a < b and b < c`, the library as `(a < b) < c`. */
function checkChains(tokens: readonly { readonly type: string; readonly value: string }[]): void {
  const seen = [0]; // comparisons of one expression, a level for each bracket
  for (const { type, value } of tokens) {
    if (type === 'StringLiteral' || type === 'Comment') continue;
    if (value === '(' || value === '[' || value === '{') seen.push(0);
    else if (value === ')' || value === ']' || value === '}') seen.pop();
    else if (SEPARATES.has(value)) seen[seen.length - 1] = 0;
    else if (COMPARES.has(value)) {
      const count = (seen.pop() ?? 0) + 1;
      if (count > 1) throw unsupported('comparisons in a chain (a < b < c)');
      seen.push(count);
    }
  }
}

const WORDS_BETWEEN = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else']);

/** The library reads `[1 2]` as two items, and so `1e3` or `0x10` as a number and a name. */
function checkNeighbours(tokens: readonly { readonly type: string; readonly value: string }[]): void {
  for (const [index, { type, value }] of tokens.entries()) {
    const next = tokens[index + 1];
    const isLiteral = type === 'NumericLiteral' || type === 'StringLiteral';
    if (!isLiteral || next === undefined || (type === next.type && type === 'StringLiteral')) continue; // texts are joined
    const isItem = next.type === 'NumericLiteral' || next.type === 'StringLiteral';
    const isName = next.type === 'Identifier' && !WORDS_BETWEEN.has(next.value);
    if (!isItem && !isName) continue;
    if (isName && type === 'NumericLiteral') throw unsupported(`the number ${value}${next.value.slice(0, 20)}`);
    throw new TemplateFault('syntax', `there is no comma or operator before ${next.value.slice(0, 40)}`);
  }
}

const isGeneration = (filter: Expression): boolean => filter.type === 'Identifier' && filter.value === 'safe';

/** `break` and `continue` stand in a loop; a macro within one is no part of it. */
function checkJumps(statements: readonly Statement[], isInLoop: boolean): void {
  for (const node of statements) {
    if ((node.type === 'Break' || node.type === 'Continue') && !isInLoop) {
      throw new TemplateFault('syntax', `{% ${node.type.toLowerCase()} %} stands outside of a loop`);
    }
    if (node.type === 'For') {
      checkJumps(node.body, true);
      checkJumps(node.defaultBlock, isInLoop);
    } else if (node.type === 'If') {
      checkJumps(node.body, isInLoop);
      checkJumps(node.alternate, isInLoop);
    } else if (node.type === 'Macro' || node.type === 'CallStatement') checkJumps(node.body, false);
    else if (node.type === 'FilterStatement') checkJumps(node.body, isInLoop && !isGeneration(node.filter));
    else if (node.type === 'Set') checkJumps(node.body, isInLoop);
  }
}

/** The error of the parser, with the line of the first tag that cannot be parsed by itself. */
function located(cause: unknown, pieces: readonly Piece[]): TemplateFault {
  for (const piece of pieces) {
    if (piece.kind === 'text') continue;
    const error = errorOf(() => ownWays(tagFor(piece)));
    if (error !== null) return faultOf(error, piece.line, piece.inside);
  }
  return faultOf(cause, null, '');
}

function faultOf(cause: unknown, line: number | null, inside: string): TemplateFault {
  if (cause instanceof TemplateFault) return new TemplateFault(cause.kind, cause.message, cause.line ?? line);
  if (cause instanceof RangeError) return new TemplateFault('limit', 'expressions nested too deep', line);
  if (inside !== '') {
    return new TemplateFault('syntax', `cannot read "${shown(inside.trim().replaceAll(/\s+/g, ' '), 80)}"`, line);
  }
  return new TemplateFault('syntax', 'its {% … %} do not match: one has no beginning or no end', line);
}

/** Parses a tag as it would stand alone, its block closed at once. */
function ownWays(tag: string): unknown {
  const [, name = ''] = /^\{% (\w+)/.exec(tag) ?? [];
  const close = (end: string): unknown => parseTags(`${tag}{% ${end} %}`);
  if (name === 'elif') return parseTags(`{% if true %}${tag}{% endif %}`);
  if (name === 'else' || name.startsWith('end')) return null;
  if (name === 'set') return errorOf(() => parseTags(tag)) === null ? null : close('endset');
  return ['if', 'for', 'macro', 'call', 'filter'].includes(name) ? close(`end${name}`) : parseTags(tag);
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error ?? new Error('nothing was said');
  }
}
