/**
 * How a published prompt set becomes labelled prompts, as `public/prompts/hub/*.json` says: where its files lie, which columns
 * count, and how label and category come about. A recipe holds no prompt: licences differ, and many sets are harmful by design.
 */
import { LabError } from '../../core/errors.ts';
import { parseJsonObject } from '../bytes/json.ts';
import { LABELS, type Label } from './prompt-set.ts';
import { JsonFields } from '../bytes/json-fields.ts';
import { TABLE_FORMATS, type TableFormat } from '../tables/table.ts';

/** Where the files lie. All of them are of one format and have the same columns. */
type RecipeSource =
  | {
      readonly kind: 'hub';
      readonly repo: string; // owner/name of a dataset
      readonly revision: string; // a branch, which is pinned to its commit when it is opened, or a commit
      readonly files: readonly string[]; // paths; a * stands for anything but a slash
    }
  | { readonly kind: 'url'; readonly files: readonly RecipeUrl[] };

export interface RecipeUrl {
  readonly url: string;
  readonly sha256: string | null; // lower-case hex; where it is known, other bytes are refused
}

/** Which rows count. */
export type RowFilter =
  | { readonly kind: 'is'; readonly column: string; readonly values: readonly string[] }
  | { readonly kind: 'empty'; readonly column: string }; // a column that the file lacks is empty as well

export type LabelRule =
  | { readonly kind: 'fixed'; readonly label: Label }
  | {
      readonly kind: 'column';
      readonly column: string;
      readonly labels: ReadonlyMap<string, Label>;
      readonly from?: number; // a threshold that divides the column's numbers; of imports alone
      readonly unlabelled?: ReadonlySet<string>; // values of rows that have no label and are left out; of imports alone
    };

export type CategoryRule =
  | { readonly kind: 'fixed'; readonly category: string }
  | { readonly kind: 'file' } // the file's name without its ending
  | {
      readonly kind: 'column';
      readonly column: string;
      readonly categories: ReadonlyMap<string, string>; // the set's own name → the lab's
      readonly others: 'keep' | 'drop'; // names that are not in `categories`: as they are, or not at all
      readonly ofSafe?: string; // the category of safe rows that name none; of imports alone
    }
  | {
      // An object of truth values. Exactly one of those in `categories` must be true, else the row does not count;
      // keys that are not in `categories` make no difference.
      readonly kind: 'flags';
      readonly column: string;
      readonly categories: ReadonlyMap<string, string>;
      readonly ofSafe?: string; // the category of safe rows of which none is true; of imports alone
    };

/** How a row becomes a labelled prompt, whatever file it comes from. */
export interface RowMapping {
  readonly text: string; // column of the prompt
  readonly keep: readonly RowFilter[]; // all of them must hold
  readonly label: LabelRule;
  readonly category: CategoryRule;
}

export interface PromptRecipe extends RowMapping {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly licence: string; // of the prompts
  readonly citation: string;
  readonly verified: boolean; // whether names of files and columns were checked against the published files
  readonly source: RecipeSource;
  readonly format: TableFormat;
  readonly perCategory: number | null; // at most so many prompts of each category, drawn by the seed
  readonly splits: ReadonlyMap<string, number>; // name → share of each category; the shares add up to 1
}

/** Reads a recipe. Throws `format` errors that name the file and the field. */
export function parsePromptRecipe(text: string, file: string): PromptRecipe {
  const fail = (problem: string): LabError =>
    new LabError('format', `${file}: ${problem}.`, 'Correct the recipe; public/prompts/hub holds examples.');
  const read = new JsonFields(parseJsonObject(file, text), fail);
  const version = read.has('version') ? read.optionalCount('version') : 0;
  if (version !== 1) throw fail(`version ${version ?? 0} is unknown to this lab, which knows version 1`);
  const id = read.text('id');
  if (!/^[a-z0-9-]+$/.test(id)) throw fail('id must be made of small letters, digits and hyphens');
  return {
    id,
    name: read.text('name'),
    description: read.text('description'),
    licence: read.text('licence'),
    citation: read.text('citation'),
    verified: read.flag('verified'),
    source: readSource(read.object('source')),
    format: read.oneOf('format', TABLE_FORMATS),
    text: read.text('text'),
    keep: read.has('keep') ? read.objects('keep').map(readFilter) : [],
    label: readLabel(read.object('label')),
    category: readCategory(read.object('category')),
    perCategory: read.optionalCount('perCategory'),
    splits: readSplits(read),
  };
}

function readSource(read: JsonFields): RecipeSource {
  if (read.oneOf('kind', ['hub', 'url']) === 'hub') {
    const repo = read.text('repo');
    if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) throw read.fail('repo', 'is not written as owner/name');
    return { kind: 'hub', repo, revision: read.text('revision'), files: read.texts('files') };
  }
  const files = read.objects('files').map((file) => {
    const url = file.text('url');
    if (!/^https?:\/\/[^/]/.test(url)) throw file.fail('url', 'is not a web address');
    const sha256 = file.has('sha256') ? file.text('sha256') : null;
    if (sha256 !== null && !/^[0-9a-f]{64}$/.test(sha256)) throw file.fail('sha256', 'is not a lowercase SHA-256');
    return { url, sha256 };
  });
  return { kind: 'url', files };
}

function readFilter(read: JsonFields): RowFilter {
  const column = read.text('column');
  const kind = read.oneOf('kind', ['is', 'empty']);
  return kind === 'is' ? { kind, column, values: read.texts('values') } : { kind, column };
}

function readLabel(read: JsonFields): LabelRule {
  if (read.oneOf('kind', ['fixed', 'column']) === 'fixed') return { kind: 'fixed', label: read.oneOf('label', LABELS) };
  const labels = read.object('labels');
  const known = labels.keys().map((value) => [value, labels.oneOf(value, LABELS)] as const);
  return { kind: 'column', column: read.text('column'), labels: new Map(known) };
}

function readCategory(read: JsonFields): CategoryRule {
  const kind = read.oneOf('kind', ['fixed', 'file', 'column', 'flags']);
  switch (kind) {
    case 'fixed':
      return { kind, category: read.text('category') };
    case 'file':
      return { kind };
    case 'column': {
      const categories = read.has('categories') ? read.names('categories') : new Map<string, string>();
      return { kind, column: read.text('column'), categories, others: read.oneOf('others', ['keep', 'drop']) };
    }
    case 'flags':
      return { kind, column: read.text('column'), categories: read.names('categories') };
  }
}

function readSplits(read: JsonFields): ReadonlyMap<string, number> {
  const splits = read.shares('splits');
  const sum = [...splits.values()].reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-9) throw read.fail('splits', `add up to ${sum}, not to 1`);
  return splits;
}
