/** An address becomes files: of the Hub at a pinned commit, or of a folder or a ZIP that somebody chose. */
import type { CheckpointFiles } from '../../engine/checkpoint/checkpoint-files.ts';
import { sha256 } from '../../engine/convert/digests.ts';
import { openZippedCheckpoint } from '../../engine/checkpoint/zipped-checkpoint.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { zipLabel } from './checkpoint-opener.ts';
import type {
  UnfinishedSource,
  CheckpointAddress,
  FolderFile,
  FolderPlace,
  HubAccess,
  LocalPlace,
  ZipPlace,
} from './models-messages.ts';

/** Why a source waits, or that it goes on. */
export type WaitNotice =
  { readonly kind: 'retry'; readonly afterMs: number; readonly reason: string } | { readonly kind: 'resumed' };

export interface HubControl {
  readonly access: HubAccess;
  readonly signal: AbortSignal;
  readonly onWait: (notice: WaitNotice) => void;
}

interface ListedFile {
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
  fileSource(file: File): ByteSource;
}

export interface LocatedCheckpoint {
  readonly files: CheckpointFiles;
  readonly address: CheckpointAddress; // of the Hub: with its commit
  readonly listing: readonly ListedFile[];
  readonly from: UnfinishedSource;
  /** Eight letters that tell it from others of its label. */
  readonly mark: string;
}

export async function locateCheckpoint(
  places: CheckpointPlaces,
  address: CheckpointAddress,
  control: HubControl,
): Promise<LocatedCheckpoint> {
  if (address.kind === 'folder') return locateFolder(places, address);
  if (address.kind === 'zip') return locateZip(places, address);
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

async function locateFolder(places: CheckpointPlaces, address: FolderPlace): Promise<LocatedCheckpoint> {
  const { name, files, handle } = address;
  return {
    files: places.folderFiles(name, files),
    address,
    listing: files.map(({ path, file }) => ({ path, bytes: file.size, sha256: null })),
    from: { kind: 'folder', name, ...(handle !== undefined && { handle }) },
    mark: (await localIdentity(address)).slice(0, 8),
  };
}

async function locateZip(places: CheckpointPlaces, address: ZipPlace): Promise<LocatedCheckpoint> {
  const { file, handle } = address;
  const zipped = await openZippedCheckpoint(places.fileSource(file), { label: zipLabel(file.name) });
  return {
    files: zipped,
    address,
    listing: zipped.files.map((listed) => ({ ...listed, sha256: null })),
    from: { kind: 'zip', name: file.name, ...(handle !== undefined && { handle }) },
    mark: (await localIdentity(address)).slice(0, 8),
  };
}

/** What a folder or a ZIP is known by without being read: SHA-256 over names, sizes and dates. */
export function localIdentity(place: LocalPlace): Promise<string> {
  const files = place.kind === 'folder' ? place.files : [{ path: place.file.name, file: place.file }];
  const described = files.map(({ path, file }) => [path, file.size, file.lastModified] as const).sort(byPath);
  return sha256(new TextEncoder().encode(JSON.stringify(described)));
}

const byPath = ([a]: readonly [string, number, number], [b]: readonly [string, number, number]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** What a reader is told while nothing seems to happen; null once bytes come again. */
export function waitText(notice: WaitNotice): string | null {
  if (notice.kind === 'resumed') return null;
  return `${notice.reason}; retrying in ${Math.ceil(notice.afterMs / 1000)} s`;
}

/** Hears what a look-up waits for, in words; null once it continues. */
export type OnWait = (waiting: string | null) => void;

export function hubControl(access: HubAccess, signal: AbortSignal, onWait: OnWait): HubControl {
  return { access, signal, onWait: (notice) => onWait(waitText(notice)) };
}
