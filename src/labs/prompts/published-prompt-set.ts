/** Reads a published prompt set through its recipe and stores the result. The same files, recipe and seed have the same key everywhere. */
import { LabError } from '../../core/errors.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { columnsOf, labelRow } from '../../formats/prompts/labelled-row.ts';
import type { PromptRecipe } from '../../formats/prompts/prompt-recipe.ts';
import { promptLines, type Prompt } from '../../formats/prompts/prompt-set.ts';
import { readTable } from '../../formats/tables/read-table.ts';
import { layoutOf, readTableLayout, type LayoutChoice } from '../../formats/tables/guess-table-layout.ts';
import { countedSource } from '../models/counted-source.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';
import { PromptCandidates, type SampleOptions } from './prompt-recipes.ts';

const FORMAT = 1; // version of the stored value; raise it when `PublishedPromptSet` or the meaning of a recipe changes

const COPY: LayoutChoice = { heading: true, separator: null }; // a recipe refers to columns by name

/** The files of a recipe, wherever they come from. */
export interface PromptFiles {
  readonly identity: string | null; // commit or digest; null: unknown before they are read, so the result is not stored
  /** In the recipe's order. */
  open(): Promise<readonly ByteSource[]>;
}

export interface PublishedPromptSet {
  readonly prompts: readonly Prompt[];
  readonly digest: string; // SHA-256 of `promptLines`
  readonly rows: number; // rows read
  readonly texts: number; // distinct usable texts, from which the sample is drawn
}

interface ReadingProgress {
  readonly rows: number;
  readonly bytes: number; // bytes of the files read so far
}

export interface PublishedOptions extends SampleOptions {
  readonly store?: KeyValueStore | null;
  readonly onProgress?: (progress: ReadingProgress) => void;
  readonly signal?: AbortSignal;
  readonly formatByName?: boolean; // for a local copy of the files, whose format may differ from the published one
}

/** @throws LabError `format`, naming file, row and column; `interrupted` after an abort; and the errors of the source */
export async function readPublishedPromptSet(
  recipe: PromptRecipe,
  files: PromptFiles,
  options: PublishedOptions,
): Promise<PublishedPromptSet> {
  const { store = null, seed, limit } = options;
  const key =
    files.identity === null ? null : ['prompts', FORMAT, files.identity, await recipeDigest(recipe), seed, limit ?? 'all'].join('/'); // prettier-ignore
  const stored = key === null ? null : await store?.get(key);
  if (isPublishedPromptSet(stored)) return stored;
  const set = await readFiles(recipe, await files.open(), options);
  if (key !== null) await store?.set(key, set);
  return set;
}

async function readFiles(
  recipe: PromptRecipe,
  files: readonly ByteSource[],
  options: PublishedOptions,
): Promise<PublishedPromptSet> {
  const candidates = new PromptCandidates(recipe);
  const columns = columnsOf(recipe);
  let [rows, bytes] = [0, 0];
  for (const [index, file] of files.entries()) {
    const layout = options.formatByName === true ? await readTableLayout(file, COPY) : layoutOf(recipe.format);
    for await (const batch of readTable(
      countedSource(file, (count) => (bytes += count)),
      layout,
      columns,
    )) {
      throwIfStopped(options.signal, recipe.name);
      for (const row of batch) {
        const labelled = labelRow(recipe, file.name, row);
        if (labelled !== null) candidates.add(labelled, index, files.length);
      }
      rows += batch.length;
      options.onProgress?.({ rows, bytes });
    }
  }
  const prompts = candidates.sample(options);
  if (prompts.length === 0) {
    const problem = `${recipe.name}: none of ${rows} rows can be used.`;
    throw new LabError('format', problem, 'Check the recipe’s filters and categories against the columns.');
  }
  return { prompts, digest: await sha256(promptLines(prompts)), rows, texts: candidates.size };
}

/** The recipe's identity: a digest of all its fields, in their order. */
const recipeDigest = (recipe: PromptRecipe): Promise<string> =>
  sha256(JSON.stringify(recipe, (_, value: unknown) => (value instanceof Map ? [...(value as Map<string, unknown>)] : value))); // prettier-ignore

function throwIfStopped(signal: AbortSignal | undefined, name: string): void {
  if (signal?.aborted !== true) return;
  throw new LabError('interrupted', `Reading ${name} was stopped.`, 'Start it again.');
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isPublishedPromptSet(value: unknown): value is PublishedPromptSet {
  if (typeof value !== 'object' || value === null) return false;
  const { prompts, digest, rows, texts } = value as Partial<PublishedPromptSet>;
  return Array.isArray(prompts) && typeof digest === 'string' && typeof rows === 'number' && typeof texts === 'number';
}
