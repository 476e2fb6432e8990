/** An address becomes files: of the Hub at a pinned commit, or of a folder that somebody chose. */
import type { CheckpointFiles } from '../engine/checkpoint-files.ts';
import { sha256 } from '../engine/convert/digests.ts';
import type { BegunFrom, CheckpointAddress, FolderFile, HubAccess } from './library-messages.ts';

/** Why a source waits, or that it goes on. */
export type WaitNotice =
  { readonly kind: 'retry'; readonly afterMs: number; readonly reason: string } | { readonly kind: 'resumed' };

export interface HubControl {
  readonly access: HubAccess;
  readonly signal: AbortSignal;
  readonly onWait: (notice: WaitNotice) => void;
}

export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string | null;
}

export interface HubFiles extends CheckpointFiles {
  readonly commit: string;
  readonly files: readonly ListedFile[];
}

/** Where the bytes of checkpoints are, handed in. */
export interface CheckpointPlaces {
  openHub(repo: string, revision: string, control: HubControl): Promise<HubFiles>;
  folderFiles(name: string, files: readonly FolderFile[]): CheckpointFiles;
}

export interface LocatedCheckpoint {
  readonly files: CheckpointFiles;
  readonly address: CheckpointAddress; // of the Hub: with its commit
  readonly listing: readonly ListedFile[];
  readonly from: BegunFrom;
  /** Eight letters that tell it from others of its label. */
  readonly mark: string;
}

export async function locateCheckpoint(
  places: CheckpointPlaces,
  address: CheckpointAddress,
  control: HubControl,
): Promise<LocatedCheckpoint> {
  if (address.kind === 'folder') return locateFolder(places, address);
  const { repo, revision } = address;
  const opened = await places.openHub(repo, address.commit ?? revision, control);
  const { commit, files: listing } = opened;
  return {
    files: {
      label: `${repo}@${revision}`,
      open: (file) => opened.open(file),
      sha256Of: (file) => digestIn(listing, file),
    },
    address: { ...address, commit },
    listing,
    from: { kind: 'hub', repo, revision, commit, hubUrl: control.access.hubUrl },
    mark: commit.slice(0, 8),
  };
}

const digestIn = (listing: readonly ListedFile[], file: string): string | null =>
  listing.find(({ path }) => path === file)?.sha256 ?? null;

async function locateFolder(
  places: CheckpointPlaces,
  address: Extract<CheckpointAddress, { kind: 'folder' }>,
): Promise<LocatedCheckpoint> {
  const { name, files } = address;
  return {
    files: places.folderFiles(name, files),
    address,
    listing: files.map(({ path, file }) => ({ path, bytes: file.size, sha256: null })),
    from: { kind: 'folder', name },
    mark: (await folderIdentity(files)).slice(0, 8),
  };
}

/** What a folder's files are known by without reading them: SHA-256 over names, sizes and dates. */
export function folderIdentity(files: readonly FolderFile[]): Promise<string> {
  const described = files.map(({ path, file }) => [path, file.size, file.lastModified] as const).sort(byPath);
  return sha256(new TextEncoder().encode(JSON.stringify(described)));
}

const byPath = ([a]: readonly [string, number, number], [b]: readonly [string, number, number]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** What a reader is told while nothing seems to happen; null once bytes come again. */
export function waitText(notice: WaitNotice): string | null {
  if (notice.kind === 'resumed') return null;
  return `${notice.reason}; trying again in ${Math.ceil(notice.afterMs / 1000)} s`;
}
