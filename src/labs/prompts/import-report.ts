/** What an import decided, in words: the same on the page and on the command line. */
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
import type { TableLayout } from '../../formats/tables/table-layout.ts';
import type { ChatCounts, MappedTable } from './import-prompts.ts';
import type { DuplicateReport } from './prompt-duplicates.ts';
import { reportOneClass, reportSplitRule, reportSplits } from './report-splits.ts';

/** How to have it otherwise, where there is a way: a command line's option, or nothing beside a page's fields. */
export interface ReportHints {
  readonly heading: string; // where row 1 names the columns and should be a prompt
  readonly noHeading: string; // the other way round
  readonly split: (column: string) => string; // where a column that is called a split is not used
}

export const NO_HINTS: ReportHints = { heading: '', noHeading: '', split: () => '' };

const SEPARATOR_NAMES = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars (|)' } as const;
const MOST_NAMES = 12; // of columns or values in a line

/** The layout and the columns that a table is read with. */
export function reportLayout({ name, layout, columns }: TableHead, hints: ReportHints): string {
  const first = columns.slice(0, MOST_NAMES).map(quoted).join(', ');
  const names = columns.length > MOST_NAMES ? `${first} and ${columns.length - MOST_NAMES} more` : first;
  return `${shown(name)}: ${columns.includes(LIST_COLUMN) ? 'JSON with a list of prompts under each name' : kindOf(layout)}${layout.format === 'lines' ? '' : headingOf(layout, names, hints)}`;
}

function kindOf({ format, separator, isDeclared }: TableLayout): string {
  switch (format) {
    case 'lines':
      return 'one prompt a line';
    case 'parquet':
      return 'Parquet';
    case 'json':
      return 'a JSON array';
    case 'jsonl':
      return 'JSON Lines';
    case 'csv':
    case 'tsv':
      if (separator === null) return 'one cell in each row';
      return `cells separated by ${SEPARATOR_NAMES[separator]}${isDeclared ? ', as its first line says' : ''}`;
  }
}

function headingOf({ format, heading, isDeclared }: TableLayout, names: string, hints: ReportHints): string {
  if (format !== 'csv' && format !== 'tsv') return `; its columns: ${names}`;
  const first = `row ${isDeclared ? 2 : 1}`;
  const [said, hint] = heading ? [`${first} names the columns ${names}`, hints.heading] : [`${first} is a prompt like the others`, hints.noHeading]; // prettier-ignore
  return `; ${said}${hint === '' ? '' : ` (${hint})`}`;
}

export const NO_LABEL = 'no label';
const NO_LABEL_LEFT_OUT = `${NO_LABEL}, left out`;

/** Where prompts, labels, categories and splits come from. `values`: of the label column. `noLabel`: what one is called that is none. */
export function reportMapping(
  mapping: PromptMapping,
  values: readonly LabelValue[],
  hints: ReportHints = NO_HINTS,
  noLabel = NO_LABEL_LEFT_OUT,
): string[] {
  const { text, keep, label, category, split } = mapping;
  const filters = keep.map((filter) => `“${cut(filter.column)}” ${filter.kind === 'empty' ? 'is empty' : `is ${filter.values.map(cut).join(' or ')}`}`); // prettier-ignore
  const labels =
    label.kind === 'open' ? 'not known' : label.kind === 'fixed' ? `${label.label} for all` : `column ${quoted(label.column)}: ${reportValues(values, noLabel)}`; // prettier-ignore
  return [
    `prompts: column ${quoted(text)}`,
    ...(filters.length > 0 ? [`only rows count where ${filters.join(' and ')}`] : []),
    `labels: ${labels}`,
    `categories: ${categoryText(category)}`,
    ...reportSplitRule(split, hints.split),
  ];
}

function reportValues(values: readonly LabelValue[], noLabel: string): string {
  const first = values.slice(0, MOST_NAMES).map(({ value, rows, meaning }) => {
    const read = meaning === null ? 'not known' : meaning === 'leave-out' ? noLabel : meaning;
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

/** How many rows became what, and why others did not; prompts that are there more than once. */
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

/** A prompt may not be whole without what was said before it. */
export function reportChats({ prompts, cut: shortened }: ChatCounts): string[] {
  if (prompts === 0) return [];
  const before = shortened > 0 ? `; in ${shortened} of them other messages come before it, which are left out` : '';
  return [`${counted(prompts, 'prompt')} ${prompts === 1 ? 'is' : 'are'} the user’s last message of a conversation${before}`]; // prettier-ignore
}

export const LEFT_OUT_WORDS: Readonly<Record<LeftOut, string>> = {
  filtered: 'by a filter',
  'no-text': 'without a prompt',
  'no-label': 'without a label',
  'no-category': 'without a category, or with several',
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
    lines.push(`${counted(acrossLabels, 'row')} ${acrossLabels === 1 ? 'has' : 'have'} the prompt of an earlier row in another class (${across.slice(0, MOST_EXAMPLES).join('; ')}${more}): kept in both classes, where they cancel out in a direction`); // prettier-ignore
  }
  if (same > 0) lines.push(`${counted(same, 'row')} ${same === 1 ? 'repeats' : 'repeat'} the prompt of an earlier row in the same class: kept`); // prettier-ignore
  return lines;
}

/** What is not known of the labels, in a sentence that names file, row and column. */
export function questionText(question: LabelQuestion, name: string): string {
  switch (question.kind) {
    case 'no-column':
      return `${name} has no column that says whether its prompts are harmful or safe.`;
    case 'values': {
      const [first] = question.values;
      const others = question.values.slice(1, MOST_NAMES).map(({ value }) => valueName(value)).join(', '); // prettier-ignore
      const more = others === '' ? '' : `; nor is that of ${others}`;
      return `${name}, row ${first?.firstRow ?? 0}, column ${quoted(question.column)}: the meaning of the label ${valueName(first?.value ?? '')} is not known${more}.`; // prettier-ignore
    }
    case 'scores':
      return `${name}: the column ${quoted(question.column)} holds numbers such as ${cut(question.example)}, which are scores, not labels: a threshold has to make two classes of them.`;
    case 'too-many':
      return `${name}: the column ${quoted(question.column)} has too many different values for labels, such as ${quoted(question.example)}.`; // prettier-ignore
    case 'empty':
      return `${name}: the column ${quoted(question.column)} holds no labels.`;
    case 'disagree': {
      const [a, b] = question.columns;
      return `${name}: the columns ${quoted(a)} and ${quoted(b)} say different classes in ${counted(question.rows, 'row')}, the first of them row ${question.firstRow}.`; // prettier-ignore
    }
  }
}

/** The error of a command that cannot ask. `nextStep` names its options. */
export const questionError = (question: LabelQuestion, name: string, nextStep: string): LabError =>
  new LabError('bad-request', questionText(question, name), nextStep);

const LONGEST = 60; // characters of what a file brings along
const cut = (text: string): string => shown(text, LONGEST);
const quoted = (text: string): string => `“${cut(text)}”`;
const valueName = (value: string): string => (value === '' ? '(empty)' : quoted(value));
