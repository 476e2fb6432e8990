/** The names of all targets, for those that need not load what they read with. */
export const TARGET_NAMES: readonly string[] = [
  ...['safetensors', 'direction', 'config', 'index', 'tokenizer-config', 'tokenizer', 'chat-template'],
  ...['zip', 'manifest', 'pack', 'recipe', 'prompt-set', 'plan', 'results', 'ladder', 'hub-ladder', 'url'],
];
