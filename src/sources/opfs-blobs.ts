/** Named blobs in the origin private file system: activations between layers, and the state that an interrupted run resumes from. */
import type { BlobStore } from '../engine/streamed/blob-store.ts';
import { reportMemoryOnly } from './indexed-db.ts';
import { guardedFile } from './local-file.ts';
import { openOpfsRoot } from './opfs-root.ts';

/**
 * A folder of blobs. A blob changes only when its write is closed, so it is either complete or unchanged. If the browser refuses file
 * storage, blobs are held in memory and the page is informed.
 * @throws LabError `storage`
 */
export async function openOpfsBlobs(folder: string): Promise<BlobStore> {
  let root: FileSystemDirectoryHandle;
  try {
    root = await openOpfsRoot();
  } catch (error) {
    reportMemoryOnly(error instanceof Error ? error.message : String(error));
    return memoryBlobs();
  }
  const directory = await guardedFile(`open ${folder}`, () => root.getDirectoryHandle(folder, { create: true }));
  return {
    put: (name, bytes) => guardedFile(`write ${name}`, () => write(directory, fileName(name), bytes)),
    get: (name) => guardedFile(`read ${name}`, () => read(directory, fileName(name))),
    delete: (name) =>
      guardedFile(`delete ${name}`, async () => {
        await ifFound(directory.removeEntry(fileName(name)));
      }),
  };
}

function memoryBlobs(): BlobStore {
  const blobs = new Map<string, Uint8Array>();
  return {
    put: (name, bytes) => Promise.resolve(void blobs.set(name, bytes.slice())),
    get: (name) => Promise.resolve(blobs.get(name)?.slice() ?? null),
    delete: (name) => Promise.resolve(void blobs.delete(name)),
  };
}

/**
 * Deletes a folder of blobs with its content, if it exists.
 * @throws LabError `storage`
 */
export async function deleteOpfsBlobs(folder: string): Promise<void> {
  const root = await openOpfsRoot().catch(() => null);
  if (root === null) return; // no storage, so no blobs
  await guardedFile(`delete ${folder}`, () => ifFound(root.removeEntry(folder, { recursive: true })));
}

/** A blob's name as a file name, which must not contain slashes. */
const fileName = (name: string): string => encodeURIComponent(name);

async function write(directory: FileSystemDirectoryHandle, file: string, bytes: Uint8Array): Promise<void> {
  const handle = await directory.getFileHandle(file, { create: true });
  const stream = await handle.createWritable();
  try {
    await stream.write(bytes as BufferSource);
    await stream.close(); // the file changes here
  } catch (cause) {
    await stream.abort().catch(() => undefined); // it may have been closed already
    throw cause;
  }
}

async function read(directory: FileSystemDirectoryHandle, file: string): Promise<Uint8Array | null> {
  const handle = await ifFound(directory.getFileHandle(file));
  if (handle === null) return null;
  const blob = await handle.getFile();
  return new Uint8Array(await blob.arrayBuffer());
}

/** The result; null if the file does not exist. */
async function ifFound<T>(job: Promise<T>): Promise<T | null> {
  try {
    return await job;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'NotFoundError') return null;
    throw cause;
  }
}
