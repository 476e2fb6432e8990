/** Columns that say which split of a published set a row belongs to. */
import type { SplitRule } from './prompt-mapping.ts';
import { LIST_COLUMN } from './column-names.ts';
import { readLabelWord } from './label-values.ts';
import { isSplit, WHOLE_SPLIT } from './split-names.ts';
import { valuesOf, type TableHead } from '../tables/table-head.ts';

/** Words that only a column of splits has in its name. */
const NAMES = new Set(['split', 'splits', 'partition', 'fold']);
/** Names that are used for other things as well, so that each of their values has to be a split. */
const LOOSE_NAMES = new Set(['set', 'subset', 'phase']);

const MOST_SPLITS = 20;

const isNothing = (value: string): boolean => readLabelWord(value).kind === 'none';

/** The split of each row by the column that holds it; `unread` names one that is called so and holds something else. */
export function proposeSplit(head: TableHead, text: string): SplitRule {
  const columns = head.columns.filter((column) => column !== text);
  const certain = columns.filter((column) => wordsOf(column).some((word) => NAMES.has(word)));
  const loose = columns.filter((column) => column === LIST_COLUMN || LOOSE_NAMES.has(wordsOf(column).join(' ')));
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
