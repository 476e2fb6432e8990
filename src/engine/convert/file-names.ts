/** The files of a converted model. */

export const MANIFEST_FILE = 'manifest.json';
export const JOURNAL_FILE = 'journal.json'; // while its conversion goes on
export const EMBEDDING_FILE = 'embeddings.bin'; // the table's rows as they came
export const weightsFile = (index: number): string => `weights-${index}.bin`;

/** What is kept of a checkpoint beside its weights, so that the model opens without its source. */
export const KEPT_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
] as const;

const PARTIAL = /\.partial$/; // of a file that was being replaced

/** Whether a folder of these files is empty, or a converted model or the beginning of one, with nothing else in it. */
export function isModelFolder(files: readonly string[]): boolean {
  const names = files.map((file) => file.replace(PARTIAL, ''));
  const known: readonly string[] = [MANIFEST_FILE, JOURNAL_FILE, EMBEDDING_FILE, ...KEPT_FILES];
  const isKnown = (name: string): boolean => known.includes(name) || /^weights-\d+\.bin$/.test(name);
  const isMarked = names.some((name) => name === MANIFEST_FILE || name === JOURNAL_FILE || name === EMBEDDING_FILE);
  return names.every(isKnown) && (isMarked || names.length === 0 || names.includes(weightsFile(0)));
}
