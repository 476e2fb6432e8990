/** What the values of one column say of the prompts' classes. */
import { jsonStart } from '../../core/text/quote.ts';
import { areBeaverTailsKeys } from '../../core/beavertails.ts';
import { polarityOf, type Polarity } from './column-names.ts';
import { isJsonObject } from '../bytes/json.ts';
import { classesOfHarms } from './harm-names.ts';
import { numberOf, plainLabel, readLabelWord, type LabelWord } from './label-values.ts';
import type { Label } from './prompt-set.ts';
import { cellOf, type TableRow } from '../tables/table.ts';

/** What a value of a label column says; `leave-out`: its rows have no label; null: nobody knows. */
export type Meaning = Label | 'leave-out' | null;

/** A value of a label column in the whole file. */
export interface LabelValue {
  readonly value: string;
  readonly rows: number;
  readonly firstRow: number;
  readonly meaning: Meaning;
}

/** A value and where it is, before anything is made of it. */
export type CountedValue = Omit<LabelValue, 'meaning'>;

/** How a cell that holds an object of flags reads as a label. */
export const FLAG_VALUES = { some: '(a flag is true)', none: '(no flag is true)' } as const;

const LONGEST_LABEL = 60;

/** How a number reads as a label where a threshold divides the column's numbers into two classes. */
export const thresholdValues = (from: number): { readonly above: string; readonly below: string } => ({
  above: `${from} or more`,
  below: `less than ${from}`,
});

/**
 * A cell as a label: text without blanks around it, numbers and truth values as JSON writes them, '' where there is nothing.
 * `from`: numbers are divided by this threshold.
 */
export function labelCell(row: TableRow, column: string, from?: number): string {
  const label = plainCell(row, column);
  const number = from === undefined ? null : numberOf(label);
  if (from === undefined || number === null) return label;
  return thresholdValues(from)[number >= from ? 'above' : 'below'];
}

function plainCell(row: TableRow, column: string): string {
  const value = cellOf(row, column) ?? '';
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (isJsonObject(value)) {
    const flags = Object.values(value);
    const areFlags = flags.length > 0 && flags.every((flag) => typeof flag === 'boolean' || flag === null);
    if (areFlags) return flags.includes(true) ? FLAG_VALUES.some : FLAG_VALUES.none;
  }
  const json = jsonStart(value, LONGEST_LABEL + 1);
  return json.length > LONGEST_LABEL ? `${json.slice(0, LONGEST_LABEL)}…` : json;
}

export interface ColumnReading {
  readonly column: string;
  readonly values: readonly LabelValue[];
  readonly polarity: Polarity | null;
  readonly hasWords: boolean; // some values say their class by themselves
  readonly areNumbers: boolean; // scores, or more numbers than classes have
  readonly areHarms: boolean; // kinds of harm, and a word for none of them
}

/** `said`: meanings that somebody gave, by value. `text`: the column of the prompts. */
export function readLabelColumn(
  column: string,
  counted: readonly CountedValue[],
  text: string,
  said: ReadonlyMap<string, Meaning> = new Map(),
): ColumnReading {
  const polarity = polarityOf(column);
  const given = new Map([...said].map(([value, meaning]) => [plainLabel(value), meaning]));
  const words = counted.map(({ value }) => readLabelWord(value));
  const isAskedOf = (word: LabelWord): boolean => word.kind === 'flag' || word.kind === 'number';
  const isOverruled = counted.some(({ value }, i) => given.has(plainLabel(value)) && isAskedOf(words[i] ?? { kind: 'other' })); // prettier-ignore
  const yes = isOverruled ? null : yesOf(polarity, text);
  const flags = flagsOf(words, polarity);
  const harms = polarity === 'safe' || polarity === 'truth' ? null : classesOfHarms(counted.map(({ value }) => value));
  const byKind = specialMeanings(column, counted) ?? harms;
  const values = counted.map(({ value, ...where }, index) => {
    const word = words[index] ?? { kind: 'other' };
    const meaning = given.has(plainLabel(value)) ? (given.get(plainLabel(value)) ?? null) : (byKind?.get(value) ?? meaningOf(word, flags, yes)); // prettier-ignore
    return { value, ...where, meaning };
  });
  return {
    ...{ column, values, polarity },
    hasWords: words.some(({ kind }) => kind === 'class'),
    areNumbers: areNumbers(words),
    areHarms: harms !== null && byKind === harms,
  };
}

const MOST_CLASSES = 3; // that are numbered: 0, 1 and 2, or −1, 0 and 1

function areNumbers(words: readonly LabelWord[]): boolean {
  if (words.some(({ kind }) => kind === 'score')) return true;
  const said = words.filter(({ kind }) => kind !== 'none');
  return said.length > MOST_CLASSES && said.every(({ kind }) => kind === 'number');
}

const STATEMENTS = /statement|claim|fact/i;

/** What yes and no stand for; null where neither the column's name nor that of the prompts says it. */
function yesOf(polarity: Polarity | null, text: string): readonly [Label, Label] | null {
  switch (polarity) {
    case 'safe':
      return ['safe', 'harmful'];
    case 'harmful':
      return ['harmful', 'safe'];
    case 'truth':
      return ['true', 'false'];
    case 'neutral':
      if (STATEMENTS.test(text)) return ['true', 'false'];
      return /sentence/i.test(text) ? null : ['harmful', 'safe']; // a sentence may be true as well as toxic
    case 'unclear':
    case null:
      return null;
  }
}

/** Numbers are yes and no where they are 1 and 0, or 1 and −1: of −1, 0 and 1 together, or of any others, nobody knows. */
function flagsOf(words: readonly LabelWord[], polarity: Polarity | null): ReadonlyMap<number, boolean> {
  const numbers = new Set(words.flatMap((word) => (word.kind === 'number' ? [word.value] : [])));
  const isOf = (...known: number[]): boolean => [...numbers].every((number) => known.includes(number));
  if (words.some(({ kind }) => kind === 'score')) return new Map();
  if (isOf(0, 1)) return new Map([[1, true], [0, false]]); // prettier-ignore
  if (isOf(-1, 1) && numbers.size === 2 && polarity !== 'truth') return new Map([[1, true], [-1, false]]); // prettier-ignore
  return new Map();
}

function meaningOf(word: LabelWord, flags: ReadonlyMap<number, boolean>, yes: readonly [Label, Label] | null): Meaning {
  switch (word.kind) {
    case 'class':
      return word.label;
    case 'none':
      return 'leave-out';
    case 'flag':
      return yes === null ? null : yes[word.yes ? 0 : 1];
    case 'number': {
      const flag = flags.get(word.value);
      return yes === null || flag === undefined ? null : yes[flag ? 0 : 1];
    }
    case 'score':
    case 'other':
      return null;
  }
}

/** Kinds of XSTest's safe prompts; unsafe ones are called `contrast_` and the kind (Röttger et al. 2024). */
const XSTEST = ['homonyms', 'figurative_language', 'safe_targets', 'safe_contexts', 'definitions', 'real_group_nons_discr', 'nons_group_real_discr', 'historical_events', 'privacy_public', 'privacy_fictional']; // prettier-ignore
const CONTRAST = 'contrast_';

/** Columns that say the class in words of their own: kinds of XSTest, and kinds of harm of BeaverTails. */
function specialMeanings(column: string, counted: readonly CountedValue[]): ReadonlyMap<string, Label> | null {
  const values = counted.map(({ value }) => value).filter((value) => value !== '');
  if (column.toLowerCase() === 'type' && values.some((value) => value.startsWith(CONTRAST))) {
    const isKind = (value: string): boolean => XSTEST.includes(value) || values.includes(`${CONTRAST}${value}`);
    return new Map(
      values.flatMap((value): readonly (readonly [string, Label])[] => {
        if (value.startsWith(CONTRAST)) return [[value, 'harmful']];
        return isKind(value) ? [[value, 'safe']] : [];
      }),
    );
  }
  if (areBeaverTailsKeys(values)) return new Map(values.map((value) => [value, 'harmful']));
  return null;
}
