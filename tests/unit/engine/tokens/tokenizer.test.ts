import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { OlmoTokenizer } from '../../../../src/engine/tokens/tokenizer.ts';
import { CHAT_TEMPLATE, fixtureJson, memoryFiles, readFixture } from '../../../support/checkpoint-fixtures.ts';

const TOKENIZER = readFixture('tokenizer/tokenizer.json');
const EXAMPLES = fixtureJson('tokenizer/examples.json') as unknown as { text: string; ids: number[] }[];
const CHAT = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello.' },
  { role: 'user', content: 'Bye 🌳' },
] as const;

const open = (files: Record<string, string> = {}): Promise<OlmoTokenizer> =>
  OlmoTokenizer.open(memoryFiles({ 'tokenizer.json': TOKENIZER, ...files }, 'folder'));

const config = (value: object): Record<string, string> => ({ 'tokenizer_config.json': JSON.stringify(value) });

describe('OlmoTokenizer', () => {
  let tokenizer: OlmoTokenizer;
  beforeAll(async () => {
    tokenizer = await open(config({ chat_template: CHAT_TEMPLATE }));
  });

  it.each(EXAMPLES)('encodes $text as the tokenizers library does, and decodes it', ({ text, ids }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(text);
  });

  it('takes special tokens in text for what they are, and leaves them out of decoded text', () => {
    const ids = tokenizer.encode('a<|im_end|>b<|endoftext|>');
    expect(ids).toContain(298);
    expect(ids.at(-1)).toBe(296);
    expect(tokenizer.decode(ids)).toBe('ab');
  });

  it('renders a dialogue up to where the model answers', () => {
    const text =
      '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nBye 🌳<|im_end|>\n<|im_start|>assistant\n';
    expect(tokenizer.renderChat(CHAT)).toBe(text);
    expect(tokenizer.encodeChat(CHAT)).toEqual(tokenizer.encode(text));
    expect(tokenizer.encodeChat(CHAT)[0]).toBe(297);
  });

  it('gives the template the special tokens by name', async () => {
    const withTokens = await open(
      config({
        chat_template: '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}',
        bos_token: '<|endoftext|>',
        eos_token: { content: '<|im_end|>', special: true },
      }),
    );
    expect(withTokens.renderChat(CHAT)).toBe('<|endoftext|>Hi<|im_end|>');
  });

  it('takes the template from its own file first, and from a list by name', async () => {
    const inFile = await open({ ...config({ chat_template: 'config' }), 'chat_template.jinja': 'file' });
    expect(inFile.renderChat(CHAT)).toBe('file');
    const named = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'chat' },
    ];
    expect((await open(config({ chat_template: named }))).renderChat(CHAT)).toBe('chat');
  });

  it('says that a base model has no chat template', async () => {
    const base = await open();
    expect(base.hasChatTemplate).toBe(false);
    expect(() => base.encodeChat(CHAT)).toThrow(expect.objectContaining({ code: 'bad-request' }) as Error);
    expect(base.encode('Hi').length).toBe(2);
  });

  it.each([
    ['a missing tokenizer.json', { 'tokenizer.json': undefined }, 'not-found', /folder has no tokenizer\.json/],
    ['one of another shape', { 'tokenizer.json': '{"model":{"type":"Nope"}}' }, 'format', /tokenizer\.json of folder/],
    ['one that is not JSON', { 'tokenizer.json': '{' }, 'format', /tokenizer\.json of folder/],
    ['an id that is none', { 'tokenizer.json': TOKENIZER.replace('"id": 297', '"id": []') }, 'format', /tokenizer\.json of folder: the token “<\|im_start\|>” has the id \[\]/], // prettier-ignore
    ['an id of added_tokens.json that is none', { 'added_tokens.json': `{"<a>": 300, "<b>": ${'['.repeat(30_000)}${']'.repeat(30_000)}}` }, 'format', /added_tokens\.json of folder: the token “<b>” has the id \[\[/], // prettier-ignore
    ['an id of the vocabulary that is none', { 'tokenizer.json': TOKENIZER.replace('"&": 5', '"&": -5') }, 'format', /the token “&” has the id -5/], // prettier-ignore
    ['a broken template', { 'chat_template.jinja': '{% for %}' }, 'format', /chat template of folder/],
  ])('names the file: %s', async (_, files, code, message) => {
    const all = Object.entries({ 'tokenizer.json': TOKENIZER, ...files }).filter(
      (file): file is [string, string] => file[1] !== undefined,
    );
    await expect(OlmoTokenizer.open(memoryFiles(Object.fromEntries(all), 'folder'))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it('names a template that fails on a dialogue', async () => {
    const picky = await open(config({ chat_template: "{{ raise_exception('no system prompt') }}" }));
    expect(() => picky.renderChat(CHAT)).toThrow(/chat template .*no system prompt/);
  });
});

describe('TokenStream', () => {
  const TEXT = 'A 🌳 naïve… 模型\n\n👩‍🚀 é ends';

  it('adds up to the text, and holds back characters whose bytes are not all there', async () => {
    const tokenizer = await open();
    const ids = tokenizer.encode(TEXT);
    const stream = tokenizer.createStream();
    const parts = ids.map((id) => stream.push(id));
    expect(parts.join('')).toBe(TEXT);
    expect(parts.some((part) => part.includes('\uFFFD'))).toBe(false);
    const tree = parts.findIndex((part) => part.includes('🌳'));
    expect(parts.slice(tree - 3, tree)).toEqual(['', '', '']); // its first three bytes
  });

  it('gives special tokens no text, and goes on after them', async () => {
    const tokenizer = await open();
    const stream = tokenizer.createStream();
    const ids = [...tokenizer.encode('one'), 298, ...tokenizer.encode(' two')];
    expect(ids.map((id) => stream.push(id)).join('')).toBe('one two');
  });

  it('shows bytes that never become a character once it is clear that they do not', async () => {
    const tokenizer = await open();
    const stream = tokenizer.createStream();
    const [first = 0] = tokenizer.encode('🌳'); // the tree's first byte
    expect(stream.push(first)).toBe('');
    expect(stream.push(tokenizer.encode('a')[0] ?? 0)).toBe('\uFFFDa');
  });

  it('keeps streams apart', async () => {
    const tokenizer = await open();
    const [a, b] = [tokenizer.createStream(), tokenizer.createStream()];
    const [tree, man] = [tokenizer.encode('🌳'), tokenizer.encode('模')];
    const parts: [string[], string[]] = [[], []];
    for (let i = 0; i < 4; i++) {
      parts[0].push(a.push(tree[i] ?? 0));
      const next = man[i];
      if (next !== undefined) parts[1].push(b.push(next));
    }
    expect(parts.map((texts) => texts.join(''))).toEqual(['🌳', '模']);
  });
});

/** Tokenizers of the released models, where they lie beside the checkout. Numbers: the `tokenizers` library of Python. */
const RELEASED = join(import.meta.dirname, '../../../../../shared/data/tokenizers');

describe.skipIf(!existsSync(RELEASED))('the released tokenizers (skipped where ../shared/data is absent)', () => {
  const TEXTS = ["How's  the naïve 🌳 of 2024?\n\n\tdef f(x):\r\n  return 12345", 'modèle 模型 ﷽', ' leading'];

  it.each([
    [
      'dolma2',
      [
        [
          4438, 596, 220, 279, 95980, 588, 11410, 234, 111, 315, 220, 2366, 19, 1980, 7604, 282, 2120, 5903, 220, 471,
          220, 4513, 1774,
        ],
        [2658, 51453, 6704, 45501, 25287, 33595, 115, 121],
        [6522],
      ],
    ],
    [
      'olmo1',
      [
        [
          2347, 434, 50276, 783, 36060, 22692, 223, 113, 273, 1384, 1348, 32, 535, 186, 1545, 269, 9, 89, 2262, 2379,
          50276, 2309, 1249, 16767,
        ],
        [2307, 3539, 282, 209, 41202, 34380, 16141, 117, 123],
        [4283],
      ],
    ],
  ])('%s round trips, whole and streamed', async (name, expected) => {
    const json = readFileSync(join(RELEASED, `${name}.tokenizer.json`), 'utf8');
    const tokenizer = await OlmoTokenizer.open(memoryFiles({ 'tokenizer.json': json }));
    for (const [i, text] of TEXTS.entries()) {
      const ids = tokenizer.encode(text);
      expect(ids).toEqual(expected[i]);
      expect(tokenizer.decode(ids)).toBe(text);
      const stream = tokenizer.createStream();
      expect(ids.map((id) => stream.push(id)).join('')).toBe(tokenizer.decode(ids));
    }
  });
});
