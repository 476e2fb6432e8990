/** Describes what an import decided, in the same words on the page and on the command line. */
import { counted } from '../../core/text/plural.ts';
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { LIST_COLUMN } from '../../formats/prompts/column-names.ts';
import type { LabelValue } from '../../formats/prompts/label-column.ts';
import type { LabelQuestion } from '../../formats/prompts/label-decision.ts';
import type { LeftOut } from '../../formats/prompts/labelled-row.ts';
import type { PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
import type { CategoryRule } from '../../formats/prompts/prompt-recipe.ts';
import { LABELS, type Prompt } from '../../formats/prompts/prompt-set.ts';
import type { TableHead } from '../../formats/tables/table-head.ts';
import type { TableLayout } from '../../formats/tables/guess-table-layout.ts';
import type { ChatCounts, MappedTable } from './import-prompts.ts';
import type { DuplicateReport } from './prompt-duplicates.ts';
import { reportOneClass, reportSplitRule, reportSplits } from './report-splits.ts';

/** How to change a decision: an option of the command line, or '' on the page, which has fields for this. */
export interface ReportHints {
  readonly heading: string; // when row 1 was read as column names
  readonly noHeading: string; // when row 1 was read as a prompt
  readonly split: (column: string) => string; // when a column that looks like splits is not used
}

export const NO_HINTS: ReportHints = { heading: '', noHeading: '', split: () => '' };

const SEPARATOR_NAMES = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars (|)' } as const;
const MOST_NAMES = 12; // columns or values listed on a line

/** Describes the layout and the columns that a table is read with. */
export function reportLayout({ name, layout, columns }: TableHead, hints: ReportHints): string {
  const first = columns.slice(0, MOST_NAMES).map(quoted).join(', ');
  const names = columns.length > MOST_NAMES ? `${first} and ${columns.length - MOST_NAMES} more` : first;
  return `${shown(name)}: ${columns.includes(LIST_COLUMN) ? 'JSON with a list of prompts under each name' : kindOf(layout)}${layout.format === 'lines' ? '' : headingOf(layout, names, hints)}`;
}

function kindOf({ format, separator, isDeclared }: TableLayout): string {
  switch (format) {
    case 'lines':
      return 'one prompt per line';
    case 'parquet':
      return 'Parquet';
    case 'json':
      return 'a JSON array';
    case 'jsonl':
      return 'JSON Lines';
    case 'csv':
    case 'tsv':
      if (separator === null) return 'one cell per row';
      return `cells separated by ${SEPARATOR_NAMES[separator]}${isDeclared ? ', as its first line says' : ''}`;
  }
}

function headingOf({ format, heading, isDeclared }: TableLayout, names: string, hints: ReportHints): string {
  if (format !== 'csv' && format !== 'tsv') return `; columns: ${names}`;
  const first = `row ${isDeclared ? 2 : 1}`;
  const [said, hint] = heading ? [`${first} contains the column names ${names}`, hints.heading] : [`${first} is a prompt like the others`, hints.noHeading]; // prettier-ignore
  return `; ${said}${hint === '' ? '' : ` (${hint})`}`;
}

export const NO_LABEL = 'no label';
const NO_LABEL_LEFT_OUT = `${NO_LABEL}, left out`;

/**
 * Describes where prompts, labels, categories and splits come from.
 * @param values of the label column
 * @param noLabel the words for a value that is not a label
 */
export function reportMapping(
  mapping: PromptMapping,
  values: readonly LabelValue[],
  hints: ReportHints = NO_HINTS,
  noLabel = NO_LABEL_LEFT_OUT,
): string[] {
  const { text, keep, label, category, split } = mapping;
  const filters = keep.map((filter) => `“${cut(filter.column)}” ${filter.kind === 'empty' ? 'is empty' : `is ${filter.values.map(cut).join(' or ')}`}`); // prettier-ignore
  const labels =
    label.kind === 'open' ? 'unknown' : label.kind === 'fixed' ? `${label.label} for all` : `column ${quoted(label.column)}: ${reportValues(values, noLabel)}`; // prettier-ignore
  return [
    `prompts: column ${quoted(text)}`,
    ...(filters.length > 0 ? [`only rows where ${filters.join(' and ')}`] : []),
    `labels: ${labels}`,
    `categories: ${categoryText(category)}`,
    ...reportSplitRule(split, hints.split),
  ];
}

function reportValues(values: readonly LabelValue[], noLabel: string): string {
  const first = values.slice(0, MOST_NAMES).map(({ value, rows, meaning }) => {
    const read = meaning === null ? 'unknown' : meaning === 'leave-out' ? noLabel : meaning;
    return `${valueName(value)} is ${read} (${counted(rows, 'row')})`;
  });
  const rest = values.length - first.length;
  return [...first, ...(rest > 0 ? [`${rest} more values`] : [])].join(', ');
}

function categoryText(rule: CategoryRule): string {
  if (rule.kind === 'fixed') return `${quoted(rule.category)} for all`;
  if (rule.kind === 'file') return 'the file’s name';
  return `${rule.kind === 'flags' ? 'the flag that is true in column' : 'column'} ${quoted(rule.column)}`;
}

/** Counts the imported rows by label, the rows left out by reason, and repeated prompts. */
export function reportResult(table: MappedTable, doubles: DuplicateReport): string[] {
  const { prompts, rows, leftOut, rowNumbers, split } = table;
  const counts = LABELS.map((label) => [label, prompts.filter((prompt) => prompt.label === label).length] as const);
  const isTruth = counts.some(([label, count]) => (label === 'true' || label === 'false') && count > 0);
  const classes = counts.filter(
    ([label, count]) => count > 0 || (!isTruth && (label === 'safe' || label === 'harmful')),
  );
  const left = Object.entries(leftOut).filter(([, count]) => count > 0) as [LeftOut, number][];
  return [
    `${counted(rows, 'row')}: ${classes.map(([label, count]) => `${count} ${label}`).join(', ')}`,
    ...left.map(([reason, count]) => `left out: ${counted(count, 'row')} ${LEFT_OUT_WORDS[reason]}`),
    ...reportChats(table.chats),
    ...reportOneClass(prompts),
    ...reportSplits(prompts, split),
    ...reportDoubles(doubles, prompts, rowNumbers),
  ];
}

/** Reports prompts taken from conversations: a prompt may be incomplete without the messages before it. */
export function reportChats({ prompts, cut: shortened }: ChatCounts): string[] {
  if (prompts === 0) return [];
  const before = shortened > 0 ? `; ${shortened} of them had earlier messages, which are left out` : '';
  return [`${counted(prompts, 'prompt')} ${prompts === 1 ? 'is' : 'are'} the user’s last message in a conversation${before}`]; // prettier-ignore
}

export const LEFT_OUT_WORDS: Readonly<Record<LeftOut, string>> = {
  filtered: 'by a filter',
  'no-text': 'without a prompt',
  'no-label': 'without a label',
  'no-category': 'without a category, or with more than one',
};

const MOST_EXAMPLES = 3;

function reportDoubles(doubles: DuplicateReport, prompts: readonly Prompt[], rowNumbers: readonly number[]): string[] {
  const { acrossLabels, duplicates, groups } = doubles;
  const rowOf = (prompt: Prompt): number => rowNumbers[prompts.indexOf(prompt)] ?? 0;
  const across = groups.flatMap(({ kept, others }) => {
    const other = others.find(({ prompt }) => prompt.label !== kept.label);
    return other === undefined ? [] : [`rows ${rowOf(kept)} and ${rowOf(other.prompt)}`];
  });
  const more = across.length > MOST_EXAMPLES ? ', …' : '';
  const same = duplicates - acrossLabels;
  const lines: string[] = [];
  if (acrossLabels > 0) {
    lines.push(`${counted(acrossLabels, 'row')} ${acrossLabels === 1 ? 'repeats' : 'repeat'} the prompt of an earlier row in another class (${across.slice(0, MOST_EXAMPLES).join('; ')}${more}): kept in both classes, where they cancel out in a direction`); // prettier-ignore
  }
  if (same > 0) lines.push(`${counted(same, 'row')} ${same === 1 ? 'repeats' : 'repeat'} the prompt of an earlier row in the same class: kept`); // prettier-ignore
  return lines;
}

/** A sentence that says what is unknown about the labels, naming file, row and column. */
export function questionText(question: LabelQuestion, name: string): string {
  switch (question.kind) {
    case 'no-column':
      return `${name} has no column that says whether its prompts are harmful or safe.`;
    case 'values': {
      const [first] = question.values;
      const others = question.values.slice(1, MOST_NAMES).map(({ value }) => valueName(value)).join(', '); // prettier-ignore
      const more = others === '' ? '' : `, nor is that of ${others}`;
      return `${name}, row ${first?.firstRow ?? 0}, column ${quoted(question.column)}: the meaning of the label ${valueName(first?.value ?? '')} is not known${more}.`; // prettier-ignore
    }
    case 'scores':
      return `${name}: the column ${quoted(question.column)} contains numbers such as ${cut(question.example)}, which are scores, not labels: a threshold is needed to make two classes of them.`;
    case 'too-many':
      return `${name}: the column ${quoted(question.column)} has too many different values to be labels, such as ${quoted(question.example)}.`; // prettier-ignore
    case 'empty':
      return `${name}: the column ${quoted(question.column)} contains no labels.`;
    case 'disagree': {
      const [a, b] = question.columns;
      return `${name}: the columns ${quoted(a)} and ${quoted(b)} disagree on the class of ${counted(question.rows, 'row')}, first in row ${question.firstRow}.`; // prettier-ignore
    }
  }
}

/**
 * The error of a command that cannot ask the user.
 * @param nextStep names the options that answer the question
 */
export const questionError = (question: LabelQuestion, name: string, nextStep: string): LabError =>
  new LabError('bad-request', questionText(question, name), nextStep);

const LONGEST = 60; // maximum characters quoted from a file
const cut = (text: string): string => shown(text, LONGEST);
const quoted = (text: string): string => `“${cut(text)}”`;
const valueName = (value: string): string => (value === '' ? '(empty)' : quoted(value));
