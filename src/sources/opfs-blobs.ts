/** Named blobs in the origin private file system: activations between layers, and what a restart goes on from. */
import type { BlobStore } from '../engine/streamed/blob-store.ts';
import { tellMemoryOnly } from './indexed-db.ts';
import { guardedFile } from './local-file.ts';
import { openOpfsRoot } from './opfs-root.ts';

/**
 * A folder of blobs. A blob changes only when its write is closed, so it is whole or as it was. Where the browser refuses files, they
 * are kept in memory, and the page is told. Throws `storage` errors.
 */
export async function openOpfsBlobs(folder: string): Promise<BlobStore> {
  let root: FileSystemDirectoryHandle;
  try {
    root = await openOpfsRoot();
  } catch (error) {
    tellMemoryOnly(error instanceof Error ? error.message : String(error));
    return memoryBlobs();
  }
  const directory = await guardedFile(`open ${folder}`, () => root.getDirectoryHandle(folder, { create: true }));
  return {
    put: (name, bytes) => guardedFile(`write ${name}`, () => write(directory, fileName(name), bytes)),
    get: (name) => guardedFile(`read ${name}`, () => read(directory, fileName(name))),
    delete: (name) =>
      guardedFile(`delete ${name}`, async () => {
        await ifThere(directory.removeEntry(fileName(name)));
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

/** Deletes a folder of blobs with all that it holds; nothing happens where there is none. Throws `storage` errors. */
export async function deleteOpfsBlobs(folder: string): Promise<void> {
  const root = await openOpfsRoot().catch(() => null);
  if (root === null) return; // then there are none
  await guardedFile(`delete ${folder}`, () => ifThere(root.removeEntry(folder, { recursive: true })));
}

/** A blob's name as a file's, which may hold no slash. */
const fileName = (name: string): string => encodeURIComponent(name);

async function write(directory: FileSystemDirectoryHandle, file: string, bytes: Uint8Array): Promise<void> {
  const handle = await directory.getFileHandle(file, { create: true });
  const stream = await handle.createWritable();
  try {
    await stream.write(bytes as BufferSource);
    await stream.close(); // here the file changes
  } catch (cause) {
    await stream.abort().catch(() => undefined); // it may have ended by itself
    throw cause;
  }
}

async function read(directory: FileSystemDirectoryHandle, file: string): Promise<Uint8Array | null> {
  const handle = await ifThere(directory.getFileHandle(file));
  if (handle === null) return null;
  const blob = await handle.getFile();
  return new Uint8Array(await blob.arrayBuffer());
}

/** The result, or null where there is no such file. */
async function ifThere<T>(job: Promise<T>): Promise<T | null> {
  try {
    return await job;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'NotFoundError') return null;
    throw cause;
  }
}
