/** A repository of the Hub at one commit: what it holds, and its files by range. */
import { datasetInfo, listFiles, modelInfo } from '@huggingface/hub';
import { LabError } from '../../core/errors.ts';
import type { CheckpointFiles } from '../../engine/checkpoint-files.ts';
import type { Fetch } from '../http-source.ts';
import { checkRepo } from './hub-address.ts';
import { connectToHub, type HubOptions } from './hub-fetch.ts';
import { Turns } from './gathered-reads.ts';
import { RangedFile } from './ranged-file.ts';

const PARALLEL_READS = 6; // as many as a browser opens to one host over HTTP/1.1; more would queue, and look like a stall

export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string | null; // of its content; the Hub knows it of LFS files alone
  readonly gitOid: string | null; // of the git object; of files outside of LFS alone
}

/** Files of a model or a dataset, all of one commit, whatever its branches do meanwhile. */
export interface HubRepo extends CheckpointFiles {
  readonly repo: string;
  readonly revision: string; // as it was asked for
  readonly commit: string; // that it stood for
  readonly files: readonly HubFile[];
}

export type HubCheckpoint = HubRepo;

export interface OpenRepoOptions extends HubOptions {
  readonly repo: string; // owner/name
  readonly revision: string; // a branch, a tag or a commit
}

/** Pins a model's revision and lists its files. Throws errors that name repository and revision. */
export function openHubCheckpoint(options: OpenRepoOptions): Promise<HubCheckpoint> {
  return openHubRepo('model', options);
}

/** Pins a dataset's revision and lists its files. Throws errors that name repository and revision. */
export function openHubDataset(options: OpenRepoOptions): Promise<HubRepo> {
  return openHubRepo('dataset', options);
}

async function openHubRepo(type: 'model' | 'dataset', options: OpenRepoOptions): Promise<HubRepo> {
  const { repo, revision } = options;
  checkRepo(repo);
  const connection = connectToHub(options, { repo, revision });
  const label = `${repo}@${revision}`;
  const query = { ...connection, name: repo, revision, additionalFields: ['sha' as const] };
  const { sha: commit } = type === 'model' ? await modelInfo(query) : await datasetInfo(query);
  if (!/^[0-9a-f]{40}$/.test(commit)) {
    throw new LabError('format', `${connection.hubUrl} names no commit for ${label}.`, 'Check the Hub’s address.');
  }
  const files: HubFile[] = [];
  for await (const entry of listFiles({
    ...connection,
    repo: { type, name: repo },
    revision: commit,
    recursive: true,
  })) {
    if (entry.type !== 'file') continue;
    const { path, size, lfs, oid = null } = entry;
    files.push({ path, bytes: size, sha256: lfs?.oid ?? null, gitOid: lfs === undefined ? oid : null });
  }
  const folder = `${connection.hubUrl}/${type === 'model' ? '' : 'datasets/'}${repo}/resolve/${commit}`;
  return { label, repo, revision, commit, files, open: opener(files, label, folder, connection) };
}

/** Files are opened without a request: the listing has their sizes. Each is opened once. */
function opener(
  files: readonly HubFile[],
  label: string,
  folder: string,
  { fetch }: { readonly fetch: Fetch },
): HubRepo['open'] {
  const listed = new Map(files.map((file) => [file.path, file]));
  const opened = new Map<string, RangedFile>();
  const turns = new Turns(PARALLEL_READS);
  return (path) => {
    const file = listed.get(path);
    if (file === undefined) return Promise.resolve(null);
    const { bytes: byteLength, sha256, gitOid } = file;
    const url = `${folder}/${path.split('/').map(encodeURIComponent).join('/')}`;
    const source =
      opened.get(path) ?? new RangedFile({ name: `${label}/${path}`, byteLength, url, sha256, gitOid }, fetch, turns);
    opened.set(path, source);
    return Promise.resolve(source);
  };
}
