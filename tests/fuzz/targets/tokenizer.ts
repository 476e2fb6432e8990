/** A checkpoint's tokenizer: its definition, what stands beside it, and the tokens that end an answer. */
import fc from 'fast-check';
import { readStopTokens } from '../../../src/engine/tokens/stop-tokens.ts';
import { OlmoTokenizer } from '../../../src/engine/tokens/tokenizer.ts';
import { CHAT_TEMPLATE, fixtureJson, memoryFiles } from '../../support/checkpoint-fixtures.ts';
import { anyJson, jsonText, oddJson, oddName, type Json } from '../harness/spoilt-json.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';

const DEFINITION = fixtureJson('tokenizer/tokenizer.json') as Json;
const DEFINITION_TEXT = jsonText(DEFINITION);

const content = fc.constantFrom('<|endoftext|>', '<|im_end|>', '<|im_start|>', '<s>', '<new>', 'the', '', '🙂');
const token = fc.oneof<fc.Arbitrary<Json>[]>(
  content,
  fc.record({
    content,
    lstrip: fc.boolean(),
    normalized: fc.boolean(),
    special: fc.boolean(),
    single_word: fc.boolean(),
  }),
);
const tokens = fc.array(token, { maxLength: 4 });
const byName = {
  ...{ bos_token: token, eos_token: token, pad_token: token, unk_token: token, sep_token: token },
  additional_special_tokens: tokens,
  extra_special_tokens: fc.dictionary(oddName, token, { maxKeys: 2 }),
};
const template = fc.oneof<fc.Arbitrary<Json>[]>(
  fc.constant(CHAT_TEMPLATE),
  fc.record({ default: fc.constant(CHAT_TEMPLATE), tool_use: fc.constant('x') }, { requiredKeys: [] }),
  fc.array(fc.record({ name: fc.constantFrom('default', 'rag', '__proto__'), template: fc.constant(CHAT_TEMPLATE) }), { maxLength: 2 }), // prettier-ignore
);
const config = fc.record(
  {
    ...byName,
    tokenizer_class: fc.constantFrom('GPT2Tokenizer', 'GPTNeoXTokenizerFast', 'PreTrainedTokenizerFast', 'constructor'),
    chat_template: template,
    added_tokens_decoder: fc.dictionary(fc.constantFrom('0', '5', '296', '299', '300', '400', 'x'), token, {
      maxKeys: 3,
    }),
    clean_up_tokenization_spaces: fc.boolean(),
    model_max_length: fc.constantFrom(4096, 1e30),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Json>;
const map = fc.record(byName, { requiredKeys: [] }) as fc.Arbitrary<Json>;
const addedTokens = fc.dictionary(content, fc.oneof<fc.Arbitrary<Json>[]>(fc.nat(400), oddJson), { maxKeys: 3 }) as fc.Arbitrary<Json>; // prettier-ignore
const stops = fc.record({ eos_token_id: fc.oneof<fc.Arbitrary<Json>[]>(fc.nat(300), fc.array(fc.nat(300)), oddJson) }) as fc.Arbitrary<Json>; // prettier-ignore

type Files = Readonly<Record<string, string>>;

const beside = fc.record(
  {
    'tokenizer_config.json': anyJson(config),
    'special_tokens_map.json': anyJson(map),
    'added_tokens.json': anyJson(addedTokens),
    'generation_config.json': anyJson(stops),
    'config.json': fc.constantFrom('{"model_type":"olmo2","eos_token_id":1}', '{"model_type":"constructor"}', '{}'),
    'chat_template.jinja': fc.constantFrom(CHAT_TEMPLATE, '', '{{ messages'),
  },
  { requiredKeys: [] },
);

const TEXTS = ['hello <s> the<new>x<|endoftext|>', '', '<|im_start|>🙂', 'a  b\n\n'];

async function checkTokenizer(files: Files): Promise<void> {
  const source = memoryFiles(files);
  const tokenizer = await OlmoTokenizer.open(source);
  const stopIds = await readStopTokens(source);
  hold([...stopIds].every(Number.isInteger), 'what ends an answer are ids');
  for (const text of TEXTS) {
    const ids = tokenizer.encode(text);
    hold(
      ids.every((id) => Number.isSafeInteger(id) && id >= 0),
      'ids are counts',
    );
    hold(typeof tokenizer.decode(ids) === 'string', 'ids are decoded to a text');
    tokenizer.encodeUpToText(text);
  }
  if (!tokenizer.hasChatTemplate) return;
  const { dialogue, end } = tokenizer.placeInstruction('Where do bees sleep?');
  const [all, first] = [tokenizer.encodeRendered(dialogue), tokenizer.encodeRenderedUpTo(dialogue, end)];
  hold(
    first.every((id, index) => all[index] === id),
    'the first tokens of a dialogue are its own',
  );
}

const withDefinition = (definition: fc.Arbitrary<string>): fc.Arbitrary<Files> =>
  fc.tuple(beside, definition).map(([files, text]): Files => ({ ...files, 'tokenizer.json': text }));

export const TOKENIZER_TARGETS: readonly FuzzTarget[] = [
  defineTarget('tokenizer-config', withDefinition(fc.constant(DEFINITION_TEXT)), checkTokenizer),
  defineTarget('tokenizer', withDefinition(anyJson(fc.constant(DEFINITION))), checkTokenizer),
];
