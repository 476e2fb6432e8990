import { areBeaverTailsKeys, BEAVERTAILS_CATEGORIES } from '../../src/core/beavertails.ts';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { isJsonObject } from '../../src/formats/bytes/json.ts';
import type { PromptMapping } from '../../src/formats/prompts/prompt-mapping.ts';
import type { CategoryRule, RowFilter } from '../../src/formats/prompts/prompt-recipe.ts';
import { promptLines } from '../../src/formats/prompts/prompt-set.ts';
import { tallyPrompts } from '../../src/formats/prompts/prompt-tally.ts';
import { cellOf, missingColumn } from '../../src/formats/tables/table.ts';
import { valuesOf, type TableHead } from '../../src/formats/tables/table-head.ts';
import { decideImport } from '../../src/labs/prompts/decide-import.ts';
import { readMappedTable } from '../../src/labs/prompts/import-prompts.ts';
import { reportLayout, reportMapping, reportResult } from '../../src/labs/prompts/import-report.ts';
import { duplicatesWithin } from '../../src/labs/prompts/prompt-duplicates.ts';
import { UsageError, type Options, type Verb } from '../command.ts';
import { openFile } from '../files/folder.ts';
import { askByOptions, COLUMN, labelChoice, labelOptions, layoutChoice, layoutOptions, LAYOUT_HINTS } from '../options/import-options.ts'; // prettier-ignore
import { writeOutput } from '../files/output.ts';

export const promptsImport: Verb = {
  name: 'prompts import',
  summary:
    'import a table of your own as JSON Lines of {"id", "text", "label", "category", "split"}; detects and prints what no option sets',
  options: {
    file: { type: 'string', value: 'FILE', help: 'a .csv, .tsv, .jsonl, .json, .txt or .parquet file', required: true },
    text: { type: 'string', value: 'COLUMN', help: 'the column with the prompts' },
    ...labelOptions,
    category: { type: 'string', value: 'NAME|column:NAME', help: 'one category for all rows, or a column' },
    'mapped-only': { type: 'boolean', help: 'leave out kinds of harm that have no Harmscope category' },
    split: { type: 'string', value: 'NAME|column:NAME', help: 'one split for all rows, or a column' },
    only: {
      type: 'string',
      value: 'COLUMN=VALUE[,VALUE…]',
      help: 'import only rows with these values, such as split=train',
    },
    ...layoutOptions,
    out: { type: 'string', value: 'FILE.jsonl', help: 'output file', required: true },
  },
  async run(options) {
    const path = options.text('file');
    const source = await openFile(path);
    if (source === null) throw new LabError('not-found', `${path} cannot be read.`, 'Check the path.');
    const text = options.has('text') ? options.text('text') : null;
    const label = labelChoice(options);
    const decision = await decideImport(source, { layout: layoutChoice(options), text, label });
    const { head, labels } = decision;
    const mapping = mappingOf(options, head, decision.mapping);
    console.log(reportLayout(head, LAYOUT_HINTS));
    printLines(reportMapping(mapping, labels?.values ?? [], LAYOUT_HINTS));
    if (labels !== null && labels.question !== null) throw askByOptions(labels.question, head);
    const table = await readMappedTable(source, mapping, { layout: head.layout });
    const { prompts, rows, leftOut } = table;
    await writeOutput(options.text('out'), new TextEncoder().encode(promptLines(prompts)));
    printLines(reportResult(table, (await duplicatesWithin(prompts, { kind: 'exact' })).report));
    const left = Object.entries(leftOut).map(([reason, count]) => `${count} ${reason}`);
    console.log(`${options.text('out')}: ${prompts.length} prompts from ${rows} rows; left out: ${left.join(', ')}`);
    for (const { split, label, category, prompts: count } of tallyPrompts(prompts)) {
      console.log(`  ${shown(split)}, ${label}, ${shown(category)}: ${count}`);
    }
  },
};

const printLines = (lines: readonly string[]): void => {
  for (const line of lines) console.log(`  ${line}`);
};

function mappingOf(options: Options, head: TableHead, proposed: PromptMapping): PromptMapping {
  const split = options.has('split') ? options.text('split') : null;
  const category = options.has('category') ? categoryOf(options.text('category'), head) : proposed.category;
  return {
    ...proposed,
    category: options.flag('mapped-only') ? mappedOnly(category) : category,
    keep: options.has('only') ? [...proposed.keep, onlyOf(options.text('only'), head)] : proposed.keep,
    ...(split !== null && {
      split: split.startsWith(COLUMN)
        ? { kind: 'column', column: knownColumn(split.slice(COLUMN.length), head) }
        : { kind: 'fixed', split },
    }),
  };
}

function categoryOf(text: string, head: TableHead): CategoryRule {
  if (!text.startsWith(COLUMN)) return { kind: 'fixed', category: text };
  const column = knownColumn(text.slice(COLUMN.length), head);
  const values = valuesOf(head, column);
  const lab = areBeaverTailsKeys(values) ? BEAVERTAILS_CATEGORIES : null;
  const isFlags = head.rows.every((row) => isJsonObject(cellOf(row, column)));
  if (!isFlags)
    return { kind: 'column', column, categories: lab ?? new Map<string, string>(), others: 'keep', ofSafe: 'safe' };
  return { kind: 'flags', column, categories: lab ?? new Map(values.map((value) => [value, value])), ofSafe: 'safe' };
}

/** Checks a column's name: a JSON row may lack any column, so a misspelled name would go unnoticed. */
function knownColumn(column: string, head: TableHead): string {
  if (head.columns.includes(column)) return column;
  throw missingColumn(head.name, column, head.columns);
}

function onlyOf(text: string, head: TableHead): RowFilter {
  const [column = '', ...rest] = text.split('=');
  if (rest.length === 0) throw new UsageError(`--only must be COLUMN=VALUE, not "${shown(text, 60)}"`);
  const values = rest.join('=').split(',').map((value) => value.trim()).flatMap(inAnyCase); // prettier-ignore
  return { kind: 'is', column: knownColumn(column.trim(), head), values: [...new Set(values)] };
}

/** `train` also matches “Train” and “TRAIN”: they are the same split. */
const inAnyCase = (value: string): string[] => {
  const small = value.toLowerCase();
  return [value, small, value.toUpperCase(), small.replace(/^./u, (letter) => letter.toUpperCase())];
};

function mappedOnly(rule: CategoryRule): CategoryRule {
  if (rule.kind === 'column' && rule.categories.size > 0) return { ...rule, others: 'drop' };
  if (rule.kind === 'flags' && rule.categories === BEAVERTAILS_CATEGORIES) return rule;
  throw new LabError(
    'bad-request',
    'No column of this table contains kinds of harm that Harmscope has categories for.',
    'Remove --mapped-only, or name the column: --category column:NAME.',
  );
}
