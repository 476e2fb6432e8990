/** Where a pack is written: a file that the user picked, or one of this browser's that the page then hands out. */
import { openOpfsRoot } from './opfs-root.ts';
import { LabError } from '../core/errors.ts';

const FOLDER = 'packs'; // of files that were handed out, emptied before the next one

export interface PackTarget {
  readonly writable: WritableStream<Uint8Array>;
  finished(): Promise<File | null>;
}

/** A file appears, or changes, only when its stream is closed. Throws `storage` errors. */
export async function openPackTarget(name: string, picked: FileSystemFileHandle | null): Promise<PackTarget> {
  try {
    const handle = picked ?? (await ownFile(name));
    const writable = (await handle.createWritable()) as WritableStream<Uint8Array>;
    return { writable, finished: () => (picked === null ? handle.getFile() : Promise.resolve(null)) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = 'Choose another place, or free some disk space.';
    throw new LabError('storage', `${name} cannot be written: ${reason}`, nextStep, { cause });
  }
}

async function ownFile(name: string): Promise<FileSystemFileHandle> {
  const root = await openOpfsRoot();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  for await (const old of folder.keys()) await folder.removeEntry(old);
  return folder.getFileHandle(name, { create: true });
}
