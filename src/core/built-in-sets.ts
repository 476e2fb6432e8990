/** The prompt sets that come with the lab, in `public/prompts`: one name for each, on every page and in every plan. */

export const BUILT_IN_SETS = [
  { file: 'harm-train.jsonl', name: 'Training' },
  { file: 'harm-test.jsonl', name: 'Held out' },
  { file: 'harm-rewritten.jsonl', name: 'Rewritten' },
  { file: 'harm-dev.jsonl', name: 'Development' },
  { file: 'ood-questions.jsonl', name: 'Questions' },
  { file: 'ood-imperatives.jsonl', name: 'Imperatives' },
  { file: 'ood-behaviours.jsonl', name: 'Behaviours' },
  { file: 'truth.jsonl', name: 'Truth' },
  { file: 'english-train.jsonl', name: 'English, training' },
  { file: 'english-test.jsonl', name: 'English, held out' },
  { file: 'english-rewritten.jsonl', name: 'English, rewritten' },
] as const;

export type BuiltInSetFile = (typeof BUILT_IN_SETS)[number]['file'];

/** A built-in set's name; a file that the table does not list is called as the file is. */
export const builtInSetName = (file: string): string =>
  BUILT_IN_SETS.find((set) => set.file === file)?.name ?? file.replace(/\.jsonl$/, '');

/** The built-in sets, by what a link calls them: in the grammar of the built-in ladder's world, and in plain English. */
export const DIRECTION_SETS = {
  ladder: { name: 'Built-in ladder’s own', train: 'harm-train.jsonl', test: 'harm-test.jsonl' },
  english: { name: 'English', train: 'english-train.jsonl', test: 'english-test.jsonl' },
} as const satisfies Record<string, { name: string; train: BuiltInSetFile; test: BuiltInSetFile }>;

export type BuiltInDirectionSet = keyof typeof DIRECTION_SETS;

export const isBuiltInSet = (id: string): id is BuiltInDirectionSet => Object.hasOwn(DIRECTION_SETS, id);

/** The set for a model where nobody chose one: the ladder speaks its own grammar, every other model English. */
export const automaticSet = (source: { readonly kind: 'built-in' | 'saved' }): BuiltInDirectionSet =>
  source.kind === 'built-in' ? 'ladder' : 'english';
