/** A checkpoint's files from a reference to it: built in, on the Hub at a pinned commit, or in a folder or a ZIP of this machine. */
import { LabError } from '../../core/errors.ts';
import type { CheckpointFiles } from '../../engine/checkpoint/checkpoint-files.ts';
import { sha256 } from '../../engine/convert/digests.ts';
import { openZippedCheckpoint } from '../../engine/checkpoint/zipped-checkpoint.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { findCheckpoint, type Ladder, type LadderCheckpoint } from '../../formats/ladders/ladder.ts';
import {
  labelOfRef,
  type BuiltInRef,
  type ExternalRef,
  type FolderFile,
  type FolderRef,
  type HubRef,
  type LocalRef,
  type SourceRef,
  type ZipRef,
} from './checkpoint-ref.ts';
import type { HubAccess } from './models-messages.ts';

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

/** Where the bytes of checkpoints come from, handed in. */
export interface CheckpointSources {
  openHub(repo: string, revision: string, control: HubControl): Promise<HubFiles>;
  folderFiles(name: string, files: readonly FolderFile[]): CheckpointFiles;
  fileSource(file: File): ByteSource;
}

/** Those that also read the ladders that ship with the lab. */
export interface LadderSources extends CheckpointSources {
  fetchLadder(id: string): Promise<Ladder>;
  builtInFiles(ladder: Ladder, checkpoint: LadderCheckpoint): CheckpointFiles;
}

export interface OpenedFiles<Ref extends SourceRef = SourceRef> {
  readonly files: CheckpointFiles;
  readonly ref: Ref; // of the Hub: with its commit
  readonly commit: string; // what results are stored under: of the Hub its commit, else a digest
  readonly listing: readonly ListedFile[];
}

/** Pins a checkpoint and opens its files; no weights are read. @throws LabError that names the checkpoint */
export function openCheckpointFiles(
  sources: CheckpointSources,
  ref: ExternalRef,
  control: HubControl,
): Promise<OpenedFiles<ExternalRef>>;
export function openCheckpointFiles(sources: LadderSources, ref: SourceRef, control: HubControl): Promise<OpenedFiles>;
export function openCheckpointFiles(
  sources: CheckpointSources | LadderSources,
  ref: SourceRef,
  control: HubControl,
): Promise<OpenedFiles> {
  switch (ref.kind) {
    case 'hub':
      return openHub(sources, ref, control);
    case 'folder':
      return openFolder(sources, ref);
    case 'zip':
      return openZip(sources, ref);
    case 'built-in':
      return openBuiltIn(sources as LadderSources, ref);
  }
}

async function openHub(sources: CheckpointSources, ref: HubRef, control: HubControl): Promise<OpenedFiles<HubRef>> {
  const opened = await sources.openHub(ref.repo, ref.commit ?? ref.revision, control);
  const { commit, files: listing } = opened;
  const files: CheckpointFiles = {
    ...opened,
    label: labelOfRef(ref),
    open: (file) => opened.open(file),
    sha256Of: (file) => listing.find(({ path }) => path === file)?.sha256 ?? null,
  };
  return { files, ref: { ...ref, commit }, commit, listing };
}

async function openFolder(sources: CheckpointSources, ref: FolderRef): Promise<OpenedFiles<FolderRef>> {
  return {
    files: sources.folderFiles(ref.name, ref.files),
    ref,
    commit: `folder-${await localIdentity(ref)}`,
    listing: ref.files.map(({ path, file }) => ({ path, bytes: file.size, sha256: null })),
  };
}

async function openZip(sources: CheckpointSources, ref: ZipRef): Promise<OpenedFiles<ZipRef>> {
  const files = await openZippedCheckpoint(sources.fileSource(ref.file), { label: labelOfRef(ref) });
  return {
    files,
    ref,
    commit: `zip-${await localIdentity(ref)}`,
    listing: files.files.map((listed) => ({ ...listed, sha256: null })),
  };
}

async function openBuiltIn(sources: LadderSources, ref: BuiltInRef): Promise<OpenedFiles<BuiltInRef>> {
  const ladder = await sources.fetchLadder(ref.ladder);
  const checkpoint = findCheckpoint(ladder, ref.revision);
  const listing = Object.entries(checkpoint.files).map(([path, file]) => ({ path, ...file }));
  const commit = checkpoint.files['model.safetensors']?.sha256; // it has no commit; the digest of its weights names it
  if (commit === undefined) throw new LabError('format', 'The ladder lists no weights.', 'Deploy the ladder again.');
  return { files: sources.builtInFiles(ladder, checkpoint), ref, commit, listing };
}

/** What a folder or a ZIP is known by without being read: SHA-256 over names, sizes and dates. */
function localIdentity(place: LocalRef): Promise<string> {
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
