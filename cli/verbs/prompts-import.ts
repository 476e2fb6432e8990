import { areBeaverTailsKeys, BEAVERTAILS_CATEGORIES } from '../../src/core/beavertails.ts';
import { LabError } from '../../src/core/errors.ts';
import type { ByteSource } from '../../src/formats/byte-source.ts';
import type { PromptMapping } from '../../src/formats/prompt-mapping.ts';
import type { CategoryRule, LabelRule } from '../../src/formats/prompt-recipe.ts';
import { LABELS, promptLines, type Label } from '../../src/formats/prompt-set.ts';
import { tallyPrompts } from '../../src/formats/prompt-tally.ts';
import { proposeMapping } from '../../src/formats/propose-mapping.ts';
import { readTableHead, valuesOf, type TableHead } from '../../src/formats/table-head.ts';
import { readMappedTable } from '../../src/study/import-prompts.ts';
import { labelValues } from '../../src/study/prompt-preview.ts';
import type { Options, Verb } from '../command.ts';
import { openFile } from '../folder.ts';
import { writeOutput } from '../output.ts';

const COLUMN = 'column:';

export const promptsImport: Verb = {
  name: 'prompts import',
  summary:
    'a table of your own as JSON Lines of {"id", "text", "label", "category", "split"}; what no option says is guessed',
  options: {
    file: { type: 'string', value: 'FILE', help: 'a .csv, .tsv, .jsonl, .txt or .parquet', required: true },
    text: { type: 'string', value: 'COLUMN', help: 'that holds the prompts' },
    label: {
      type: 'string',
      value: 'LABEL|column:NAME[:VALUE=LABEL,…]',
      help: 'harmful, safe, true or false for all, or a column and what its values mean',
    },
    category: { type: 'string', value: 'NAME|column:NAME', help: 'one for all, or a column' },
    'mapped-only': { type: 'boolean', help: 'leave out kinds of harm that are no category of the lab' },
    split: { type: 'string', value: 'NAME|column:NAME', help: 'one for all, or a column' },
    'no-heading': { type: 'boolean', help: 'the first row of a CSV or TSV is a prompt: columns are “column 1”, …' },
    out: { type: 'string', value: 'FILE.jsonl', help: 'the file to write', required: true },
  },
  async run(options) {
    const path = options.text('file');
    const source = await openFile(path);
    if (source === null) throw new LabError('not-found', `${path} cannot be read.`, 'Check the path.');
    const head = await readTableHead(source, options.flag('no-heading') ? false : null);
    const mapping = await withLabels(source, head, mappingOf(options, head));
    const { prompts, rows, leftOut } = await readMappedTable(source, mapping, { heading: head.heading });
    await writeOutput(options.text('out'), new TextEncoder().encode(promptLines(prompts)));
    const left = Object.entries(leftOut).map(([reason, count]) => `${count} ${reason}`);
    console.log(`${options.text('out')}: ${prompts.length} prompts of ${rows} rows; left out: ${left.join(', ')}`);
    for (const { split, label, category, prompts: count } of tallyPrompts(prompts)) {
      console.log(`  ${split}, ${label}, ${category}: ${count}`);
    }
  },
};

function mappingOf(options: Options, head: TableHead): PromptMapping {
  const proposed = proposeMapping(head);
  const split = options.has('split') ? options.text('split') : null;
  const category = options.has('category') ? categoryOf(options.text('category'), head) : proposed.category;
  return {
    ...proposed,
    ...(options.has('text') && { text: options.text('text') }),
    ...(options.has('label') && { label: labelOf(options.text('label')) }),
    category: options.flag('mapped-only') ? mappedOnly(category) : category,
    ...(split !== null && {
      split: split.startsWith(COLUMN)
        ? { kind: 'column', column: split.slice(COLUMN.length) }
        : { kind: 'fixed', split },
    }),
  };
}

function labelOf(text: string): LabelRule {
  if (!text.startsWith(COLUMN)) return { kind: 'fixed', label: knownLabel(text) };
  const [column = '', meanings = ''] = text.slice(COLUMN.length).split(/:(?=[^:]*=)/);
  const pairs = meanings === '' ? [] : meanings.split(',').map((pair) => pair.split('='));
  return {
    kind: 'column',
    column,
    labels: new Map(pairs.map(([value = '', label = '']) => [value, knownLabel(label)])),
  };
}

function knownLabel(text: string): Label {
  const label = LABELS.find((known) => known === text);
  if (label !== undefined) return label;
  throw new LabError('bad-request', `“${text}” is no label.`, `Use ${LABELS.join(', ')}, or column:NAME.`);
}

function categoryOf(text: string, head: TableHead): CategoryRule {
  if (!text.startsWith(COLUMN)) return { kind: 'fixed', category: text };
  const column = text.slice(COLUMN.length);
  const isBeaverTails = areBeaverTailsKeys(valuesOf(head, column));
  return { kind: 'column', column, categories: isBeaverTails ? BEAVERTAILS_CATEGORIES : new Map(), others: 'keep' };
}

function mappedOnly(rule: CategoryRule): CategoryRule {
  if (rule.kind === 'column' && rule.categories.size > 0) return { ...rule, others: 'drop' };
  throw new LabError(
    'bad-request',
    'No column of this table holds kinds of harm that the lab has categories for.',
    'Leave --mapped-only out, or name the column: --category column:NAME.',
  );
}

/** Values of the label column that nobody gave a meaning, from all of the file, as their words say. */
async function withLabels(source: ByteSource, head: TableHead, mapping: PromptMapping): Promise<PromptMapping> {
  const { label } = mapping;
  if (label.kind === 'fixed') return mapping;
  const { signal } = new AbortController();
  const labels = new Map(label.labels);
  for (const { value, meaning } of await labelValues(
    source,
    { heading: head.heading, mapping },
    label.column,
    signal,
  )) {
    if (meaning !== null && !labels.has(value)) labels.set(value, meaning);
  }
  return { ...mapping, label: { ...label, labels } };
}
