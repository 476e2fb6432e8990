/**
 * What a table most likely means, guessed from its columns' names and its first rows. Somebody looks at it before anything is
 * imported, so a guess need only be right for tables as they are published, and never surprising.
 */
import { highest } from '../../core/statistics/min-max.ts';
import { areBeaverTailsKeys, BEAVERTAILS_CATEGORIES } from '../../core/beavertails.ts';
import { chatPrompt, isRole, isUserRole } from './chat-messages.ts';
import { CATEGORY_NAMES, CONTEXT_NAMES, NO_TEXT_NAMES, polarityOf, TEXT_NAMES } from './column-names.ts';
import { isJsonObject } from '../bytes/json.ts';
import type { PromptMapping } from './prompt-mapping.ts';
import type { CategoryRule, LabelRule, RowFilter } from './prompt-recipe.ts';
import { LABELS } from './prompt-set.ts';
import { proposeSplit } from './split-column.ts';
import { cellOf } from '../tables/table.ts';
import { shownCell, valuesOf, type TableHead } from '../tables/table-head.ts';

const MOST_CATEGORIES = 60; // different values among the first rows; more are no categories

/**
 * The mapping that is proposed, but for the label of a table of somebody else: that is decided from the whole file
 * (`decideLabels`). `said`: the column of the prompts, where somebody named it.
 */
export function proposeMapping(head: TableHead, said: string | null = null): PromptMapping {
  const own = ownMapping(head);
  if (own !== null && (said === null || said === own.text)) return own;
  const text = said ?? textColumnOf(head) ?? head.columns[0] ?? '';
  return {
    text,
    keep: contextFilters(head, text),
    label: { kind: 'open' },
    category: categoryRule(head, text),
    split: proposeSplit(head, text),
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
    split: { kind: 'column', column: 'split', asIs: true },
  };
}

/** The first of the column names that the table has, letter case aside. */
function named({ columns }: TableHead, names: readonly string[]): string | null {
  const found = names.map((name) => columns.find((column) => column.toLowerCase() === name));
  return found.find((column) => column !== undefined) ?? null;
}

const textLength = (value: unknown): number =>
  chatPrompt(value)?.text.length ?? (typeof value === 'string' ? value.length : 0);

/** By name, else the column with the longest texts; null where none but numbers, names and labels are there. */
export function textColumnOf(head: TableHead): string | null {
  const known = named(head, TEXT_NAMES);
  if (known !== null) return known;
  const columns = head.columns.filter(
    (column) => polarityOf(column) === null && !NO_TEXT_NAMES.includes(column.toLowerCase()),
  );
  const lengths = columns.map((column) => head.rows.reduce((sum, row) => sum + textLength(cellOf(row, column)), 0));
  const longest = Math.max(0, highest(lengths));
  return longest === 0 ? null : (columns[lengths.indexOf(longest)] ?? null);
}

/** BeaverTails' keys to the lab's categories; other columns of categories as they are. */
function categoryRule(head: TableHead, text: string): CategoryRule {
  const column = named(head, CATEGORY_NAMES);
  const values = column === null ? [] : valuesOf(head, column);
  if (column !== null && column !== text && values.length <= MOST_CATEGORIES && values.some((value) => value !== '')) {
    const isFlags = head.rows.every((row) => isJsonObject(cellOf(row, column)));
    const categories = areBeaverTailsKeys(values) ? BEAVERTAILS_CATEGORIES : new Map<string, string>();
    if (!isFlags) return { kind: 'column', column, categories, others: 'keep', ofSafe: 'safe' };
    const known = categories.size > 0 ? categories : new Map(values.map((value) => [value, value]));
    return { kind: 'flags', column, categories: known, ofSafe: 'safe' };
  }
  return { kind: 'fixed', category: 'general' };
}

/** The mapping with a label: safe prompts alone, and statements, are of no kind of harm. */
export function withLabelRule(mapping: PromptMapping, label: LabelRule): PromptMapping {
  const { category } = mapping;
  if (category.kind !== 'fixed' || category.category !== 'general') return { ...mapping, label };
  if (label.kind === 'fixed') {
    return { ...mapping, label, category: { kind: 'fixed', category: label.label === 'safe' ? 'safe' : 'general' } };
  }
  const isTruth = [...label.labels.values()].includes('true');
  return { ...mapping, label, category: isTruth ? { kind: 'file' } : category };
}

/** A prompt that goes with a text beside it counts only where there is none. */
function contextFilters(head: TableHead, text: string): RowFilter[] {
  const column = named(head, CONTEXT_NAMES);
  const filters: RowFilter[] = [];
  if (column !== null && column !== text) {
    const isSometimesEmpty = head.rows.some((row) => shownCell(cellOf(row, column), 1).trim() === '');
    if (isSometimesEmpty) filters.push({ kind: 'empty', column });
  }
  const kind = named(head, ['functionalcategory']); // HarmBench: the others ask for copyrighted text, or need a context
  if (kind !== null && valuesOf(head, kind).includes('standard')) {
    filters.push({ kind: 'is', column: kind, values: ['standard'] });
  }
  const role = named(head, ['role', 'from', 'speaker']);
  const roles = role === null ? [] : valuesOf(head, role);
  if (role !== null && roles.some(isUserRole) && roles.every(isRole)) {
    filters.push({ kind: 'is', column: role, values: roles.filter(isUserRole) }); // answers in a row of their own
  }
  return filters;
}
