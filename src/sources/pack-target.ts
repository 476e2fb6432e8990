/** Where a pack is written: a file that the user picked, or a temporary one that the page offers as a download. */
import { openOpfsRoot } from './opfs-root.ts';
import { LabError } from '../core/errors.ts';

const FOLDER = 'packs'; // folder of downloads, emptied before each new one

export interface PackTarget {
  readonly writable: WritableStream<Uint8Array>;
  finished(): Promise<File | null>;
}

/**
 * Opens a file for writing. It appears or changes only when its stream is closed.
 * @throws LabError `storage`
 */
export async function openPackTarget(name: string, picked: FileSystemFileHandle | null): Promise<PackTarget> {
  try {
    const handle = picked ?? (await ownFile(name));
    const writable = (await handle.createWritable()) as WritableStream<Uint8Array>;
    return { writable, finished: () => (picked === null ? handle.getFile() : Promise.resolve(null)) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = 'Choose another location, or free some disk space.';
    throw new LabError('storage', `${name} cannot be written: ${reason}`, nextStep, { cause });
  }
}

async function ownFile(name: string): Promise<FileSystemFileHandle> {
  const root = await openOpfsRoot();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  for await (const old of folder.keys()) await folder.removeEntry(old);
  return folder.getFileHandle(name, { create: true });
}
