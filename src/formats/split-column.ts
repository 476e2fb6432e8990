/** Columns that say which split of a published set a row belongs to. */
import type { SplitRule } from './prompt-mapping.ts';
import { plainLabel, readLabelWord } from './label-values.ts';
import { valuesOf, type TableHead } from './table-head.ts';

export const WHOLE_SPLIT = 'all'; // of a set that is not divided, and of rows whose split is empty

/** Words that only a column of splits has in its name. */
const NAMES = new Set(['split', 'splits', 'partition', 'fold']);
/** Names that are used for other things as well, so that each of their values has to be a split. */
const LOOSE_NAMES = new Set(['set', 'subset', 'dataset split', 'phase']);

const SPLITS = new Set(['train', 'training', 'validation', 'valid', 'val', 'dev', 'development', 'eval', 'evaluation', 'test', 'testing', 'heldout', 'holdout', 'calibration']); // prettier-ignore
const MOST_SPLITS = 20;

/** Whether a value is the name of a split, alone or beside other words: `Train`, `test-ood`, `train_sft`. */
function isSplit(value: string): boolean {
  const text = plainLabel(value);
  return SPLITS.has(text.replace(/[\s_-]/g, '')) || text.split(/[^\p{L}]+/u).some((word) => SPLITS.has(word));
}

const isNothing = (value: string): boolean => readLabelWord(value).kind === 'none';

/** Splits differ in small ways within a file (`Train`, `train `), and are one split all the same. */
export function splitOfCell(cell: string): string {
  if (isNothing(cell)) return WHOLE_SPLIT;
  return isSplit(cell) ? plainLabel(cell) : cell.trim();
}

/** The split of each row by the column that holds it; `unread` names one that is called so and holds something else. */
export function proposeSplit(head: TableHead, text: string): SplitRule {
  const columns = head.columns.filter((column) => column !== text);
  const certain = columns.filter((column) => wordsOf(column).some((word) => NAMES.has(word)));
  const loose = columns.filter((column) => LOOSE_NAMES.has(wordsOf(column).join(' ')));
  const found = certain.find((column) => holdsSplits(head, column, 'some')) ?? loose.find((column) => holdsSplits(head, column, 'every')); // prettier-ignore
  if (found !== undefined) return { kind: 'column', column: found };
  const [unread] = certain;
  if (unread === undefined) return { kind: 'fixed', split: WHOLE_SPLIT };
  const example = valuesOf(head, unread).find((value) => !isNothing(value)) ?? null;
  return { kind: 'fixed', split: WHOLE_SPLIT, unread: { column: unread, example } };
}

const wordsOf = (name: string): string[] =>
  name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');

function holdsSplits(head: TableHead, column: string, share: 'some' | 'every'): boolean {
  const values = valuesOf(head, column).filter((value) => !isNothing(value));
  if (values.length === 0 || values.length > MOST_SPLITS) return false;
  return share === 'some' ? values.some(isSplit) : values.every(isSplit);
}
