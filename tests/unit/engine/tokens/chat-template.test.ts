/** Chat templates against what transformers renders: `tools/goldens/template_goldens.py`. */
import { describe, expect, it } from 'vitest';
import { OlmoTokenizer, type ChatMessage } from '../../../../src/engine/tokens/tokenizer.ts';
import { fixtureJson, memoryFiles, readFixture } from '../../../support/checkpoint-fixtures.ts';

const TOKENIZER = readFixture('tokenizer/tokenizer.json');

interface Goldens {
  readonly config: object;
  readonly dialogues: readonly (readonly ChatMessage[])[];
  readonly cases: readonly { readonly name: string; readonly template: string; readonly texts: readonly (string | null)[] }[]; // prettier-ignore
}

const { config, dialogues, cases } = fixtureJson('templates/chat-templates.json') as unknown as Goldens;

const open = (template: string): Promise<OlmoTokenizer> => {
  const files = { 'tokenizer.json': TOKENIZER, 'tokenizer_config.json': JSON.stringify(config) };
  return OlmoTokenizer.open(memoryFiles({ ...files, 'chat_template.jinja': template }, 'folder'));
};

describe('the text of a chat template', () => {
  it.each(cases)('is as transformers renders it: $name', async ({ template, texts }) => {
    const rendered: (string | null)[] = [];
    for (const messages of dialogues) {
      try {
        rendered.push((await open(template)).renderChat(messages));
      } catch (error) {
        expect(error).toMatchObject({ name: 'LabError', message: expect.stringContaining('folder') as string });
        rendered.push(null);
      }
    }
    expect(rendered).toEqual(texts);
  });
});
