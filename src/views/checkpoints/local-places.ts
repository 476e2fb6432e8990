/**
 * A folder, a ZIP or a pack that a visitor hands over, by whichever way this browser has. Nothing is read of the files yet. Where the
 * browser has File System Access, a handle comes along, which opens the same place again in a later visit.
 */
import { TEMPLATE_FOLDER } from '../../core/checkpoint-folders.ts';
import { LabError } from '../../core/errors.ts';
import type { LocalRef } from '../../state/models/hub-form.svelte.ts';

type Folder = Extract<LocalRef, { kind: 'folder' }>;
type Zip = Extract<LocalRef, { kind: 'zip' }>;
type FolderFile = Folder['files'][number];
type Handle = FileSystemDirectoryHandle | FileSystemFileHandle;

/** https://wicg.github.io/file-system-access/, of which TypeScript's library knows little. */
type PickerWindow = Window & {
  readonly showDirectoryPicker?: (options?: { mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;
  readonly showOpenFilePicker?: (options: object) => Promise<FileSystemFileHandle[]>;
  readonly showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
};
type Ask = (options: { mode: 'read' }) => Promise<PermissionState>;
type Askable = { readonly queryPermission?: Ask; readonly requestPermission?: Ask };
type DroppedItem = DataTransferItem & { readonly getAsFileSystemHandle?: () => Promise<Handle | null> };
type IterableDirectory = FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> };

const pickers = (): PickerWindow => window;

export const canPickFolder = (): boolean => pickers().showDirectoryPicker !== undefined;
export const canPickFile = (): boolean => pickers().showOpenFilePicker !== undefined;

/** The folder that the visitor picks; null where they pick none. */
export async function pickFolder(): Promise<LocalRef | null> {
  const directory = await unlessCancelled(pickers().showDirectoryPicker?.());
  return directory === null ? null : folderOf(directory);
}

/** The ZIP or pack that the visitor picks; null where they pick none. */
export async function pickZip(): Promise<LocalRef | null> {
  const types = [{ description: 'ZIP', accept: { 'application/zip': ['.zip'] } }];
  const [handle] = (await unlessCancelled(pickers().showOpenFilePicker?.({ types }))) ?? [];
  return handle === undefined ? null : zipOf(handle);
}

/** Whether a place of an earlier visit opens without asking the visitor. */
export async function mayRead(handle: Handle): Promise<boolean> {
  return (await (handle as Askable).queryPermission?.({ mode: 'read' })) === 'granted';
}

/** A place of an earlier visit. Asks the visitor where the browser wants that; throws errors that name the place. */
export async function reopenLocal(handle: Handle): Promise<LocalRef> {
  const what = `${handle.kind === 'directory' ? 'The folder' : 'The file'} ${handle.name}`;
  const answer = await (handle as Askable).requestPermission?.({ mode: 'read' });
  if (answer !== undefined && answer !== 'granted') {
    throw new LabError(
      'storage',
      `${what} cannot be read without permission.`,
      'Press Resume again and allow access, or choose it again.',
    );
  }
  try {
    return await placeOf(handle);
  } catch (cause) {
    const nextStep = 'Move it back, or choose it in its new place.';
    throw new LabError('not-found', `${what} is not where it was.`, nextStep, { cause });
  }
}

const placeOf = (handle: Handle): Promise<LocalRef> => (handle.kind === 'directory' ? folderOf(handle) : zipOf(handle));

/** The files at its top, and its chat templates: a checkpoint has no other folders. */
async function folderOf(handle: FileSystemDirectoryHandle): Promise<Folder> {
  return { kind: 'folder', name: handle.name, files: await filesOf(handle, ''), handle };
}

async function filesOf(handle: FileSystemDirectoryHandle, above: string): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  for await (const each of (handle as IterableDirectory).values()) {
    const file = isFile(each) ? await each.getFile().catch(() => null) : null; // null for a broken link
    if (file !== null) files.push({ path: `${above}${each.name}`, file });
    if (isTemplateFolder(each, above)) files.push(...(await filesOf(each, `${each.name}/`)));
  }
  return files;
}

const isFile = (handle: FileSystemHandle): handle is FileSystemFileHandle => handle.kind === 'file';
const isTemplateFolder = (handle: FileSystemHandle, above: string): handle is FileSystemDirectoryHandle =>
  handle.kind === 'directory' && above === '' && handle.name === TEMPLATE_FOLDER;

async function zipOf(handle: FileSystemFileHandle): Promise<Zip> {
  return { kind: 'zip', file: await handle.getFile(), handle };
}

/** What an input with `webkitdirectory` holds. */
export function folderOfInput(list: FileList | null): LocalRef | null {
  const files = [...(list ?? [])].map((file) => ({ parts: file.webkitRelativePath.split('/'), file }));
  const [first] = files;
  if (first === undefined) return null;
  const own = files.filter(({ parts }) => parts.length === 2 || (parts.length === 3 && parts[1] === TEMPLATE_FOLDER));
  const name = first.parts[0] ?? 'folder';
  return { kind: 'folder', name, files: own.map(({ parts, file }) => ({ path: parts.slice(1).join('/'), file })) };
}

/** What an input for one file holds. */
export function zipOfInput(list: FileList | null): LocalRef | null {
  const file = list?.[0];
  return file === undefined ? null : { kind: 'zip', file };
}

/** What was dropped: a folder, a single file, or neither. The drop's data are gone once this function waits. */
export async function dropped(data: DataTransfer): Promise<LocalRef | null> {
  const item = data.items[0] as DroppedItem | undefined;
  const [entry, file] = [item?.webkitGetAsEntry() ?? null, item?.getAsFile() ?? null];
  const handle = (await item?.getAsFileSystemHandle?.().catch(() => null)) ?? null; // without it, it is read this once
  if (handle !== null) return placeOf(handle);
  if (entry?.isDirectory !== true) return file === null ? null : { kind: 'zip', file };
  return { kind: 'folder', name: entry.name, files: await filesOfEntry(entry as FileSystemDirectoryEntry, '') };
}

async function filesOfEntry(entry: FileSystemDirectoryEntry, above: string): Promise<FolderFile[]> {
  const reader = entry.createReader();
  const files: FolderFile[] = [];
  for (let batch = await readBatch(reader); batch.length > 0; batch = await readBatch(reader)) {
    for (const each of batch) {
      const file = each.isFile ? await fileOf(each as FileSystemFileEntry).catch(() => null) : null;
      if (file !== null) files.push({ path: `${above}${each.name}`, file });
      const isTemplates = each.isDirectory && above === '' && each.name === TEMPLATE_FOLDER;
      if (isTemplates) files.push(...(await filesOfEntry(each as FileSystemDirectoryEntry, `${each.name}/`)));
    }
  }
  return files;
}

const readBatch = (reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> =>
  new Promise((resolve, reject) => reader.readEntries(resolve, reject));

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** Where to save: a file that the visitor picks, `download` where this browser cannot ask, null where they pick none. */
export async function pickSaveFile(suggestedName: string): Promise<FileSystemFileHandle | 'download' | null> {
  const { showSaveFilePicker } = pickers();
  if (showSaveFilePicker === undefined) return 'download';
  return unlessCancelled(showSaveFilePicker.call(window, { suggestedName }));
}

/** The folder to write a new one into, asked as `pickSaveFile` does. */
export async function pickExportFolder(): Promise<FileSystemDirectoryHandle | 'download' | null> {
  const { showDirectoryPicker } = pickers();
  if (showDirectoryPicker === undefined) return 'download';
  return unlessCancelled(showDirectoryPicker.call(window, { mode: 'readwrite' }));
}

async function unlessCancelled<T>(picking: Promise<T> | undefined): Promise<T | null> {
  try {
    return (await picking) ?? null;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null; // the visitor closed the dialogue
    throw error;
  }
}
