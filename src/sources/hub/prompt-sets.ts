/** The published files of a prompt recipe: a dataset of the Hub by byte range, or files at plain addresses. */
import { LabError } from '../../core/errors.ts';
import { shown, shownNames } from '../../core/text/quote.ts';
import { bytesSource, type ByteSource } from '../../formats/bytes/byte-source.ts';
import type { PromptRecipe, RecipeUrl } from '../../formats/prompts/prompt-recipe.ts';
import { sha256 } from '../http-source.ts';
import type { HubOptions } from './hub-fetch.ts';
import { openHubDataset, type HubRepo } from './hub-repo.ts';
import { retryingFetch } from './retrying-fetch.ts';

export interface PublishedFiles {
  readonly identity: string | null; // the dataset's commit, or the files' digests where the recipe knows them
  /** Files of the Hub are read by range as they are asked for; those at plain addresses are fetched whole. */
  open(): Promise<readonly ByteSource[]>;
}

/** Pins the recipe's files. Throws errors that name repository, revision and file. */
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

/** The files that a pattern stands for, in the order of their names. */
function pathsOf({ files, label }: HubRepo, pattern: string): string[] {
  const literal = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${literal.join('[^/]*')}$`);
  const paths = files.map(({ path }) => path);
  const found = paths.filter((path) => expression.test(path)).sort();
  if (found.length > 0) return found;
  const nextStep = `It has ${shownNames(paths)}: correct the recipe, or fetch the file by hand and read it from the disk.`;
  throw new LabError('not-found', `${shown(label)} has no ${shown(pattern)}.`, nextStep);
}

async function openFile(dataset: HubRepo, path: string): Promise<ByteSource> {
  const file = await dataset.open(path);
  if (file !== null) return file;
  throw new LabError('not-found', `${shown(dataset.label)} has no ${shown(path)}.`, 'Open the set again.');
}

/** The file whole, since such servers promise no ranges. The Hub's token stays with the Hub. */
async function fetchFile({ url, sha256: expected }: RecipeUrl, options: HubOptions): Promise<ByteSource> {
  const response = await retryingFetch(options)(url, { signal: options.signal ?? null });
  if (!response.ok) {
    const nextStep = 'Check the recipe’s address, or fetch the file by hand and read it from the disk.';
    throw new LabError('fetch', `${shown(url)}: the server answered ${response.status}.`, nextStep);
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (expected !== null && (await sha256(bytes)) !== expected) {
    const problem = `${shown(url)} (${bytes.byteLength} bytes) is not the file that the recipe was written for: its SHA-256 differs.`;
    throw new LabError('format', problem, 'Look at what changed, then correct the recipe’s sha256.');
  }
  return bytesSource(url, bytes);
}
