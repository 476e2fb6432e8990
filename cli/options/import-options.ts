/** Options that say how to read a table of prompts, and the error that asks for one that is missing. */
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { thresholdValues, type Meaning } from '../../src/formats/prompts/label-column.ts';
import type { LabelChoice, LabelQuestion } from '../../src/formats/prompts/label-decision.ts';
import { LABELS, type Label } from '../../src/formats/prompts/prompt-set.ts';
import type { LayoutChoice } from '../../src/formats/tables/guess-table-layout.ts';
import type { TableHead } from '../../src/formats/tables/table-head.ts';
import { questionError, type ReportHints } from '../../src/labs/prompts/import-report.ts';
import { UsageError, type Options, type OptionSpec } from '../command.ts';

export const COLUMN = 'column:';

const SEPARATOR_OPTIONS = { comma: ',', semicolon: ';', tab: '\t', bar: '|', none: 'none' } as const;
const SEPARATOR_NAMES = Object.keys(SEPARATOR_OPTIONS) as (keyof typeof SEPARATOR_OPTIONS)[];

export const layoutOptions = {
  separator: { type: 'string', value: SEPARATOR_NAMES.join('|'), help: 'cell separator of a CSV or TSV' },
  heading: { type: 'boolean', help: 'the first row of a CSV or TSV contains the column names' },
  'no-heading': {
    type: 'boolean',
    help: 'the first row of a CSV or TSV is a prompt; columns are called “column 1”, …',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export const labelOptions = {
  label: {
    type: 'string',
    value: 'LABEL|column:NAME[:VALUE=LABEL,…]',
    help: `${LABELS.join(', ')} for all rows, or a column and what its values mean`,
  },
  'label-column': { type: 'string', value: 'NAME', help: 'the column with the labels' },
  'harmful-values': { type: 'string', value: 'VALUE[,VALUE…]', help: 'values of the label column that mean harmful' },
  'safe-values': { type: 'string', value: 'VALUE[,VALUE…]', help: 'values of the label column that mean safe' },
  'harmful-from': {
    type: 'string',
    value: 'NUMBER',
    help: 'for a label column of scores: this score or higher is harmful, lower is safe',
  },
  'safe-from': { type: 'string', value: 'NUMBER', help: 'the reverse: this score or higher is safe, lower is harmful' },
  'leave-out-values': {
    type: 'string',
    value: 'VALUE[,VALUE…]',
    help: 'values of the label column whose rows are left out',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export const LAYOUT_HINTS: ReportHints = {
  heading: 'use --no-heading if it is a prompt',
  noHeading: 'use --heading if it contains the column names',
  split: (column) => `to use it: --split "column:${shown(column, 60)}"`,
};

export function layoutChoice(options: Options): LayoutChoice {
  if (options.flag('heading') && options.flag('no-heading')) throw new UsageError('--heading and --no-heading cannot be combined'); // prettier-ignore
  const heading = options.flag('heading') ? true : options.flag('no-heading') ? false : null;
  const separator = options.has('separator') ? SEPARATOR_OPTIONS[options.oneOf('separator', SEPARATOR_NAMES)] : null;
  return { heading, separator };
}

/** What the options say about labels; null if nothing, so they have to be detected. */
export function labelChoice(options: Options): Label | LabelChoice | null {
  const label = options.has('label') ? options.text('label') : null;
  const meanings = new Map<string, Meaning>();
  for (const [option, meaning] of [
    ['harmful-values', 'harmful'],
    ['safe-values', 'safe'],
    ['leave-out-values', 'leave-out'],
  ] as const) {
    // prettier-ignore
    for (const value of options.has(option) ? options.text(option).split(',') : []) {
      if (meanings.has(value.trim())) throw new UsageError(`“${value.trim().slice(0, 60)}” has two meanings`);
      meanings.set(value.trim(), meaning);
    }
  }
  const column = options.has('label-column') ? options.text('label-column') : null;
  const from = threshold(options);
  if (from !== null) {
    if (column === null) throw new UsageError(`--${from.option} needs --label-column NAME`);
    const { above, below } = thresholdValues(from.value);
    const isHarmful = from.option === 'harmful-from';
    meanings.set(above, isHarmful ? 'harmful' : 'safe').set(below, isHarmful ? 'safe' : 'harmful');
    if (label === null) return { column, meanings, from: from.value };
  }
  if (label === null) return column === null && meanings.size === 0 ? null : { column, meanings };
  if (!label.startsWith(COLUMN)) {
    if (column !== null || meanings.size > 0) throw new UsageError(`--label ${label.slice(0, 60)} applies to all rows: remove --label, or remove --label-column and the values`); // prettier-ignore
    return knownLabel(label);
  }
  const [named = '', pairs = ''] = label.slice(COLUMN.length).split(/:(?=[^:]*=)/);
  for (const pair of pairs === '' ? [] : pairs.split(',')) {
    const [value = '', meaning = ''] = pair.split('=');
    meanings.set(value, knownLabel(meaning));
  }
  return { column: column ?? named, meanings };
}

function threshold(options: Options): { readonly option: 'harmful-from' | 'safe-from'; readonly value: number } | null {
  const given = (['harmful-from', 'safe-from'] as const).filter((option) => options.has(option));
  if (given.length > 1) throw new UsageError('--harmful-from and --safe-from cannot be combined');
  const [option] = given;
  return option === undefined ? null : { option, value: options.number(option) };
}

function knownLabel(text: string): Label {
  const label = LABELS.find((known) => known === text);
  if (label !== undefined) return label;
  throw new LabError(
    'bad-request',
    `“${text.slice(0, 60)}” is not a label.`,
    `Use ${LABELS.join(', ')}, or column:NAME.`,
  );
}

/** The error for labels that cannot be determined, with the options that determine them. */
export function askByOptions(question: LabelQuestion, head: TableHead): LabError {
  const all = 'give all prompts one label: --label harmful, or --label safe';
  const others = head.columns.slice(0, 12).map((column) => `“${column.slice(0, 40)}”`).join(', '); // prettier-ignore
  const column = `name the label column: --label-column NAME (the columns are ${others})`;
  const values = `say what the values mean: --harmful-values A,B --safe-values C,D, or leave those rows out: --leave-out-values E`;
  const sentence = (...ways: string[]): string =>
    `${ways.join('; or ').replace(/^./, (letter) => letter.toUpperCase())}.`;
  switch (question.kind) {
    case 'values':
      return questionError(question, head.name, sentence(values, 'choose another column: --label-column NAME', all));
    case 'disagree':
      return questionError(question, head.name, sentence(`choose one: --label-column ${question.columns[0].slice(0, 60)}, or --label-column ${question.columns[1].slice(0, 60)}`, all)); // prettier-ignore
    case 'scores': {
      const from = `give the lowest score that is harmful: --label-column "${shown(question.column, 60)}" --harmful-from NUMBER (or --safe-from if high scores are safe)`;
      return questionError(question, head.name, sentence(from, all, 'choose another column: --label-column NAME'));
    }
    case 'no-column':
    case 'too-many':
    case 'empty':
      return questionError(question, head.name, sentence(all, column));
  }
}
