/** Special tokens by name, and tokens that are added to tokenizer.json's own: as transformers 4.57 reads a checkpoint's files. */
import { isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';

/** What a chat template finds by name: `bos_token` and its like a text each, `additional_special_tokens` a list. */
export type NamedTokens = Readonly<Record<string, string | readonly string[]>>;

export interface TokenizerFiles {
  readonly definition: JsonObject; // tokenizer.json
  readonly config: JsonObject; // tokenizer_config.json
  readonly specialTokensMap: JsonObject | null; // special_tokens_map.json
  readonly addedTokens: JsonObject | null; // added_tokens.json
  readonly modelConfig: JsonObject | null; // config.json
}

const SINGLE = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'] as const;
const LIST = 'additional_special_tokens';
const END = '<|endoftext|>';

/** What a class of tokenizers sets where the files say nothing. */
const CLASS_TOKENS: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['GPT2Tokenizer', { unk_token: END, bos_token: END, eos_token: END }],
  ['GPTNeoXTokenizer', { unk_token: END, bos_token: END, eos_token: END, pad_token: null }],
]);

/** The class that transformers takes for a model whose files name none. */
const MODEL_CLASSES: ReadonlyMap<unknown, string> = new Map([
  ['olmo', 'GPTNeoXTokenizer'],
  ['olmo2', 'GPTNeoXTokenizer'],
  ['olmo3', 'GPT2Tokenizer'],
]);

/**
 * The special tokens that are set, by name. special_tokens_map.json counts before tokenizer_config.json, but is not read where
 * tokenizer_config.json has `added_tokens_decoder`. Reference: `PreTrainedTokenizerBase._from_pretrained`.
 */
export function namedTokens(files: TokenizerFiles): NamedTokens {
  const set = settings(files);
  const extra = isJsonObject(set['extra_special_tokens']) ? set['extra_special_tokens'] : {};
  const singles = [...SINGLE.map((name) => [name, set[name]] as const), ...Object.entries(extra)];
  const tokens = singles.flatMap(([name, value]): [string, string | readonly string[]][] => {
    const token = contentOf(value);
    return token === null || token === '' ? [] : [[name, token]];
  });
  const list = contentsOf(set[LIST]);
  return Object.fromEntries(list.length === 0 ? tokens : [...tokens, [LIST, list]]);
}

function settings({ definition, config, specialTokensMap, modelConfig }: TokenizerFiles): JsonObject {
  const isMapRead = specialTokensMap !== null && config['added_tokens_decoder'] === undefined;
  const map = isMapRead ? specialTokensMap : {};
  const lists = isMapRead && Array.isArray(map[LIST]) ? { [LIST]: [...contentsOf(config[LIST]), ...contentsOf(map[LIST])] } : {}; // prettier-ignore
  const padding = isJsonObject(definition['padding']) ? { pad_token: definition['padding']['pad_token'] } : {};
  return { ...padding, ...CLASS_TOKENS.get(classOf(config, modelConfig)), ...config, ...map, ...lists };
}

function classOf(config: JsonObject, modelConfig: JsonObject | null): string {
  const named = config['tokenizer_class'] ?? modelConfig?.['tokenizer_class'];
  const name = typeof named === 'string' ? named : MODEL_CLASSES.get(modelConfig?.['model_type']);
  return (name ?? '').replace(/Fast$/, '');
}

const contentOf = (value: unknown): string | null => {
  const content = isJsonObject(value) ? value['content'] : value;
  return typeof content === 'string' ? content : null;
};

/** Texts of a list of tokens, each once. */
function contentsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return [...new Set(value.map(contentOf).filter((token) => token !== null && token !== ''))] as string[];
}

/**
 * tokenizer.json with the tokens that the other files add. A token that its vocabulary has keeps its id; another gets the next one,
 * whatever id the file names. Reference: `PreTrainedTokenizerFast.__init__`, and `AddedVocabulary::add_tokens` of tokenizers.
 */
export function withAddedTokens(files: TokenizerFiles): JsonObject {
  const { definition } = files;
  const own = Array.isArray(definition['added_tokens']) ? definition['added_tokens'].filter(isJsonObject) : [];
  const vocabulary = isJsonObject(definition['model']) && isJsonObject(definition['model']['vocab']) ? definition['model']['vocab'] : {}; // prettier-ignore
  let size: number | null = null;
  const known = new Set(own.map(({ content }) => content));
  const special = specialContents(files);
  const added: JsonObject[] = [...own];
  let last = own.reduce((most, { id }) => (typeof id === 'number' ? Math.max(most, id) : most), -1);
  for (const token of [...listedTokens(files, special), ...[...special].map((content) => ({ content }))]) {
    const { content } = token;
    if (typeof content !== 'string' || content === '' || known.has(content)) continue;
    known.add(content);
    const isSpecial = ('special' in token && token.special === true) || special.has(content);
    const id = idIn(vocabulary, content) ?? Math.max(last + 1, (size ??= Object.keys(vocabulary).length));
    last = Math.max(last, id);
    added.push({ normalized: !isSpecial, ...token, special: isSpecial, id });
  }
  return { ...definition, added_tokens: added };
}

function idIn(vocabulary: JsonObject, content: string): number | null {
  const id = Object.hasOwn(vocabulary, content) ? vocabulary[content] : null;
  return typeof id === 'number' ? id : null;
}

function specialContents(files: TokenizerFiles): ReadonlySet<string> {
  return new Set(Object.values(namedTokens(files)).flat());
}

/** Tokens that tokenizer_config.json lists, or added_tokens.json where that does not: in the order of their ids. */
function listedTokens({ config, addedTokens }: TokenizerFiles, special: ReadonlySet<string>): JsonObject[] {
  const decoder = config['added_tokens_decoder'];
  if (isJsonObject(decoder)) {
    const entries = Object.entries(decoder).sort(([a], [b]) => Number(a) - Number(b));
    return entries.map(([, token]) => token).filter(isJsonObject);
  }
  const entries = Object.entries(addedTokens ?? {}).sort(([, a], [, b]) => Number(a) - Number(b));
  return entries.map(([content]) => ({ content, normalized: !special.has(content) }));
}
