/**
 * What a table most likely means, guessed from its columns' names and its first rows. Somebody looks at it before anything is
 * imported, so a guess need only be right for tables as they are published, and never surprising.
 */
import { highest } from '../core/extent.ts';
import { areBeaverTailsKeys, BEAVERTAILS_CATEGORIES } from '../core/beavertails.ts';
import { isJsonObject } from './json.ts';
import { WHOLE_SPLIT, type PromptMapping } from './prompt-mapping.ts';
import type { CategoryRule, LabelRule, RowFilter } from './prompt-recipe.ts';
import { LABELS, type Label } from './prompt-set.ts';
import { shownCell, valuesOf, type TableHead } from './table-head.ts';

const TEXT_NAMES = ['text', 'prompt', 'goal', 'instruction', 'behavior', 'behaviour', 'forbidden_prompt', 'statement', 'question', 'request', 'sentence', 'query', 'input']; // prettier-ignore
const LABEL_NAMES = ['label', 'class', 'is_safe', 'safe', 'harmful', 'is_harmful', 'toxic', 'target', 'truth'];
const CATEGORY_NAMES = ['category', 'semanticcategory', 'harm_category', 'type', 'topic', 'subject'];
const CONTEXT_NAMES = ['input', 'context', 'contextstring']; // without which such a prompt is not whole
const SAFE_FILES = /alpaca|dolly|benign|harmless|safe/i;
const UNSAFE_FILES = /unsafe|harmful/i;

const MOST_CATEGORIES = 60; // different values among the first rows; more are no categories

const WORDS: ReadonlyMap<string, Label> = new Map([
  ...['safe', 'harmless', 'benign', 'ok', 'negative', 'non-toxic', 'without'].map((word) => [word, 'safe'] as const),
  ...['harmful', 'unsafe', 'toxic', 'malicious', 'positive', 'with'].map((word) => [word, 'harmful'] as const),
]);

/** The mapping that the page proposes. */
export function proposeMapping(head: TableHead): PromptMapping {
  const own = ownMapping(head);
  if (own !== null) return own;
  const text = textColumn(head);
  const label = labelRule(head, text);
  return {
    text,
    keep: contextFilters(head, text),
    label,
    category: categoryRule(head, label, text),
    split: { kind: 'fixed', split: WHOLE_SPLIT },
    ...{ id: null, rewriteOf: null },
  };
}

/** A set of the lab's own, such as it exports. */
function ownMapping(head: TableHead): PromptMapping | null {
  const has = (column: string): boolean => head.columns.includes(column);
  const labels: readonly string[] = LABELS;
  if (!['id', 'text', 'label', 'category', 'split'].every(has)) return null;
  if (!valuesOf(head, 'label').every((label) => labels.includes(label))) return null;
  return {
    ...{ text: 'text', keep: [], id: 'id', rewriteOf: has('rewriteOf') ? 'rewriteOf' : null },
    label: { kind: 'column', column: 'label', labels: new Map(LABELS.map((label) => [label, label])) },
    category: { kind: 'column', column: 'category', categories: new Map(), others: 'keep' },
    split: { kind: 'column', column: 'split' },
  };
}

/** The first of the column names that the table has, letter case aside. */
function named({ columns }: TableHead, names: readonly string[]): string | null {
  const found = names.map((name) => columns.find((column) => column.toLowerCase() === name));
  return found.find((column) => column !== undefined) ?? null;
}

/** By name, else the column with the longest texts. */
function textColumn(head: TableHead): string {
  const known = named(head, TEXT_NAMES);
  if (known !== null) return known;
  const lengths = head.columns.map((column) =>
    head.rows.reduce((sum, { values }) => sum + (typeof values[column] === 'string' ? values[column].length : 0), 0),
  );
  return head.columns[lengths.indexOf(highest(lengths))] ?? '';
}

function labelRule(head: TableHead, text: string): LabelRule {
  for (const name of LABEL_NAMES) {
    const column = named(head, [name]);
    if (column === null || column === text) continue;
    const labels = labelsOf(valuesOf(head, column), column, text);
    if (labels !== null) return { kind: 'column', column, labels };
  }
  const isSafe = text.toLowerCase() === 'instruction' || (SAFE_FILES.test(head.name) && !UNSAFE_FILES.test(head.name));
  return { kind: 'fixed', label: isSafe ? 'safe' : 'harmful' };
}

const STATEMENTS = /statement|claim|fact|sentence/i;

/** What each value of a label column says, or null where that is not to be known of all. */
function labelsOf(values: readonly string[], column: string, text: string): Map<string, Label> | null {
  const pairs = values.map((value) => [value, meaningOf(value, column, text)] as const);
  const known = pairs.filter((pair): pair is readonly [string, Label] => pair[1] !== null);
  return known.length === values.length && known.length > 0 ? new Map(known) : null;
}

/** What a value says by itself: 1 is true of a statement, harmful of a prompt, and safe in a column of that name. */
export function meaningOf(value: string, column: string, text: string): Label | null {
  const isTruth = STATEMENTS.test(text) || /truth/i.test(column);
  const [yes, no]: readonly [Label, Label] = isTruth ? ['true', 'false'] : /^(is_)?safe$/i.test(column) ? ['safe', 'harmful'] : ['harmful', 'safe']; // prettier-ignore
  if (value === '1' || value.toLowerCase() === 'true') return yes;
  if (value === '0' || value.toLowerCase() === 'false') return no;
  return WORDS.get(value.toLowerCase()) ?? null;
}

/** BeaverTails' keys to the lab's categories; other columns of categories as they are. */
function categoryRule(head: TableHead, label: LabelRule, text: string): CategoryRule {
  if (label.kind === 'fixed' && label.label === 'safe') return { kind: 'fixed', category: 'safe' };
  const column = named(head, CATEGORY_NAMES);
  const values = column === null ? [] : valuesOf(head, column);
  if (column !== null && column !== text && values.length <= MOST_CATEGORIES && values.some((value) => value !== '')) {
    const isFlags = head.rows.every(({ values: cells }) => isJsonObject(cells[column]));
    const categories = areBeaverTailsKeys(values) ? BEAVERTAILS_CATEGORIES : new Map<string, string>();
    if (!isFlags) return { kind: 'column', column, categories, others: 'keep' };
    if (categories.size > 0) return { kind: 'flags', column, categories };
    return { kind: 'flags', column, categories: new Map(values.map((value) => [value, value])) };
  }
  if (label.kind === 'column' && [...label.labels.values()].includes('true')) return { kind: 'file' };
  return { kind: 'fixed', category: 'general' };
}

/** A prompt that goes with a text beside it counts only where there is none. */
function contextFilters(head: TableHead, text: string): RowFilter[] {
  const column = named(head, CONTEXT_NAMES);
  const filters: RowFilter[] = [];
  if (column !== null && column !== text) {
    const isSometimesEmpty = head.rows.some(({ values }) => shownCell(values[column], 1).trim() === '');
    if (isSometimesEmpty) filters.push({ kind: 'empty', column });
  }
  const kind = named(head, ['functionalcategory']); // HarmBench: the others ask for copyrighted text, or need a context
  if (kind !== null && valuesOf(head, kind).includes('standard')) {
    filters.push({ kind: 'is', column: kind, values: ['standard'] });
  }
  return filters;
}
