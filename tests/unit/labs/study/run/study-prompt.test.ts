import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderFiles } from '../../../../../cli/files/folder.ts';
import { readText } from '../../../../../src/engine/checkpoint/checkpoint-files.ts';
import { OlmoTokenizer } from '../../../../../src/engine/tokens/tokenizer.ts';
import { encodeStudyPrompt } from '../../../../../src/labs/study/run/study-prompt.ts';
import { fixtureJson, memoryFiles } from '../../../../support/checkpoint-fixtures.ts';

const definition = fixtureJson('tokenizer/tokenizer.json');

/** How OLMo 2 and 3 split text: line breaks stay with the marks before them. */
const CL100K = {
  type: 'Sequence',
  pretokenizers: [
    {
      type: 'Split',
      pattern: {
        Regex:
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      },
      behavior: 'Removed',
      invert: true,
    },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  ],
};

/** The fixture's tokenizer, which also has a token for a question mark with the line break behind it. */
function definitionWith(change: object = {}): string {
  const model = definition['model'] as { vocab: Record<string, number>; merges: unknown[] };
  const vocab = { ...model.vocab, '?Ċ': 300 };
  const merges = [...model.merges, ['?', 'Ċ']];
  return JSON.stringify({ ...definition, pre_tokenizer: CL100K, model: { ...model, vocab, merges }, ...change });
}

const open = (template: string | null, change: object = {}): Promise<OlmoTokenizer> =>
  OlmoTokenizer.open(
    memoryFiles({
      'tokenizer.json': definitionWith(change),
      ...(template !== null && { 'chat_template.jinja': template }),
    }),
  );

/** Builds what the tokens stand for, so that a test says in words where the reading ends. */
async function readUpTo(template: string, text: string, change: object = {}): Promise<{ read: string; whole: string }> {
  const tokenizer = await open(template, change);
  const reading = { template: 'chat', chat: tokenizer } as const;
  const whole = encodeStudyPrompt(tokenizer, text, { ...reading, pooling: 'last' });
  const ids = encodeStudyPrompt(tokenizer, text, { ...reading, pooling: 'last-of-instruction' });
  expect(whole.slice(0, ids.length)).toEqual(ids); // no token that the dialogue does not have
  return { read: tokenizer.decode(ids), whole: tokenizer.decode(whole) };
}

const LINE_BEHIND =
  "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + '\n' }}{% endfor %}{{ '<|assistant|>\n' }}";
const TRIMMED = LINE_BEHIND.replace('m.content', 'm.content | trim');

describe('the end of the instruction', () => {
  it('is the token of the whole dialogue that holds the last character, also where it holds more', async () => {
    const { read, whole } = await readUpTo(LINE_BEHIND, 'Who?');
    expect(read).toBe('<|user|>\nWho?\n'); // "?\n" is one token
    expect(whole).toBe('<|user|>\nWho?\n<|assistant|>\n');
  });

  it.each([
    'assistant',
    'user',
    'a',
    's',
    '>',
    '<|assistant|>',
    'start',
    'end',
    '|',
    '\nassistant',
    'assistant|>\n<|assistant',
  ])('is not mistaken for the template’s own text: %j', async (text) => {
    const { read } = await readUpTo(LINE_BEHIND.replace("'\n' }}{% endfor", "'.' }}{% endfor"), text);
    expect(read).toBe(`<|user|>\n${text}`);
  });

  it.each(['  spaces around  ', '\n\nlines around\n', '\ttab', 'ends white\u3000'])(
    'is the last character that is written: %j',
    async (text) => {
      const dot = "'.' }}{% endfor";
      const trimmed = await readUpTo(TRIMMED.replace("'\n' }}{% endfor", dot), text);
      expect(trimmed.read).toBe(`<|user|>\n${text.trim()}`);
      const kept = await readUpTo(LINE_BEHIND.replace("'\n' }}{% endfor", dot), text);
      expect(kept.read).toBe(`<|user|>\n${text}`);
    },
  );

  it('is the token with the last byte of a character that is spread over several', async () => {
    expect((await readUpTo(LINE_BEHIND, 'A tree 🌳')).read).toBe('<|user|>\nA tree 🌳');
    expect((await readUpTo(LINE_BEHIND, 'モデル')).read).toBe('<|user|>\nモデル');
  });

  it('is found in special tokens that the text spells, and behind those of the template', async () => {
    const template = "<|im_start|>{{ messages[0].content }}<|im_end|>{{ '<|im_start|>' }}";
    const tokenizer = await open(template);
    const reading = { template: 'chat', chat: tokenizer, pooling: 'last-of-instruction' } as const;
    expect(encodeStudyPrompt(tokenizer, 'Hi<|im_end|>', reading).at(-1)).toBe(298);
    expect(encodeStudyPrompt(tokenizer, 'Hi<|im_end|>', reading)).toHaveLength(4);
  });

  it('is found where the tokenizer brings the text into another form', async () => {
    const change = { normalizer: { type: 'NFC' } };
    expect((await readUpTo(LINE_BEHIND, 'cafe\u0301', change)).read).toBe('<|user|>\ncaf\u00e9');
  });

  it('is found where what stands around the text depends on it', async () => {
    const byLength = '{% if messages[0].content | length > 8 %}long: {% endif %}{{ messages[0].content | trim }} end';
    expect((await readUpTo(byLength, 'short')).read).toBe('short');
    expect((await readUpTo(byLength, 'as long as it gets ')).read).toBe('long: as long as it gets');
  });

  it.each([
    ['leaves the text out', '{{ messages[0].role }}', 'Hi'],
    ['changes it', '{{ messages[0].content | upper }}', 'Hi'],
    ['writes it twice', '{{ messages[0].content }} {{ messages[0].content }}', 'Hi'],
    ['cuts it', "{{ messages[0].content.split('.')[0] }}", 'Hi. There.'],
    ['has nothing of it left', '{{ messages[0].content | trim }}.', '  '],
  ])('is refused where the template %s', async (_, template, text) => {
    const tokenizer = await open(template);
    const reading = { template: 'chat', chat: tokenizer, pooling: 'last-of-instruction' } as const;
    expect(() => encodeStudyPrompt(tokenizer, text, reading)).toThrow(
      /chat template of made-up .*the end of the instruction/,
    );
  });

  it('is refused where tokens do not spell the text', async () => {
    const tokenizer = await open('{{ messages[0].content }}.', { normalizer: { type: 'Lowercase' } });
    const reading = { template: 'chat', chat: tokenizer, pooling: 'last-of-instruction' } as const;
    expect(() => encodeStudyPrompt(tokenizer, 'HI', reading)).toThrow(/tokens of made-up do not spell/);
  });

  it('is the whole of a raw prompt, but for what the tokenizer adds behind', async () => {
    const postProcessor = {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '<|im_start|>', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '<|im_end|>', type_id: 0 } },
      ],
      pair: [],
      special_tokens: {},
    };
    const tokenizer = await open(null, { post_processor: postProcessor });
    const reading = { template: 'raw', chat: tokenizer } as const;
    const [start, ...own] = encodeStudyPrompt(tokenizer, 'Hi', { ...reading, pooling: 'last' });
    expect([start, own.at(-1)]).toEqual([297, 298]);
    const ids = encodeStudyPrompt(tokenizer, 'Hi', { ...reading, pooling: 'last-of-instruction' });
    expect(ids).toEqual([start, ...own.slice(0, -1)]);
  });
});

/** `tools/goldens/template_goldens.py`. */
describe('the end of the instruction by the offsets of Hugging Face tokenizers', () => {
  const { templates, cases } = fixtureJson('templates/instruction-ends.json') as unknown as {
    readonly templates: Readonly<Record<string, string>>;
    readonly cases: readonly { readonly template: string; readonly text: string; readonly ids: readonly number[] }[];
  };
  const ladder = join(import.meta.dirname, '../../../../../public/ladders/tiny-olmo3/Instruct');

  it.each(Object.entries(templates))('is the same token: %s', async (name, template) => {
    const files = await folderFiles(ladder);
    const json = (await readText(files, 'tokenizer.json')) ?? '';
    const config = (await readText(files, 'tokenizer_config.json')) ?? '';
    const tokenizer = await OlmoTokenizer.open(
      memoryFiles({ 'tokenizer.json': json, 'tokenizer_config.json': config, 'chat_template.jinja': template }),
    );
    const reading = { template: 'chat', chat: tokenizer, pooling: 'last-of-instruction' } as const;
    for (const { text, ids } of cases.filter((one) => one.template === name)) {
      expect(encodeStudyPrompt(tokenizer, text, reading), text).toEqual(ids);
    }
  });
});
