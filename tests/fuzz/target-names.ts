/** The names of all targets, for those that need not load what they read with. */
export const TARGET_NAMES: readonly string[] = [
  ...['safetensors', 'direction', 'config', 'index', 'tokenizer-config', 'tokenizer', 'chat-template', 'zip'],
  ...['manifest', 'pack', 'csv', 'tsv', 'json', 'jsonl', 'txt', 'parquet', 'recipe', 'prompt-set', 'plan', 'results'],
  ...['ladder', 'hub-ladder', 'hub-refs', 'hub-repo', 'url'],
];
