/** A checkpoint's own tokenizer and chat template, on the libraries that transformers.js itself stands on. */
import { Tokenizer } from '@huggingface/tokenizers';
import { duringActivity } from '../../core/activity.ts';
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { ChatTemplate, type ChatMessage, type PlacedInstruction } from './chat-template.ts';
import { readJson, requireJson, type CheckpointFiles } from '../checkpoint/checkpoint-files.ts';
import { asLongWork } from './long-work.ts';
import { hasUnknownPattern } from './known-patterns.ts';
import { namedTokens, withAddedTokens, type TokenizerFiles } from './special-tokens.ts';
import { chooseTemplate } from './template-source.ts';
import { tokenBefore } from './token-ends.ts';
import { checkAddedTokens, checkTokenIds } from './token-ids.ts';

export type { ChatMessage } from './chat-template.ts';

const REPLACEMENT = '\uFFFD'; // what decoding gives for the beginning of a character whose bytes are not all there

interface TokenizerParts {
  readonly label: string; // of the checkpoint
  readonly tokenizer: Tokenizer;
  readonly isUnsure: boolean; // whether it has regular expressions that may take for ever
  readonly chat: ChatTemplate | LabError; // or why there is none
  readonly hasChat: boolean;
}

export class OlmoTokenizer {
  readonly #parts: TokenizerParts;
  readonly #added: ReadonlySet<string>; // contents of the added tokens

  private constructor(parts: TokenizerParts) {
    this.#parts = parts;
    this.#added = new Set([...parts.tokenizer.get_added_tokens_decoder().values()].map(({ content }) => content));
  }

  /** Reads tokenizer.json, what stands beside it and the chat template. Throws errors that name the file. */
  static async open(files: CheckpointFiles): Promise<OlmoTokenizer> {
    const definition = await requireJson(files, 'tokenizer.json');
    const config = (await readJson(files, 'tokenizer_config.json')) ?? {};
    const isListed = config['added_tokens_decoder'] !== undefined;
    const read: TokenizerFiles = {
      definition,
      config,
      specialTokensMap: isListed ? null : await readJson(files, 'special_tokens_map.json'),
      addedTokens: isListed ? null : await readJson(files, 'added_tokens.json'),
      modelConfig: typeof config['tokenizer_class'] === 'string' ? null : await readJson(files, 'config.json'),
    };
    const { label } = files;
    checkTokenIds(definition, label);
    checkAddedTokens(read.addedTokens ?? {}, label);
    const construct = (): Tokenizer => new Tokenizer(withAddedTokens(read), config);
    const tokenizer = built(
      () => duringActivity({ kind: 'tokenizer', of: label }, construct),
      `tokenizer.json of ${shown(label)}`,
    );
    const choice = await chooseTemplate(files, config);
    return new OlmoTokenizer({
      label,
      tokenizer,
      isUnsure: hasUnknownPattern(definition),
      chat: choice.kind === 'template' ? new ChatTemplate(choice.template, namedTokens(read), label) : choice.noChat,
      hasChat: choice.kind !== 'none',
    });
  }

  /** Whether the checkpoint was made for chats, though none of its templates may be the chat's. */
  get hasChatTemplate(): boolean {
    return this.#parts.hasChat;
  }

  /**
   * Does what a checkpoint's tokenizer or template may keep from ever ending, and says so to whoever watches over this thread. Around a
   * loop over many prompts it spares two messages a prompt.
   */
  tokenizing<T>(job: () => T): T {
    return duringActivity({ kind: 'tokenizer', of: this.#parts.label }, job);
  }

  /** Token ids of plain text, with the special tokens that the tokenizer itself adds (OLMo's add none). */
  encode(text: string): number[] {
    return this.#encoded(text, true).ids;
  }

  /** Token ids of plain text without the special tokens that the tokenizer adds behind it. */
  encodeUpToText(text: string): number[] {
    const [ids, own] = [this.encode(text), this.encodeRendered(text)];
    const starts = ids.map((_, index) => index);
    const start = starts.find((at) => own.every((id, index) => ids[at + index] === id)) ?? 0;
    return ids.slice(0, start + own.length);
  }

  /** The dialogue as the model was trained to read it, ready for its answer. Throws where there is no chat template. */
  renderChat(messages: readonly ChatMessage[]): string {
    return this.tokenizing(() => this.#chat().render(messages));
  }

  /** The dialogue of one user turn, and where the user's text ends in it. Throws where that cannot be told. */
  placeInstruction(text: string): PlacedInstruction {
    return this.tokenizing(() => this.#chat().placeInstruction(text));
  }

  /** Token ids of a dialogue, up to where the model answers. */
  encodeChat(messages: readonly ChatMessage[]): number[] {
    return this.encodeRendered(this.renderChat(messages));
  }

  /** Token ids of a dialogue that a chat template made, which brings its special tokens along. */
  encodeRendered(dialogue: string): number[] {
    return this.#encoded(dialogue, false).ids;
  }

  /**
   * The first tokens of a whole dialogue, up to the one that holds the last character before `end`. They are what the dialogue
   * begins with, so no token is among them that the dialogue does not have.
   */
  encodeRenderedUpTo(dialogue: string, end: number): number[] {
    const { ids, tokens } = this.#encoded(dialogue, false);
    const last = tokenBefore(tokens, this.#added, dialogue, end);
    if (last !== null) return ids.slice(0, last + 1);
    const problem = `The tokens of ${shown(this.#parts.label)} do not spell the text that they stand for, so where the instruction ends is not known.`; // prettier-ignore
    throw new LabError('config', problem, 'Choose another pooling.');
  }

  /** Text of ids, special tokens left out. */
  decode(ids: readonly number[]): string {
    if (ids.length === 0) return ''; // which the library refuses
    const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
    return this.#timed(() => this.#parts.tokenizer.decode([...ids], options));
  }

  /** A decoder for an answer that grows token by token. */
  createStream(): TokenStream {
    return new TokenStream(this);
  }

  #encoded(text: string, addSpecial: boolean): { readonly ids: number[]; readonly tokens: string[] } {
    const encode = (): { ids: number[]; tokens: string[] } =>
      this.#parts.tokenizer.encode(text, { add_special_tokens: addSpecial });
    return this.tokenizing(() => this.#timed(encode));
  }

  #timed<T>(work: () => T): T {
    return this.#parts.isUnsure ? asLongWork(`tokenizer of ${shown(this.#parts.label)}`, work) : work();
  }

  #chat(): ChatTemplate {
    const { chat } = this.#parts;
    if (chat instanceof LabError) throw chat;
    return chat;
  }
}

/** Gives each token the text that it adds; a character whose bytes span tokens belongs to the token that completes it. */
export class TokenStream {
  readonly #tokenizer: OlmoTokenizer;
  #pending: number[] = []; // tokens since the last whole character but one, so that decoding sees what precedes
  #known = ''; // text of `#pending` that was handed out

  constructor(tokenizer: OlmoTokenizer) {
    this.#tokenizer = tokenizer;
  }

  push(id: number): string {
    this.#pending.push(id);
    const text = this.#tokenizer.decode(this.#pending);
    if (text.endsWith(REPLACEMENT)) return '';
    const added = text.slice(this.#known.length);
    this.#pending = [id];
    this.#known = this.#tokenizer.decode(this.#pending);
    return added;
  }
}

function built<T>(make: () => T, thing: string): T {
  try {
    return make();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = 'Check that the file is whole and as the Hugging Face tokenizers library writes it.';
    throw new LabError('format', `${thing} cannot be used: ${shown(reason, 200)}`, nextStep, { cause });
  }
}
