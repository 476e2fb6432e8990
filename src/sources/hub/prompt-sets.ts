/** The published files of a prompt recipe: a Hub dataset by byte range, or files at plain URLs. */
import { LabError } from '../../core/errors.ts';
import { shown, shownNames } from '../../core/text/quote.ts';
import { bytesSource, type ByteSource } from '../../formats/bytes/byte-source.ts';
import type { PromptRecipe, RecipeUrl } from '../../formats/prompts/prompt-recipe.ts';
import { sha256 } from '../http-source.ts';
import type { HubOptions } from './hub-fetch.ts';
import { openHubDataset, type HubRepo } from './hub-repo.ts';
import { retryingFetch } from './retrying-fetch.ts';

export interface PublishedFiles {
  readonly identity: string | null; // the dataset's commit, or the files' digests if the recipe has them
  /** Opens the files. Hub files are read by range on demand; files at plain URLs are fetched whole. */
  open(): Promise<readonly ByteSource[]>;
}

/**
 * Pins the recipe's files.
 * @throws LabError naming repository, revision and file
 */
export async function openPublishedFiles({ source }: PromptRecipe, options: HubOptions): Promise<PublishedFiles> {
  if (source.kind === 'url') {
    const digests = source.files.map(({ sha256 }) => sha256);
    return {
      identity: digests.includes(null) ? null : digests.join('+'),
      open: () => Promise.all(source.files.map((file) => fetchFile(file, options))),
    };
  }
  const dataset = await openHubDataset({ ...options, repo: source.repo, revision: source.revision });
  const paths = source.files.flatMap((pattern) => pathsOf(dataset, pattern));
  const open = (): Promise<readonly ByteSource[]> => Promise.all(paths.map((path) => openFile(dataset, path)));
  return { identity: dataset.commit, open };
}

/** The files that match a pattern, sorted by name. */
function pathsOf({ files, label }: HubRepo, pattern: string): string[] {
  const literal = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${literal.join('[^/]*')}$`);
  const paths = files.map(({ path }) => path);
  const found = paths.filter((path) => expression.test(path)).sort();
  if (found.length > 0) return found;
  const nextStep = `It has ${shownNames(paths)}: correct the recipe, or download the file yourself and import it.`;
  throw new LabError('not-found', `${shown(label)} has no ${shown(pattern)}.`, nextStep);
}

async function openFile(dataset: HubRepo, path: string): Promise<ByteSource> {
  const file = await dataset.open(path);
  if (file !== null) return file;
  throw new LabError('not-found', `${shown(dataset.label)} has no ${shown(path)}.`, 'Open the set again.');
}

/** Fetches a whole file, since such servers may not support ranges. The Hub's token is not sent. */
async function fetchFile({ url, sha256: expected }: RecipeUrl, options: HubOptions): Promise<ByteSource> {
  const response = await retryingFetch(options)(url, { signal: options.signal ?? null });
  if (!response.ok) {
    const nextStep = 'Check the recipe’s URL, or download the file yourself and import it.';
    throw new LabError('fetch', `${shown(url)}: the server answered ${response.status}.`, nextStep);
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (expected !== null && (await sha256(bytes)) !== expected) {
    const problem = `${shown(url)} (${bytes.byteLength} bytes) is not the file that the recipe was written for: its SHA-256 differs.`;
    throw new LabError('format', problem, 'Check what has changed, then correct the recipe’s sha256.');
  }
  return bytesSource(url, bytes);
}
