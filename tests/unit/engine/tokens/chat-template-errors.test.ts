import { describe, expect, it } from 'vitest';
import { OlmoTokenizer } from '../../../../src/engine/tokens/tokenizer.ts';
import { memoryFiles, readFixture } from '../../../support/checkpoint-fixtures.ts';

const TOKENIZER = readFixture('tokenizer/tokenizer.json');
const CHAT = [{ role: 'user', content: 'Hi' }] as const;

const open = (files: Readonly<Record<string, string>>): Promise<OlmoTokenizer> =>
  OlmoTokenizer.open(memoryFiles({ 'tokenizer.json': TOKENIZER, ...files }, 'made-up@x'));
const withTemplate = (template: string): Promise<OlmoTokenizer> => open({ 'chat_template.jinja': template });
const withConfig = (config: object): Promise<OlmoTokenizer> =>
  open({ 'tokenizer_config.json': JSON.stringify(config) });

async function errorOf(template: string): Promise<{ readonly message: string; readonly nextStep: string }> {
  try {
    (await withTemplate(template)).renderChat(CHAT);
  } catch (error) {
    return error as { message: string; nextStep: string };
  }
  throw new Error('nothing was thrown');
}

describe('the error of a chat template', () => {
  it.each([
    [
      'a failure',
      "a\n\n{{ missing.x }}\n{{ 'b' }}",
      /chat template of made-up@x \(chat_template\.jinja, line 3\) fails: 'missing' is undefined/,
    ],
    [
      'a failure in a macro',
      '{% macro m() %}\n{{ 1 / 0 }}{% endmacro %}\n\n{{ m() }}',
      /line 2\) fails: division by zero/,
    ],
    [
      'its own refusal',
      "{% if true %}\n{{ raise_exception('no ' ~ 'system') }}{% endif %}",
      /line 2\) refuses this dialogue: “no system/,
    ],
    [
      'an expression',
      '{% if messages %}\n\n{{ messages[] }}{% endif %}',
      /line 3\) cannot be used: cannot read "messages\[\]"/,
    ],
    [
      'an expression in a block',
      '\n{% if messages is %}x{% endif %}',
      /line 2\) cannot be used: cannot read "if messages is"/,
    ],
    ['a tag without its end', 'a\n{{ messages', /line 2\) cannot be used: a tag has no }}/],
    ['a quote without its end', "\n\n{{ 'a }}", /line 3\) cannot be used: a text in quotes has no end/],
    ['a comment without its end', 'a {# b', /line 1\) cannot be used: a comment has no end/],
    ['a block without its end', '{% for m in messages %}a', /cannot be used: .*no beginning or no end/],
    ['an end without its block', 'a{% endif %}', /cannot be used: .*no beginning or no end/],
    [
      'a tag that is not there',
      '\n{% with a = 1 %}{% endwith %}',
      /line 2\) fails: the lab does not support \{% with %\}/,
    ],
    ['a filter that is not there', "{{ 'a' | batch(2) }}", /line 1\) fails: the lab does not support the filter batch/],
    ['what Jinja has not behind a filter', "{{ 'a' | upper[0] }}", /line 1\) cannot be used: cannot read/],
    [
      'an index behind a filter of arguments',
      "{% if 'a' | replace('a', 'b')[0] %}{% endif %}",
      /what follows a filter/,
    ],
    ['a test that is not there', '{{ 1 is sameas }}', /does not support the test sameas/],
    ['a method that is not there', "{{ '{}'.format(1) }}", /does not support str\.format\(\)/],
    ['values put into a text', "{{ '%s' % 1 }}", /does not support text % values/],
    ['a chain of comparisons', '{{ 1 < 2 < 3 }}', /does not support comparisons in a chain/],
    ['a number that is written otherwise', '{{ [1e3] }}', /does not support the number 1e3/],
    ['items without a comma', '{{ [1 2] }}', /there is no comma or operator before 2/],
    ['an attribute of a number', '{{ (2).real }}', /does not support real of a number/],
    ['a date that is written otherwise', "{{ strftime_now('%j') }}", /does not support strftime_now with %j/],
  ])('names the template, the line and what it is: %s', async (_, template, message) => {
    const { message: told, nextStep } = await errorOf(template);
    expect(told).toMatch(message);
    expect(nextStep).toMatch(/raw text/);
    expect(nextStep).not.toMatch(/fetch/i);
  });

  it('cuts what it repeats', async () => {
    const { message } = await errorOf(`{{ raise_exception('x' * 5000) }}`);
    expect(message.length).toBeLessThan(400);
  });

  it('names the templates that a checkpoint has, none of which is the chat’s', async () => {
    const lists = [
      [{ name: 'tool_use', template: 'a' }, { name: 'rag', template: 'b' }], // prettier-ignore
      { tool_use: 'a', rag: 'b' },
    ];
    for (const list of lists) {
      const tokenizer = await withConfig({ chat_template: list });
      expect(tokenizer.hasChatTemplate).toBe(true); // made for chats: not to be taken for a base model
      expect(() => tokenizer.renderChat(CHAT)).toThrow(
        'made-up@x has chat templates named “tool_use”, “rag”, but none named “default”.',
      );
    }
  });

  it('has the template in its own file count before those of tokenizer_config.json', async () => {
    const config = JSON.stringify({ chat_template: [{ name: 'rag', template: 'b' }] });
    const tokenizer = await open({ 'tokenizer_config.json': config, 'chat_template.jinja': 'own' });
    expect(tokenizer.renderChat(CHAT)).toBe('own');
  });
});

describe('a chat template that goes on for too long', () => {
  const bounded = '{% for a in range(100000) %}';
  it.each([
    ['a large range', '{% for i in range(999999999) %}a{% endfor %}'],
    ['loops in loops', `${bounded.repeat(4)}a${'{% endfor %}'.repeat(4)}`],
    ['loops in loops that write nothing', `${bounded.repeat(3)}{% set x = a %}${'{% endfor %}'.repeat(3)}`],
    [
      'a text that doubles',
      "{% set ns = namespace(s='ab') %}{% for i in range(99999) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    ],
    [
      'a text that doubles by ~',
      "{% set ns = namespace(s='ab') %}{% for i in range(99999) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    ],
    [
      'a list that doubles',
      '{% set ns = namespace(s=[1]) %}{% for i in range(99999) %}{% set ns.s = ns.s + ns.s %}{% endfor %}',
    ],
    ['a text times a number', "{{ 'x' * 9999999999 }}"],
    ['a list times a number', '{{ [1] * 9999999999 }}'],
    ['a wide indent', "{{ 'a\\nb' | indent(9999999999) }}"],
    ['a wide indent in JSON', '{{ [1] | tojson(indent=9999999999) }}'],
    ['a large replacement', "{{ ('a' * 9000).replace('a', 'b' * 9000) }}"],
    ['a large join', "{{ ('b' * 9000).join('a' * 9000) }}"],
    ['a macro that calls itself', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
    [
      'macros that call each other',
      '{% macro a() %}{{ b() }}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}',
    ],
    ['work on long texts', `{% set s = 'x y ' * 99999 %}${bounded}{% set t = s.split() %}{% endfor %}`],
    ['brackets within brackets', `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`],
    ['a huge template', 'a'.repeat(1_000_001)],
  ])('is stopped, and its checkpoint named: %s', async (_, template) => {
    const { message, nextStep } = await errorOf(template);
    expect(message).toMatch(/^This checkpoint’s chat template takes too long: made-up@x \(chat_template\.jinja/);
    expect(nextStep).toMatch(/Correct the template/);
  });

  it('has room for long dialogues and long turns', async () => {
    const tokenizer = await withTemplate('{% for m in messages %}{{ m.role ~ m.content | trim }}{% endfor %}');
    const turns = Array.from({ length: 2000 }, () => ({ role: 'user' as const, content: ' word '.repeat(200) }));
    expect(tokenizer.renderChat(turns).length).toBe(2000 * (4 + 1198));
  });

  it('reads white space of any length in a moment', async () => {
    const space = ' '.repeat(200_000);
    const template = `a${space}{%- if true -%}${space}b{% endif %}{{ '${space}' | trim }}{{ 'c'${space}}}`;
    expect((await withTemplate(template)).renderChat(CHAT)).toBe('abc');
  });
});
