/** Special and added tokens against what transformers reads: `tools/goldens/template_goldens.py`. */
import { describe, expect, it } from 'vitest';
import { namedTokens, withAddedTokens } from '../../../../src/engine/tokens/special-tokens.ts';
import { OlmoTokenizer } from '../../../../src/engine/tokens/tokenizer.ts';
import type { JsonObject } from '../../../../src/formats/bytes/json.ts';
import { fixtureJson, memoryFiles, readFixture } from '../../../support/checkpoint-fixtures.ts';

interface Goldens {
  readonly texts: readonly string[];
  readonly cases: readonly {
    readonly name: string;
    readonly files: Readonly<Record<string, JsonObject>>;
    readonly tokens: JsonObject;
    readonly ids: readonly (readonly number[])[];
  }[];
}

const { texts, cases } = fixtureJson('templates/special-tokens.json') as unknown as Goldens;
const definition = fixtureJson('tokenizer/tokenizer.json');

describe('special tokens', () => {
  it.each(cases)('are those that transformers has: $name', async ({ files, tokens, ids }) => {
    const read = {
      definition,
      config: files['tokenizer_config'] ?? {},
      specialTokensMap: files['special_tokens_map'] ?? null,
      addedTokens: files['added_tokens'] ?? null,
      modelConfig: files['config'] ?? null,
    };
    expect(namedTokens(read)).toEqual(tokens);
    const stored = Object.entries(files).map(([name, content]) => [`${name}.json`, JSON.stringify(content)] as const);
    const tokenizer = await OlmoTokenizer.open(
      memoryFiles({ 'tokenizer.json': readFixture('tokenizer/tokenizer.json'), ...Object.fromEntries(stored) }),
    );
    expect(texts.map((text) => tokenizer.encodeRendered(text))).toEqual(ids);
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'of a model or class called %s are those that the files name',
    (name) => {
      const files = { definition: {}, specialTokensMap: null, addedTokens: null };
      const own = { config: { bos_token: '<s>' }, modelConfig: { model_type: name } };
      expect(namedTokens({ ...files, ...own })).toEqual({ bos_token: '<s>' });
      expect(namedTokens({ ...files, ...own, config: { bos_token: '<s>', tokenizer_class: name } })).toEqual({ bos_token: '<s>' }); // prettier-ignore
    },
  );

  it('leave a tokenizer.json alone that has them all', () => {
    const config = { tokenizer_class: 'GPT2Tokenizer', eos_token: '<|im_end|>' };
    const read = { definition, config, specialTokensMap: null, addedTokens: null, modelConfig: null };
    expect(withAddedTokens(read)).toEqual(definition);
  });
});
