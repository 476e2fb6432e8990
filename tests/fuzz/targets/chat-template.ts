/** Chat templates: programs that come with a checkpoint, parsed and run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ChatTemplate, type ChatMessage } from '../../../src/engine/tokens/chat-template.ts';
import { anyText, oddText } from '../harness/spoilt-text.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';

const FIXTURE = join(import.meta.dirname, '../../fixtures/templates/chat-templates.json');
const { cases } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as {
  readonly cases: readonly { readonly template: string }[];
};
const known = fc.constantFrom(...cases.map(({ template }) => template));

const NAMES = [
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty'],
  'messages',
  'message',
  'bos_token',
  'tools',
  'documents',
  'add_generation_prompt',
  'loop',
  'x',
  'ns',
  'm',
];
const KEYS = [
  'role',
  'content',
  'index',
  'first',
  'last',
  'length',
  'y',
  '__class__',
  'constructor',
  '__proto__',
  'items',
];
const FILTERS = [
  ...[
    'trim',
    'tojson',
    'length',
    'upper',
    'lower',
    'title',
    'capitalize',
    'first',
    'last',
    'reverse',
    'list',
    'string',
  ],
  ...['join(",")', 'replace("a", "b")', 'default("z")', 'indent(4)', 'int', 'float', 'abs', 'sort', 'unique', 'sum'],
  ...[
    'map("upper")',
    'select("string")',
    'selectattr("role", "equalto", "user")',
    'items',
    'dictsort',
    'safe',
    'random',
  ],
  ...['tojson(indent=2)', 'tojson(indent=999999)', 'batch(3)', 'min', 'max', 'groupby("role")', 'indent(99999999)'],
];
const METHODS = [
  ...[
    'strip()',
    'split()',
    'split("\\n")',
    'upper()',
    'startswith("a")',
    'replace("", "x")',
    'rstrip("\\n")',
    'items()',
  ],
  ...[
    'get("role")',
    'append(1)',
    'keys()',
    'format(1)',
    'join(["a", "b"])',
    'title()',
    'zfill(9)',
    'splitlines()',
    'count("e")',
  ],
];
const TESTS = [
  'defined',
  'none',
  'string',
  'mapping',
  'iterable',
  'odd',
  'true',
  'equalto("a")',
  'in([1, 2])',
  'nothing',
];
const LITERALS = [
  '"a"',
  "'<|im_start|>'",
  '""',
  '0',
  '1',
  '-1',
  '7.5',
  '1e308',
  '9007199254740993',
  'true',
  'none',
  '[]',
  '{}',
];

const CALLS = [
  ...[
    '(',
    '(m, ',
    '(*',
    '(**',
    '(m=',
    '(m=1, m=',
    '[',
    '[1:',
    '[::',
    '.get(',
    ' | join(',
    ' | default(',
    ' | indent(width=',
  ],
  ...[' | map(attribute=', ' | replace("a", ', ' | selectattr("role", "equalto", ', ' | sort(attribute=', ' | round('],
];
const AFTER = [
  ...[
    ' | upper[0]',
    ' | upper.strip()',
    ' | x.y',
    ' | 1',
    ' | ',
    '.',
    '[',
    '()()',
    '.1',
    ' if x',
    ' is x.y',
    ' is not',
  ],
  ...[' if x if y', '[0, 1]', '[:]'],
];
const ASSIGNED = [
  ...['k, v', '(k, v)', 'x.y', '1', '"a"', 'k,', 'none', 'x[0]', 'k, (a, b)', 'x | upper', 'loop', 'messages', 'range'],
];
const PARAMETERS = ['', 'm', 'm=1, y', 'm, m', '1', '"a"', '*m', '**m', 'm=x.y', 'x.y', 'none', 'caller', 'm=m'];

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression');
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'template', withCrossShrink: true },
      fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom(...LITERALS)),
      fc.tuple(inner, fc.constantFrom(...KEYS)).map(([a, key]) => `${a}.${key}`),
      fc.tuple(inner, fc.constantFrom(...KEYS)).map(([a, key]) => `${a}['${key}']`),
      fc.tuple(inner, fc.constantFrom('0', '-1', ':2', '1:', '::-1', '::0', '5:1:-1')).map(([a, at]) => `${a}[${at}]`),
      fc.tuple(inner, fc.constantFrom(...FILTERS)).map(([a, filter]) => `${a} | ${filter}`),
      fc.tuple(inner, fc.constantFrom(...METHODS)).map(([a, method]) => `${a}.${method}`),
      fc.tuple(inner, fc.constantFrom('is', 'is not'), fc.constantFrom(...TESTS)).map(([a, is, test]) => `${a} ${is} ${test}`),
      fc
        .tuple(inner, fc.constantFrom('+', '-', '*', '/', '//', '%', '**', '~', '==', '!=', '<', '>=', 'and', 'or', 'in', 'not in'), inner)
        .map(([a, by, b]) => `(${a} ${by} ${b})`),
      fc.tuple(inner, inner, inner).map(([a, b, c]) => `(${a} if ${b} else ${c})`),
      fc.tuple(inner, inner).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(inner, inner).map(([a, b]) => `{'y': ${a}, ${b}: 1}`),
      fc.tuple(fc.constantFrom('range', 'namespace', 'dict', 'raise_exception', 'strftime_now', 'lipsum', 'x'), inner).map(([name, a]) => `${name}(${a})`),
      fc.tuple(fc.constantFrom('not ', '-', '+', ''), inner).map(([sign, a]) => `(${sign}${a})`),
      fc.tuple(inner, fc.constantFrom(...CALLS), inner).map(([a, open, b]) => `${a}${open}${b})`),
      fc.tuple(inner, fc.constantFrom('is divisibleby', 'is equalto', 'is in', 'is sameas', '<', 'is'), inner).map(([a, is, b]) => `${a} ${is} ${b} `),
      fc.tuple(inner, fc.constantFrom(...AFTER)).map(([a, after]) => a + after),
      fc.constantFrom('loop.cycle()', 'loop.cycle("a", x)', 'loop.changed(x)', 'joiner()', 'cycler(1, 2)', 'caller()', 'varargs', 'kwargs', 'self', "'\\x'", "'\\u00'"),
      fc.constantFrom('range(99)', 'range(999999999)', 'range(0, 9, 0)', 'namespace(y=1)', 'strftime_now("%d %b %Y %Q")'),
    ),
  };
}); // prettier-ignore

const { body } = fc.letrec<{ body: string; statement: string }>((tie) => {
  const [inner, test] = [tie('body'), expression];
  return {
    body: fc.array(tie('statement'), { maxLength: 4, depthIdentifier: 'template' }).map((parts) => parts.join('')),
    statement: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'template', withCrossShrink: true },
      fc.oneof(expression.map((value) => `{{ ${value} }}`), fc.constantFrom('<|im_start|>', '\n', ' text ', '\r\n')),
      fc.tuple(test, inner, inner).map(([a, b, c]) => `{% if ${a} %}${b}{%- else -%}${c}{% endif %}`),
      fc.tuple(test, inner).map(([a, b]) => `{% for message in ${a} %}${b}{% endfor %}`),
      fc.tuple(test, inner).map(([a, b]) => `{% for m in messages if ${a} %}${b}{% else %}none{% endfor %}`),
      test.map((a) => `{% set x = ${a} %}`),
      fc.tuple(test, inner).map(([a, b]) => `{% set ns = namespace(y=${a}) %}{% set ns.y = 2 %}${b}`),
      fc.tuple(inner, test).map(([b, a]) => `{% macro x(m, y=1) %}${b}{% endmacro %}{{ x(${a}) }}`),
      inner.map((b) => `{% filter upper %}${b}{% endfilter %}`),
      inner.map((b) => `{% call x() %}${b}{% endcall %}`),
      inner.map((b) => `{% generation %}${b}{% endgeneration %}`),
      fc.tuple(fc.constantFrom(...ASSIGNED), test, inner).map(([target, a, b]) => `{% for ${target} in ${a} %}${b}{% endfor %}`),
      fc.tuple(fc.constantFrom(...ASSIGNED), test).map(([target, a]) => `{% set ${target} = ${a} %}`),
      fc.tuple(fc.constantFrom(...PARAMETERS), inner, test).map(([parameters, b, a]) => `{% macro x(${parameters}) %}${b}{% endmacro %}{{ x(${a}) }}`),
      fc.tuple(fc.constantFrom('x', 'x.y', '1', 'none', 'x(1)', 'x | upper'), inner).map(([call, b]) => `{% call(m) ${call} %}${b}{% endcall %}`),
      fc.tuple(fc.constantFrom('upper | lower', 'replace("a", "b")', 'x.y', '1', 'upper[0]', 'indent(width=3)', ''), inner).map(([by, b]) => `{% filter ${by} %}${b}{% endfilter %}`),
      fc.constantFrom('{% break %}', '{% continue %}', '{# a #}', '{% raw %}{{ x }}{% endraw %}', '{% include "x" %}', '{%- set x -%} a {%- endset -%}'),
    ),
  };
}); // prettier-ignore

const dialogue = fc
  .array(
    fc.record({
      role: fc.constantFrom('user', 'assistant', 'system'),
      content: fc.oneof(fc.constantFrom('Where do bees sleep?', '', ' ', 'assistant', '🙂 é\r\n'), oddText),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((messages): readonly ChatMessage[] =>
    messages.map(({ role, content }) => ({ role, content: content.slice(0, 500) })),
  );

const TOKENS = { bos_token: '<|endoftext|>', eos_token: '<|im_end|>', additional_special_tokens: ['<|pad|>'] };
const NOW = new Date('2025-06-01T12:00:00Z');

function checkTemplate([text, messages]: readonly [string, readonly ChatMessage[]]): void {
  const template = new ChatTemplate({ text, file: 'tokenizer_config.json' }, TOKENS, 'made-up');
  const written = template.render(messages, NOW);
  hold(template.render(messages, NOW) === written, 'a dialogue is rendered the same every time');
  const { dialogue: placed, end } = template.placeInstruction('Where do bees sleep?');
  hold(placed.slice(0, end).endsWith('sleep?'), 'an instruction ends where it is said to');
}

const template = fc.oneof(known, { weight: 3, arbitrary: body });

export const TEMPLATE_TARGETS: readonly FuzzTarget[] = [
  defineTarget('chat-template', fc.tuple(anyText(template), dialogue), checkTemplate),
];
