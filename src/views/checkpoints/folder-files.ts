/** A folder or a pack that a visitor hands over, by whichever way this browser has. Nothing is read of the files yet. */
import type { FolderFile } from '../../state/hub-form.svelte.ts';

export interface ChosenFolder {
  readonly name: string;
  readonly files: readonly FolderFile[]; // at its top: a checkpoint has no folders
  readonly directory: FileSystemDirectoryHandle | null; // by which a later visit can open it again
}

type PickerWindow = Window & {
  readonly showDirectoryPicker?: () => Promise<FileSystemDirectoryHandle>;
  readonly showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
};

const pickers = (): PickerWindow => window;

export const canPickFolder = (): boolean => pickers().showDirectoryPicker !== undefined;

/** The folder that the visitor picks; null where they pick none. */
export async function pickFolder(): Promise<ChosenFolder | null> {
  const directory = await unlessCancelled(pickers().showDirectoryPicker?.());
  return directory === null ? null : { name: directory.name, files: await filesIn(directory), directory };
}

/** The files of a folder that was picked before; null where the visitor does not allow it, or (`ask` false) was not asked yet. */
export async function reopenFolder(
  directory: FileSystemDirectoryHandle,
  ask: boolean,
): Promise<readonly FolderFile[] | null> {
  const { queryPermission, requestPermission } = directory as PermittedHandle;
  const permission = await (ask ? requestPermission : queryPermission)?.call(directory, { mode: 'read' });
  return permission === 'granted' ? filesIn(directory) : null;
}

/** https://wicg.github.io/file-system-access/#api-filesystemhandle */
type PermittedHandle = FileSystemDirectoryHandle & {
  readonly queryPermission?: (options: { mode: 'read' }) => Promise<PermissionState>;
  readonly requestPermission?: (options: { mode: 'read' }) => Promise<PermissionState>;
};

async function filesIn(directory: FileSystemDirectoryHandle): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  for await (const handle of (directory as IterableDirectory).values()) {
    if (handle.kind === 'file') files.push({ path: handle.name, file: await handle.getFile() });
  }
  return files;
}

type IterableDirectory = FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> };

/** What an input with `webkitdirectory` holds. */
export function folderOfInput(list: FileList): ChosenFolder | null {
  const files = [...list].map((file) => ({ parts: file.webkitRelativePath.split('/'), file }));
  const [first] = files;
  if (first === undefined) return null;
  const top = files.filter(({ parts }) => parts.length === 2);
  return { name: first.parts[0] ?? 'folder', files: top.map(({ parts, file }) => ({ path: parts[1] ?? '', file })), directory: null }; // prettier-ignore
}

/** What was dropped: a folder, a single file, or neither. */
export async function dropped(data: DataTransfer): Promise<ChosenFolder | File | null> {
  const [item] = data.items;
  const entry = item?.webkitGetAsEntry() ?? null;
  if (entry?.isDirectory !== true) return item?.getAsFile() ?? null;
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: FolderFile[] = [];
  for (let batch = await readBatch(reader); batch.length > 0; batch = await readBatch(reader)) {
    for (const each of batch) {
      if (each.isFile) files.push({ path: each.name, file: await fileOf(each as FileSystemFileEntry) });
    }
  }
  return { name: entry.name, files, directory: null };
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

async function unlessCancelled<T>(picking: Promise<T> | undefined): Promise<T | null> {
  try {
    return (await picking) ?? null;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null; // the visitor closed the dialogue
    throw error;
  }
}
