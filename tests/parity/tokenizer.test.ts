/** The ladder's tokenizer and chat template against transformers, on texts of every kind. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderFiles } from '../../cli/files/folder.ts';
import { OlmoTokenizer, type ChatMessage } from '../../src/engine/tokens/tokenizer.ts';
import { CASES, GOLDEN } from './golden-cases.ts';

const PUBLIC = join(import.meta.dirname, '../../public');
const SPECIAL = /<\|(?:im_start|im_end|endoftext)\|>/g; // shown by transformers as asked here, left out by the lab

interface TextGolden {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}

interface ChatGolden {
  readonly messages: readonly ChatMessage[];
  readonly addGenerationPrompt: boolean;
  readonly text: string;
  readonly ids: readonly number[];
}

const read = (name: string, file: string): unknown => JSON.parse(readFileSync(join(GOLDEN, name, file), 'utf8'));

describe.each(CASES.filter(({ checkpoint }) => checkpoint !== null))('$name', ({ name, checkpoint }) => {
  let tokenizer: OlmoTokenizer;
  beforeAll(async () => {
    tokenizer = await OlmoTokenizer.open(await folderFiles(join(PUBLIC, checkpoint ?? '')));
  });

  it('reads and writes texts as transformers does', () => {
    const texts = read(name, 'tokenizer.json') as readonly TextGolden[];
    expect(texts.length).toBeGreaterThan(20);
    for (const { text, ids, decoded } of texts) {
      expect(tokenizer.encode(text), text).toEqual(ids);
      expect(tokenizer.decode(ids), text).toBe(decoded.replaceAll(SPECIAL, ''));
    }
  });

  it('renders dialogues as transformers does', () => {
    const chats = (read(name, 'chat.json') as readonly ChatGolden[]).filter((chat) => chat.addGenerationPrompt);
    expect(chats.length).toBeGreaterThan(3);
    for (const { messages, text, ids } of chats) {
      expect(tokenizer.renderChat(messages)).toBe(text);
      expect(tokenizer.encodeChat(messages)).toEqual(ids);
    }
  });
});
