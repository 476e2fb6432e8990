/** A checkpoint's own tokenizer and chat template, on the libraries that transformers.js itself stands on. */
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import { duringActivity } from '../core/activity.ts';
import { LabError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../formats/json.ts';
import { readJson, readText, requireJson, type CheckpointFiles } from './checkpoint-files.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

const REPLACEMENT = '\uFFFD'; // what decoding gives for the beginning of a character whose bytes are not all there
const SPECIAL_TOKEN_KEYS = ['bos_token', 'eos_token', 'unk_token', 'pad_token'] as const;

export class OlmoTokenizer {
  readonly #label: string; // of the checkpoint
  readonly #tokenizer: Tokenizer;
  readonly #template: Template | null;
  readonly #specialTokens: Readonly<Record<string, string>>;

  private constructor(
    label: string,
    tokenizer: Tokenizer,
    template: Template | null,
    specialTokens: Record<string, string>,
  ) {
    this.#label = label;
    this.#tokenizer = tokenizer;
    this.#template = template;
    this.#specialTokens = specialTokens;
  }

  /** Reads tokenizer.json, tokenizer_config.json and the chat template. Throws errors that name the file. */
  static async open(files: CheckpointFiles): Promise<OlmoTokenizer> {
    const definition = await requireJson(files, 'tokenizer.json');
    const config = (await readJson(files, 'tokenizer_config.json')) ?? {};
    const source = (await readText(files, 'chat_template.jinja')) ?? templateOf(config);
    const specialTokens = Object.fromEntries(
      SPECIAL_TOKEN_KEYS.flatMap((key) => {
        const token = isJsonObject(config[key]) ? config[key]['content'] : config[key];
        return typeof token === 'string' ? [[key, token]] : [];
      }),
    );
    const reading = { kind: 'tokenizer', of: files.label } as const;
    const tokenizer = build(
      () => duringActivity(reading, () => new Tokenizer(definition, config)),
      `tokenizer.json of ${files.label}`,
    );
    const template = source === null ? null : build(() => new Template(source), `The chat template of ${files.label}`);
    return new OlmoTokenizer(files.label, tokenizer, template, specialTokens);
  }

  get hasChatTemplate(): boolean {
    return this.#template !== null;
  }

  /**
   * Does what a checkpoint's tokenizer or template may keep from ever ending, and says so to whoever watches over this thread. Around a
   * loop over many prompts it spares two messages a prompt.
   */
  tokenizing<T>(job: () => T): T {
    return duringActivity({ kind: 'tokenizer', of: this.#label }, job);
  }

  /** Token ids of plain text, with the special tokens that the tokenizer itself adds (OLMo's add none). */
  encode(text: string): number[] {
    return this.tokenizing(() => this.#tokenizer.encode(text).ids);
  }

  /** The dialogue as the model was trained to read it, ready for its answer. Throws where there is no chat template. */
  renderChat(messages: readonly ChatMessage[]): string {
    const template = this.#template;
    if (template === null) {
      const nextStep = 'Base models have none: send the prompt as raw text, or open an instruction-tuned checkpoint.';
      throw new LabError('bad-request', 'This checkpoint has no chat template.', nextStep);
    }
    return build(
      () => this.tokenizing(() => template.render({ messages, add_generation_prompt: true, ...this.#specialTokens })),
      'The chat template',
    );
  }

  /** Token ids of a dialogue, up to where the model answers. */
  encodeChat(messages: readonly ChatMessage[]): number[] {
    return this.encodeRendered(this.renderChat(messages));
  }

  /** Token ids of a dialogue that a chat template made, which brings its special tokens along. */
  encodeRendered(dialogue: string): number[] {
    return this.tokenizing(() => this.#tokenizer.encode(dialogue, { add_special_tokens: false }).ids);
  }

  /** Text of ids, special tokens left out. */
  decode(ids: readonly number[]): string {
    if (ids.length === 0) return ''; // which the library refuses
    return this.#tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  }

  /** A decoder for an answer that grows token by token. */
  createStream(): TokenStream {
    return new TokenStream(this);
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

/** A template is one string, or several by name, of which `default` is the chat's. */
function templateOf(config: JsonObject): string | null {
  const template = config['chat_template'];
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return null;
  const named = template.filter(isJsonObject).find((entry) => entry['name'] === 'default');
  return typeof named?.['template'] === 'string' ? named['template'] : null;
}

function build<T>(make: () => T, thing: string): T {
  try {
    return make();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LabError('format', `${thing} cannot be used: ${reason}`, 'Fetch the checkpoint again.', { cause });
  }
}
