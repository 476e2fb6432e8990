/**
 * Which column of a table says the prompts' class, and what each of its values means: the one place where this is decided, for the
 * page and the command line alike. What cannot be told is a question, and no guess.
 */
import { CATEGORY_NAMES, polarityOf } from './column-names.ts';
import { FLAG_VALUES, readLabelColumn, type ColumnReading, type CountedValue, type LabelValue, type Meaning } from './label-column.ts'; // prettier-ignore
import { numberOf, readLabelWord } from './label-values.ts';
import type { LabelRule } from './prompt-recipe.ts';
import { LABELS, type Label } from './prompt-set.ts';

/** The values of the columns that may hold labels, in the whole file. */
export interface LabelCounts {
  readonly columns: readonly CountedColumn[];
  readonly together: readonly CountedRows[]; // how often the columns' values occur beside one another
}

export interface CountedColumn {
  readonly column: string;
  readonly values: readonly CountedValue[] | null; // null: too many to be labels
  readonly example: string; // one of them
  readonly areKinds: boolean; // flags of BeaverTails' kinds of harm
}

export interface CountedRows {
  readonly values: readonly string[]; // in the columns' order
  readonly rows: number;
  readonly firstRow: number;
}

/** What somebody says about the labels; null and empty: it is to be found out. */
export interface LabelChoice {
  readonly column: string | null;
  readonly meanings: ReadonlyMap<string, Meaning>;
  readonly from?: number; // a threshold, for a column of numbers
}

export const GUESS_LABELS: LabelChoice = { column: null, meanings: new Map() };

/** What keeps a table's classes from being known, so that somebody is to be asked. */
export type LabelQuestion =
  | { readonly kind: 'no-column' } // none of the table's columns looks like labels
  | { readonly kind: 'values'; readonly column: string; readonly values: readonly LabelValue[] } // these mean nothing
  | { readonly kind: 'scores'; readonly column: string; readonly example: string }
  | { readonly kind: 'too-many'; readonly column: string; readonly example: string }
  | { readonly kind: 'empty'; readonly column: string } // no row has a label
  | { readonly kind: 'disagree'; readonly columns: readonly [string, string]; readonly rows: number; readonly firstRow: number }; // prettier-ignore

export interface LabelDecision {
  readonly column: string | null;
  readonly values: readonly LabelValue[]; // of that column, the most frequent first
  readonly question: LabelQuestion | null;
}

/** `text`: the column of the prompts. */
export function decideLabels(counts: LabelCounts, text: string, choice: LabelChoice = GUESS_LABELS): LabelDecision {
  const { columns } = counts;
  if (choice.column !== null) return readChosen(counts, text, choice);
  const readings = columns.flatMap((counted) => readingOf(counted, text, choice) ?? []);
  const ranked = readings.filter((reading) => strengthOf(reading) > 0).sort((a, b) => strengthOf(b) - strengthOf(a));
  const asked = readings.find((reading) => isNamed(reading.column) && isOpen(reading) && maybeLabels(reading)) ?? readings.find((reading) => isOpen(reading) && isAboutClass(reading)); // prettier-ignore
  const [best] = ranked;
  if (best === undefined || (strengthOf(best) === 1 && asked !== undefined)) {
    if (asked !== undefined) return decisionOf(asked);
    const named = columns.find(
      ({ column, values, example }) => values === null && isNamed(column) && isNumber(example),
    );
    if (named !== undefined) return { column: null, values: [], question: { kind: 'scores', column: named.column, example: named.example } }; // prettier-ignore
    const empty = readings.find(({ column, values }) => isNamed(column) && values.every(({ meaning }) => meaning === 'leave-out')); // prettier-ignore
    if (empty !== undefined) return decisionOf(empty);
    return { column: null, values: [], question: { kind: 'no-column' } };
  }
  const question = disagreement(best, readings, counts);
  return question === null ? decisionOf(best) : { column: null, values: [], question };
}

function readChosen({ columns }: LabelCounts, text: string, choice: LabelChoice): LabelDecision {
  const { column } = choice;
  const counted = columns.find((known) => known.column === column);
  const reading = counted === undefined ? null : readingOf(counted, text, choice);
  if (reading !== null) return decisionOf(reading);
  const example = counted?.example ?? '';
  const kind = isNumber(example) ? 'scores' : 'too-many';
  return { column, values: [], question: { kind, column: column ?? '', example } };
}

function readingOf(
  { column, values, areKinds }: CountedColumn,
  text: string,
  { meanings }: LabelChoice,
): ColumnReading | null {
  if (values === null) return null;
  const flags: readonly (readonly [string, Label])[] = areKinds ? [[FLAG_VALUES.some, 'harmful'], [FLAG_VALUES.none, 'safe']] : []; // prettier-ignore
  return readLabelColumn(column, values, text, new Map<string, Meaning>([...flags, ...meanings]));
}

/** 3: its words, or its name and yes and no, say the class. 2: it is called a label. 1: kinds of harm say it. 0: it does not. */
function strengthOf(reading: ColumnReading): 0 | 1 | 2 | 3 {
  const { values, polarity, hasWords, areHarms } = reading;
  if (isOpen(reading) || !values.some(({ meaning }) => isLabel(meaning))) return 0;
  if (areHarms && polarity === null) return 1;
  if (hasWords || (polarity !== null && polarity !== 'neutral')) return 3;
  return polarity === 'neutral' ? 2 : 1;
}

/** A label of the row's own, and not of something else that has two classes. */
const isNamed = (column: string): boolean => polarityOf(column) !== null;
const isLabel = (meaning: Meaning): meaning is Label => LABELS.some((label) => label === meaning);
const isOpen = ({ values }: ColumnReading): boolean => values.some(({ meaning }) => meaning === null);
/** Values that say something already, or are as short as labels are: a `target` may hold whole sentences. */
const maybeLabels = ({ values }: ColumnReading): boolean =>
  values.some(({ meaning }) => isLabel(meaning)) || values.every(({ value }) => value.split(/\s+/).length <= 2);
const isNumber = (example: string): boolean => numberOf(example) !== null;

/**
 * Whether a column without a label's name is one all the same: it has a word for safe, or half of what it says are words for a class. Of
 * many topics one may be called “harmful” or “hate”.
 */
function isAboutClass({ column, values }: ColumnReading): boolean {
  const words = values.map(({ value }) => readLabelWord(value));
  const classes = words.flatMap((word) => (word.kind === 'class' ? [word.label] : []));
  if (classes.includes('safe')) return true;
  const said = words.filter(({ kind }) => kind !== 'none').length;
  return !CATEGORY_NAMES.includes(column.toLowerCase()) && classes.length > 0 && classes.length >= said / 2;
}

function decisionOf(reading: ColumnReading): LabelDecision {
  const { column, values, areNumbers } = reading;
  const unknown = values.filter(({ meaning }) => meaning === null);
  const scored = unknown.filter(({ value }) => isNumber(value));
  const example = (scored.find(({ value }) => readLabelWord(value).kind === 'score') ?? scored[0])?.value ?? '';
  const question: LabelQuestion | null =
    unknown.length > 0
      ? areNumbers && scored.length > 0
        ? { kind: 'scores', column, example }
        : { kind: 'values', column, values: unknown }
      : values.some(({ meaning }) => isLabel(meaning))
        ? null
        : { kind: 'empty', column };
  return { column, values, question };
}

/** Another column that says another class of the same rows; a `target` or `class` beside a plain label may be of anything. */
function disagreement(
  best: ColumnReading,
  readings: readonly ColumnReading[],
  counts: LabelCounts,
): LabelQuestion | null {
  const indexOf = (column: string): number => counts.columns.findIndex((known) => known.column === column);
  for (const other of readings) {
    const isWitness =
      other.hasWords || strengthOf(other) === 3 || /label/i.test(other.column) || isOfKinds(other, counts);
    if (other === best || !isWitness || (other.areHarms && !isNamed(other.column))) continue;
    const isOfTopics = !isNamed(other.column) && isOpen(other); // one of them may be called “hate”, which says no class
    const [here, there] = [meanings(best), meanings(other, isOfTopics ? ['safe'] : LABELS)];
    let [rows, firstRow] = [0, Infinity];
    for (const tuple of counts.together) {
      const [a, b] = [here.get(tuple.values[indexOf(best.column)] ?? ''), there.get(tuple.values[indexOf(other.column)] ?? '')]; // prettier-ignore
      if (a === undefined || b === undefined || a === b || isTruth(a) !== isTruth(b)) continue;
      rows += tuple.rows;
      firstRow = Math.min(firstRow, tuple.firstRow);
    }
    if (rows > 0) return { kind: 'disagree', columns: [best.column, other.column], rows, firstRow };
  }
  return null;
}

const isTruth = (label: Label): boolean => label === 'true' || label === 'false';
const isOfKinds = ({ column }: ColumnReading, { columns }: LabelCounts): boolean =>
  columns.some((known) => known.column === column && known.areKinds);

const meanings = ({ values }: ColumnReading, of: readonly Label[] = LABELS): Map<string, Label> =>
  new Map(
    values.flatMap(({ value, meaning }) =>
      isLabel(meaning) && of.includes(meaning) ? [[value, meaning] as const] : [],
    ),
  );

/** The rule that a decision comes to. Values without a meaning are in it as little as in the decision: a row with one is an error. */
export function labelRuleOf(column: string, values: readonly LabelValue[], from?: number): LabelRule {
  return {
    ...{ kind: 'column', column },
    ...(from !== undefined && { from }),
    labels: new Map(values.flatMap(({ value, meaning }) => (isLabel(meaning) ? [[value, meaning] as const] : []))),
    unlabelled: new Set(values.flatMap(({ value, meaning }) => (meaning === 'leave-out' ? [value] : []))),
  };
}
