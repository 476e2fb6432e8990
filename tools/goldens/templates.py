"""Chat templates for the goldens: made up, with what published templates are built of. No text is taken from one."""

from __future__ import annotations

# Each name says what it is about. Templates of whole dialogues first, then single constructs.
TEMPLATES: dict[str, str] = {
    # OLMo 2 Instruct's constructs: bos first, roles by elif, the end token behind an answer, the prompt inside the loop.
    "roles-by-elif": (
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}"
        "{{ '<|im_start|>rules\n' + message['content'] + '\n' }}{% elif message['role'] == 'user' %}"
        "{{ '<|im_start|>asks\n' + message['content'] + '\n' }}{% elif message['role'] == 'assistant' %}{% if not loop.last %}"
        "{{ '<|im_start|>answers\n'  + message['content'] + eos_token + '\n' }}{% else %}"
        "{{ '<|im_start|>answers\n'  + message['content'] + eos_token }}{% endif %}{% endif %}"
        "{% if loop.last and add_generation_prompt %}{{ '<|im_start|>answers\n' }}{% endif %}{% endfor %}"
    ),
    # OLMo 3 Instruct's: is there a system turn, tools none or not, keys that may not be there, loop.last.
    "default-system-and-tools": """{%- set has_rules = messages | selectattr('role', 'equalto', 'system') | list | length > 0 -%}
{%- if not has_rules -%}
    {{- '<|im_start|>system\nBe of use. ' -}}
    {%- if tools is none -%}
        {{- 'Nothing can be called. <list></list><|im_end|>\n' -}}
    {%- else -%}
        {{- 'These can be called. <list>' -}}{{- tools | tojson -}}{{- '</list><|im_end|>\n' -}}
    {%- endif -%}
{%- endif -%}
{%- for message in messages -%}
    {%- if message['role'] == 'system' -%}
        {{- '<|im_start|>system\n' + message['content'] -}}
        {%- if tools is not none -%}
            {{- '<list>' -}}{{- tools | tojson -}}{{- '</list>' -}}
        {%- elif message.get('tools', none) is not none -%}
            {{- ' <list>' + message['tools'] + '</list>' -}}
        {%- endif -%}
        {{- '<|im_end|>\n' -}}
    {%- elif message['role'] == 'user' -%}
        {{- '<|im_start|>user\n' + message['content'] + '<|im_end|>\n' -}}
    {%- elif message['role'] == 'assistant' -%}
        {{- '<|im_start|>assistant\n' -}}
        {%- if message.get('content', none) is not none -%}{{- message['content'] -}}{%- endif -%}
        {%- if message.get('calls', none) is not none -%}{{- '<calls>' + message['calls'] + '</calls>' -}}{%- endif -%}
        {%- if not loop.last -%}{{- '<|im_end|>' + '\n' -}}{%- else -%}{{- eos_token -}}{%- endif -%}
    {%- elif message['role'] == 'environment' -%}
        {{- '<|im_start|>environment\n' + message['content'] + '<|im_end|>\n' -}}
    {%- endif -%}
    {%- if loop.last and add_generation_prompt -%}
        {{- '<|im_start|>assistant\n' -}}
    {%- endif -%}
{%- endfor -%}
""",
    # OLMo 3.1's: none or empty, by length.
    "none-or-empty": (
        "{%- if tools is none or (tools | length) == 0 -%}{{ 'No calls.\n' }}{%- else -%}"
        "{{ 'Calls: ' + (tools | tojson) + '\n' }}{%- endif -%}{%- if documents -%}{{ 'Read these.' }}{%- endif -%}"
        "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}"
    ),
    "documents-none": "{{ documents is none }}{{ documents is defined }}{{ tools is not none }}{{ tools is defined }}",
    "content-string-or-list": (
        "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}"
        "{% for part in m.content %}{{ part.text }}{% endfor %}{% endif %}{% if not loop.last %}|{% endif %}{% endfor %}"
    ),
    "alternating-roles": (
        "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('roles must alternate') }}{% endif %}{{ message.role ~ ': ' ~ message.content.strip() ~ '\n' }}{% endfor %}"
    ),
    "first-system-cut-off": (
        "{% if messages[0]['role'] == 'system' %}{% set rules = messages[0]['content'] %}{% set rest = messages[1:] %}"
        "{% else %}{% set rules = 'none' %}{% set rest = messages %}{% endif %}[{{ rules }}]"
        "{% for m in rest %}({{ loop.index }}/{{ loop.length }} {{ m.role }}){% endfor %}"
    ),
    "namespace-last-user": (
        "{%- set ns = namespace(last=-1, seen=false) -%}{%- for m in messages[::-1] -%}"
        "{%- set index = (messages | length - 1) - loop.index0 -%}{%- if m.role == 'user' and not ns.seen -%}"
        "{%- set ns.seen = true -%}{%- set ns.last = index -%}{%- endif -%}{%- endfor -%}{{ ns.last }} {{ ns.seen }}"
    ),
    "macro-turn": (
        "{%- macro turn(role, text='') -%}<{{ role }}>{{ text | trim }}</{{ role }}>{%- endmacro -%}"
        "{%- for m in messages -%}{{ turn(m.role, m.content) }}{{ turn(text='named', role=m.role) }}{%- endfor -%}{{ turn('end') }}"
    ),
    "generation-block": (
        "{% for m in messages %}{{ m.role }}:\n{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}"
        "{% else %}{{ m.content }}{% endif %}\n{% endfor %}"
    ),
    "generation-block-trimmed": "a\n  {%- generation -%}\n  b {% set x = 1 %}\n{%- endgeneration -%}\n c{{ x is defined }}",
    "special-tokens": (
        "{{ bos_token }}|{{ eos_token }}|{{ unk_token }}|{{ pad_token }}|{{ sep_token }}|{{ cls_token }}|{{ mask_token }}|"
        "{{ additional_special_tokens }}|{{ bos_token is defined }}{{ sep_token is defined }}"
    ),
    # White space: trim_blocks and lstrip_blocks, signs, comments, the last line break.
    "trim-and-lstrip": "a\n  {% if true %}\n    b\n  {% endif %}\n  {# gone #}\nc {% if true %} d {% endif %} e\n\n",
    "lstrip-after-text": "x  {% if true %}\n\ty{% endif %}\n  {{ 'z' }}\n  {%+ if true %}w{% endif +%}\nv\n",
    "minus-signs": "a \n {{- 'b' -}} \n c {%- if true -%} \n d {%- endif %}\n\ne {#- gone -#} f",
    "one-last-line-break": "a\n\n",
    "no-text-at-all": "",
    "only-a-line-break": "\n",
    "braces-in-text": "-}\n#}\n { % } {a} {{ '}}' }}{{ '{% x %}' }}\n  {- kept\n}}",
    "brackets-in-tags": "{% set d = {'a': {'b': [1, {'c': 2}]}} %}{{ d.a.b[1]['c'] }}{{ {'x': {'y': 3}}['x']['y'] }}",
    "raw": "a {% raw %} {{ kept }} {% if %} {% endraw %}\n b\n  {%- raw -%}  {# kept #}\n{%- endraw %}c",
    "comments": "a{# {{ gone }} {% if %} #}b\n{# over\nlines #}\nc{#-#}d",
    "line-breaks-in-quotes": "{{ 'one\n  two\n{% three %}\n' }}{{ \"four\" 'five' }}",
    "escapes": "{{ 'a\\tb\\\\n\\'\\x41\\u00e9\\d\\/' }}{{ \"it's\" }}",
    # Scopes.
    "set-in-loop-is-gone": "{% set x = 0 %}{% for m in messages %}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}",
    "set-in-round-is-gone": (
        "{% for m in messages %}{% if loop.first %}{% set only = m.role %}{% endif %}[{{ only }}]{% endfor %}"
    ),
    "set-in-if-stays": "{% if true %}{% set x = 'set' %}{% endif %}{{ x }}",
    "set-block": "{% set x %}a{{ messages | length }}{% set y = 1 %}{% endset %}{{ x }}{{ y is defined }}",
    "macro-sees-its-own-scope": (
        "{% macro show() %}[{{ who }}]{% endmacro %}{% for m in messages %}{% set who = m.role %}{{ show() }}{% endfor %}"
        "{% set who = 'top' %}{{ show() }}"
    ),
    "filter-block": "{% filter upper %}a{% for m in messages %}{{ m.role }} {% endfor %}{% endfilter %}",
    "call-block": (
        "{% macro box(name) %}<{{ name }}>{{ caller('x') }}</{{ name }}>{% endmacro %}"
        "{% call(arg) box('b') %}{{ arg }}{{ messages | length }}{% endcall %}"
    ),
    "varargs": "{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, k='v') }}",
    # Loops.
    "break-keeps-text": (
        "{% for m in messages %}{{ m.role }},{% if loop.index == 2 %}{% break %}{% endif %}{{ m.content }};{% endfor %}"
    ),
    "continue-keeps-text": (
        "{% for m in messages %}{{ m.role }}{% if m.role == 'user' %}{% continue %}{% endif %}!{% else %}none{% endfor %}"
    ),
    "else-after-continues": "{% for i in [1, 2] %}{{ i }}{% continue %}{% else %}else{% endfor %}",
    "else-of-empty": "{% for i in [] %}{{ i }}{% else %}empty{% endfor %}{% for i in missing %}x{% else %}gone{% endfor %}",
    "loop-with-filter": "{% for m in messages if m.role != 'system' %}{{ loop.index }}{{ loop.length }}{{ m.role }} {% endfor %}",
    "loop-over-dict": "{% for k in {'a': 1, 'b': 2} %}{{ k }}{% endfor %}{% for k, v in {'a': 1}.items() %}{{ k }}={{ v }}{% endfor %}",
    "loop-over-text": "{% for c in 'aé🙂' %}[{{ c }}]{% endfor %}",
    "loop-neighbours": (
        "{% for i in [3, 4, 5] %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {{ loop.cycle('x', 'y') }}"
        "{{ loop.revindex }}{{ loop.changed(i > 3) }};{% endfor %}"
    ),
    "loop-inside-loop": "{% for a in [1, 2] %}{% for b in 'xy' %}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
    "ranges": "{{ range(3) | list }}{{ range(1, 4) | list }}{{ range(6, 0, -2) | list }}{{ range(2)[1] }}{{ range(4) | length }}",
    # What is printed.
    "prints-as-python": "{{ none }} {{ true }} {{ [1, 'a', none, 1.0, true] }} {{ {'k': 'it\\'s', 2: [[]]} }} {{ (1, 2) }} {{ missing }}",
    "prints-floats": "{{ 1.0 }} {{ 0.1 + 0.2 }} {{ 1 / 3 }} {{ 10.0 ** 16 }} {{ 0.00001 * 1 }} {{ 7 / 2 }} {{ -0.0 }}",
    "prints-quotes": "{{ ['\"', \"'\", 'a\\nb', 'é', '\\x07', '🙂', 'a\\u200bb', \"'\\\"\"] }}",
    "joins-by-tilde": "{{ 'a' ~ none ~ 1 ~ true ~ [1] ~ 2.5 ~ missing }}",
    "equality": "{{ '' == 0 }}{{ '1' == 1 }}{{ none == missing }}{{ [] == [] }}{{ 1 == 1.0 }}{{ true == 1 }}{{ 0 == false }}{{ {'a': [1]} == {'a': [1]} }}{{ [1, 2] == (1, 2) }}",
    "membership": "{{ 'b' in 'abc' }}{{ 'k' in {'k': 1} }}{{ 2 in [1, 2] }}{{ [1] in [[1]] }}{{ 'x' not in missing }}{{ 'a' in ['b'] }}",
    "order": "{{ 'a' < 'b' }}{{ 'Z' < 'a' }}{{ 2 <= 2.0 }}{{ 'ab' > 'a' }}",
    "arithmetic": "{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 3 - 5 }} {{ 1 + 2.0 }} {{ -(3) }} {{ true + 1 }}",
    "repeats": "{{ 'ab' * 3 }}{{ [1] * 2 }}{{ '-' * 0 }}",
    "inline-if": "{{ 'a' if false }}|{{ 'a' if false else 'b' if false else 'c' }}|{{ ('x' if messages else 'y') + 'z' }}",
    "truth": "{% for v in ['', 'a', 0, 1, none, [], [0], {}, 0.0] %}{{ 'y' if v else 'n' }}{% endfor %}{{ missing or 'd' }}{{ 0 and 1 }}",
    "missing-keys": "[{{ messages[0].missing }}][{{ messages[0]['missing'] }}][{{ messages[99] }}][{{ none.x }}][{{ 'abc'[7] }}]",
    "keys-named-like-methods": "{% set d = {'items': 1, 'get': 2} %}{{ d['items'] }}{{ d.get('get') }}{{ d.items() | list | length }}",
    "negative-indices": "{{ messages[-1].role }}{{ 'abc'[-1] }}{{ 'abc'[1:] }}{{ 'abcdef'[::2] }}{{ 'abc'[::-1] }}{{ 'abc'[5:] }}{{ [1, 2, 3][-2:] }}",
    "points-not-units": "{{ 'a🙂b' | length }}{{ 'a🙂b'[1] }}{{ 'a🙂b'[::-1] }}{{ '🙂é'[0:1] }}",
    # Methods of text.
    "strip-with-characters": "{{ '--a-b--'.strip('-') }}|{{ '\n\nx\n'.lstrip('\n') }}|{{ 'xx\n\n'.rstrip('\n') }}|{{ '  a '.strip() }}|{{ '\x1f a\u3000'.strip() }}|{{ '\ufeffa'.strip() | length }}",
    "split": "{{ 'a  b c'.split() }}{{ 'a,b,,c'.split(',') }}{{ 'a,b,c'.split(',', 1) }}{{ ' a b  c '.split(none, 1) }}{{ 'a</t>b'.split('</t>')[-1] }}{{ 'a.b.c'.rsplit('.', 1) }}",
    "starts-and-ends": "{{ 'abc'.startswith('ab') }}{{ 'abc'.endswith(('x', 'bc')) }}{{ 'abc'.startswith('') }}",
    "cases": "{{ 'hELLO wORLD'.title() }}{{ 'hELLO'.capitalize() }}{{ 'ß'.upper() }}{{ \"they're bill's\" | title }}{{ 'ABC' | capitalize }}{{ 'Ab' | lower }}{{ \"it's\".title() }}",
    "replace": "{{ 'aaa'.replace('a', 'b', 2) }}{{ 'aXa' | replace('X', '-') }}{{ 'abc'.replace('', '.') }}{{ 'a.b' | replace('.', '') }}",
    "find-and-count": "{{ 'a🙂ba'.find('b') }}{{ 'abc'.find('z') }}{{ 'banana'.count('an') }}{{ 'banana'.rfind('an') }}{{ 'a\nb'.splitlines() }}",
    "join-method": "{{ ', '.join(['a', 'b']) }}{{ '-'.join('abc') }}{{ 'a=b'.partition('=') }}{{ 'prefix'.removeprefix('pre') }}",
    # Filters and tests.
    "tojson": "{{ {'a': [1, 2.0, none, true], 'é<>&\\'': 'x\"\n'} | tojson }}|{{ [] | tojson }}|{{ {'b': 1, 'a': {}} | tojson(indent=2, sort_keys=true) }}|{{ 'é' | tojson(ensure_ascii=true) }}|{{ [1, 2] | tojson(separators=(',', ':')) }}|{{ [[1]] | tojson(indent=4) }}",
    "map-select": "{{ messages | map(attribute='role') | join(',') }}{{ messages | selectattr('role', 'equalto', 'user') | list | length }}{{ messages | rejectattr('role', 'in', ['user']) | map(attribute='role') | list }}{{ ['a', 'b'] | map('upper') | list }}{{ [0, 1, 2] | select | list }}{{ [1, 2, 3] | reject('odd') | list }}{{ messages | selectattr('missing') | list }}{{ messages | selectattr('missing', 'undefined') | list | length }}",
    "streams-run-dry": "{% set s = messages | selectattr('role') %}{{ s | list | length }}{{ s | list | length }}{{ (messages | map(attribute='role') | first) }}",
    "default": "{{ missing | default('d') }}{{ '' | default('d') }}{{ '' | default('d', true) }}{{ none | d('x') }}{{ missing | default }}",
    "none-is-a-value": (
        "{% set t = missing | default(none) %}{{ t is none }}{{ t }}{{ [none, 1] | first is none }}{{ [none] | last }}"
        "{{ {'k': none}.get('k', 'x') }}{{ 'ab' | join(none) }}{{ 'x' | int(none) }}{{ {'k': none}.k is none }}"
        "{% for v in [none, 1] %}{{ loop.previtem }},{{ loop.nextitem }},{{ loop.cycle(none, 'c') }};{% endfor %}"
        "{% macro m(a=1, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(none) }}{{ m(b=none) }}"
        "{{ [{'k': none}] | map(attribute='k', default='d') | list }}{{ [{}] | map(attribute='k', default='d') | list }}"
    ),
    "loop-depth": "{% for a in [1, 2] %}{% for b in 'x' %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}{% endfor %}",
    "remainders": "{{ 10 // 0.1 }} {{ 10 % 0.1 }} {{ -7.5 // 2 }} {{ 7 % -3 }} {{ 0.5 is odd }} {{ 0.5 is even }} {{ -3 is odd }}",
    "title-case": "{{ 'ßa' | capitalize }}{{ 'ßa ßb'.title() }}{{ 'ßa' | title }}{{ missing is callable }}",
    "sorts": "{{ [3, 1, 2] | sort }}{{ ['b', 'A', 'c'] | sort }}{{ ['b', 'A'] | sort(case_sensitive=true) }}{{ [1, 3, 2] | sort(reverse=true) }}{{ messages | sort(attribute='role') | map(attribute='role') | list }}{{ {'b': 1, 'A': 2} | dictsort }}",
    "uniques": "{{ ['a', 'A', 'b', 'a'] | unique | list }}{{ [1, 2, 1] | unique | list }}{{ [3, 1] | min }}{{ [3, 1] | max }}{{ [1, 2, 3] | sum }}",
    "ends-of-lists": "{{ [1, 2] | first }}{{ [1, 2] | last }}{{ [] | first }}{{ 'ab' | last }}{{ [1, 2] | reverse | list }}{{ 'ab' | reverse }}",
    "numbers": "{{ '3.7' | int }}{{ 'x' | int }}{{ 'x' | int(7) }}{{ -1.5 | int }}{{ '2' | float }}{{ 3 | string }}{{ -3 | abs }}{{ true | string }}{{ ' 5 ' | int }}",
    "indents": "{{ 'a\nb\n\nc' | indent }}|{{ 'a\nb' | indent(2, true) }}|{{ 'a\n\nb' | indent(width=1, blank=true) }}|{{ 'a\nb' | indent('> ') }}",
    "trims": "[{{ '  a ' | trim }}][{{ 'xax' | trim('x') }}][{{ messages[0].content | trim }}]",
    "tests": "{% for v in [none, true, 1, 1.5, 'a', 'A', [], {}, (1, 2)] %}{{ v is none }}{{ v is boolean }}{{ v is number }}{{ v is integer }}{{ v is float }}{{ v is string }}{{ v is mapping }}{{ v is sequence }}{{ v is iterable }} {% endfor %}{{ 'a' is lower }}{{ '1' is lower }}{{ 'A' is upper }}{{ 3 is odd }}{{ missing is defined }}{{ messages is defined and messages is not mapping }}",
    "joins": "{{ [1, none, true, 'a'] | join('-') }}{{ 'abc' | join(',') }}{{ messages | join('+', attribute='role') }}",
    "dicts": "{{ {'a': 1}.get('b') }}{{ {'a': 1}.get('b', 2) }}{{ {'a': 1} | items | list }}{{ dict(a=1, b=2) }}{{ {'a': 1, 'b': 2}.keys() | list }}{{ {'a': 1}.values() | list }}{{ {'a': 1} | length }}",
    "lists": "{{ [1] + [2] }}{{ (1, 2) + (3, 4) }}{{ [1, 2, 1].count(1) }}{{ ['a', 'b'].index('b') }}",
    "unpacking": "{% set a, b = [1, 2] %}{{ a }}{{ b }}{% for x, y in [[1, 2], (3, 4)] %}{{ x }}{{ y }}{% endfor %}",
    # What Jinja refuses: no text.
    "refuses-missing-attribute": "{{ missing.attribute }}",
    "refuses-missing-call": "{{ missing() }}",
    "refuses-text-plus-number": "{{ 'a' + 1 }}",
    "refuses-undefined-plus": "{{ missing + 'a' }}",
    "refuses-loop-over-none": "{% for x in none %}{% endfor %}",
    "refuses-loop-over-number": "{% for x in 3 %}{% endfor %}",
    "refuses-changing": "{{ messages.append(1) }}",
    "refuses-changing-dicts": "{{ messages[0].update({'role': 'x'}) }}",
    "refuses-large-range": "{% for i in range(100001) %}{% endfor %}",
    "refuses-order-of-kinds": "{{ 1 < 'a' }}",
    "refuses-by-itself": "{{ raise_exception('not this') }}",
    "refuses-unknown-filter": "{{ 'a' | nothing_like_it }}",
    "refuses-too-many-arguments": "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "refuses-break-outside": "{% if false %}{% break %}{% endif %}a",
    "refuses-continue-in-macro": "{% for m in messages %}{% macro x() %}{% continue %}{% endmacro %}{% endfor %}a",
    "refuses-break-in-generation": "{% for m in [] %}{% generation %}{% break %}{% endgeneration %}{% endfor %}a",
    "refuses-unclosed": "{% if true %}a",
    "refuses-division-by-zero": "{{ 1 / 0 }}",
    "refuses-json-of-undefined": "{{ missing | tojson }}",
    "refuses-length-of-stream": "{{ messages | map(attribute='role') | length }}",
    "refuses-unpacking": "{% set a, b = [1] %}",
}

# Line ends of other systems give what LF gives.
TEMPLATES["crlf"] = TEMPLATES["default-system-and-tools"].replace("\n", "\r\n")
TEMPLATES["cr"] = TEMPLATES["trim-and-lstrip"].replace("\n", "\r")
TEMPLATES["crlf-in-quotes"] = TEMPLATES["line-breaks-in-quotes"].replace("\n", "\r\n")

DIALOGUES = [
    [{"role": "user", "content": "Where do bees sleep?"}],
    [
        {"role": "system", "content": "You answer in one sentence."},
        {"role": "user", "content": "  Name a river.\r\nAnd a lake.  "},
        {"role": "assistant", "content": "The Elbe, and “Müritz” 🙂"},
        {"role": "user", "content": "assistant"},
    ],
]

# Prompts whose last token is looked for in the whole dialogue, in templates with a line break, a space or nothing behind the text.
ENDS_IN = {
    "line-break-behind": TEMPLATES["roles-by-elif"],
    "marker-behind": TEMPLATES["none-or-empty"],
    "trimmed": "{% for m in messages %}{{ m.role ~ ': ' ~ m.content | trim ~ '\n\n' }}{% endfor %}assistant:",
    "nothing-behind": "{% for m in messages %}{{ m.content }}{% endfor %}",
    "says-what-is-long": "{% for m in messages %}{% if m.content | length > 25 %}Long: {% endif %}{{ m.content }}\n{% endfor %}->",
}
END_TEXTS = [
    "How do I bake bread?",
    "assistant",
    "a",
    "start",
    "end",
    "user",
    "asks",
    "Name one!  ",
    "\n list:\n- one\n",
    "What is this: 🌳",
    "模型是什么？",
    "cafe\u0301",
    "<|im_end|>",
    "ends with a quote \"?\"",
    "12345",
    ")",
]
