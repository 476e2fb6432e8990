/** The released tokenizers on published prompts, token for token against Hugging Face tokenizers (tools/goldens/real_prompts.py). */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { OlmoTokenizer } from '../../../../src/engine/tokens/tokenizer.ts';
import { HAS_REAL_DATA, readReal, realTexts } from '../../../support/real-data.ts';
import { fixtureJson, memoryFiles } from '../../../support/checkpoint-fixtures.ts';

interface IdsGolden {
  readonly texts: number;
  readonly tokens: number;
  readonly sha256: string; // over each text's number of tokens and its ids, little-endian 32-bit integers
  readonly decoded: number; // texts that decoding gives back
}

const GOLDENS = fixtureJson('tokenizer/real-prompts.json') as unknown as Record<string, Record<string, IdsGolden>>;
const COLUMNS: Readonly<Record<string, string>> = {
  'prompts/advbench.csv': 'goal',
  'prompts/alpaca-3000.jsonl': 'instruction',
  'prompts/beavertails-evaluation.csv': 'prompt',
  'prompts/harmbench_test.csv': 'Behavior',
  'prompts/malicious_instruct.txt': 'text',
  'prompts/strongreject.csv': 'forbidden_prompt',
  'prompts/xstest.csv': 'prompt',
  'truth/cities.csv': 'statement',
  'truth/larger_than.csv': 'statement',
  'truth/neg_cities.csv': 'statement',
  'truth/sp_en_trans.csv': 'statement',
  'judge/xstest_completions_gpt4.csv': 'completion',
  'judge/xstest_completions_llama2new.csv': 'completion',
  'judge/xstest_completions_llama2orig.csv': 'completion',
};

function digestOf(encoded: readonly (readonly number[])[]): string {
  const hash = createHash('sha256');
  for (const ids of encoded) {
    const bytes = Buffer.alloc(4 * (ids.length + 1));
    [ids.length, ...ids].forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
    hash.update(bytes);
  }
  return hash.digest('hex');
}

describe('the goldens of published prompts', () => {
  it.each(['dolma2', 'olmo1'])('hold every file for %s', (name) => {
    expect(Object.keys(GOLDENS[name] ?? {})).toEqual(Object.keys(COLUMNS));
  });
});

describe.skipIf(!HAS_REAL_DATA).each(['dolma2', 'olmo1'])(
  'the tokenizer %s on published prompts (skipped where ../shared/data is absent)',
  { timeout: 60_000 },
  (name) => {
    let tokenizer: OlmoTokenizer;
    beforeAll(async () => {
      const json = new TextDecoder().decode(readReal(`tokenizers/${name}.tokenizer.json`));
      tokenizer = await OlmoTokenizer.open(memoryFiles({ 'tokenizer.json': json }));
    });

    it.each(Object.keys(COLUMNS))('gives the ids that tokenizers gives for %s, and the texts back', async (file) => {
      const texts = await realTexts(file, COLUMNS[file] ?? '');
      const encoded = texts.map((text) => tokenizer.encode(text));
      const found: IdsGolden = {
        texts: texts.length,
        tokens: encoded.reduce((sum, ids) => sum + ids.length, 0),
        sha256: digestOf(encoded),
        decoded: encoded.filter((ids, index) => tokenizer.decode(ids) === texts[index]).length,
      };
      expect(found).toEqual(GOLDENS[name]?.[file]);
    });
  },
);
