/** A Hub repository at one commit: its file list, and its files by byte range. */
import { datasetInfo, listFiles, modelInfo } from '@huggingface/hub';
import { namesBelow } from '../../core/checkpoint-folders.ts';
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { CheckpointFiles } from '../../engine/checkpoint/checkpoint-files.ts';
import { isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';
import { checkRepo } from './hub-address.ts';
import { connectToHub, type HubConnection, type HubOptions } from './hub-fetch.ts';
import { Turns } from './gathered-reads.ts';
import { RangedFile } from './ranged-file.ts';

const PARALLEL_READS = 6; // as many connections as a browser opens to one host over HTTP/1.1; more would queue and look stalled

type RepoType = 'model' | 'dataset';

export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string | null; // SHA-256 of the content; the Hub lists it only for LFS files
  readonly gitOid: string | null; // id of the git object; only for files outside LFS
}

/** The files of a model or dataset at one commit, even if its branches move in the meantime. */
export interface HubRepo extends CheckpointFiles {
  readonly repo: string;
  readonly revision: string; // as requested
  readonly commit: string; // that the revision pointed to
  readonly files: readonly HubFile[];
}

export type HubCheckpoint = HubRepo;

export interface OpenRepoOptions extends HubOptions {
  readonly repo: string; // owner/name
  readonly revision: string; // a branch, a tag or a commit
}

/**
 * Pins a model's revision and lists its files.
 * @throws LabError naming repository and revision
 */
export function openHubCheckpoint(options: OpenRepoOptions): Promise<HubCheckpoint> {
  return openHubRepo('model', options);
}

/**
 * Pins a dataset's revision and lists its files.
 * @throws LabError naming repository and revision
 */
export function openHubDataset(options: OpenRepoOptions): Promise<HubRepo> {
  return openHubRepo('dataset', options);
}

async function openHubRepo(type: RepoType, options: OpenRepoOptions): Promise<HubRepo> {
  const { repo, revision } = options;
  checkRepo(repo);
  const connection = connectToHub(options, { repo, revision });
  const label = `${repo}@${revision}`;
  const { commit, files } = await listCommit(type, options, connection).catch((cause: unknown) => {
    if (cause instanceof LabError) throw cause;
    const problem = `${shown(connection.hubUrl)} did not respond like a Hub to the request for ${shown(label)}.`;
    throw new LabError('format', problem, 'Check the Hub’s address.', { cause });
  });
  const folder = `${connection.hubUrl}/${type === 'model' ? '' : 'datasets/'}${repo}/resolve/${commit}`;
  const digests = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  return {
    ...{ label, repo, revision, commit, files },
    open: opener(files, label, folder, connection),
    list: (of) =>
      Promise.resolve(
        namesBelow(
          files.map(({ path }) => path),
          of,
        ),
      ),
    sha256Of: (file) => digests.get(file) ?? null,
  };
}

async function listCommit(
  type: RepoType,
  { repo, revision }: OpenRepoOptions,
  connection: HubConnection,
): Promise<Pick<HubRepo, 'commit' | 'files'>> {
  const query = { ...connection, name: repo, revision, additionalFields: ['sha' as const] };
  const { sha: commit } = type === 'model' ? await modelInfo(query) : await datasetInfo(query);
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new Error(`no commit, but ${commit}`);
  const files: HubFile[] = [];
  const tree = { ...connection, repo: { type, name: repo }, revision: commit, recursive: true };
  for await (const entry of listFiles(tree)) {
    const listed: unknown = entry; // untrusted: the server may be any kind of mirror
    if (!isJsonObject(listed)) throw new Error('a listed entry is not a file');
    if (listed['type'] === 'file') files.push(readFile(listed));
  }
  return { commit, files };
}

function readFile({ path, size, lfs, oid }: JsonObject): HubFile {
  const isPath = typeof path === 'string' && path !== '' && !/\p{Cs}/u.test(path); // a lone surrogate cannot be encoded in a URL
  if (!isPath || !Number.isSafeInteger(size) || (size as number) < 0) throw new Error('a file has no path or no size');
  const digest = isJsonObject(lfs) ? lfs['oid'] : null;
  const gitOid = typeof oid === 'string' && (lfs ?? null) === null ? oid : null;
  return { path, bytes: size as number, sha256: isSha256(digest) ? digest : null, gitOid };
}

const isSha256 = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** Opens files without a request, since the listing has their sizes. Each is opened once. */
function opener(files: readonly HubFile[], label: string, folder: string, { fetch }: HubConnection): HubRepo['open'] {
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
