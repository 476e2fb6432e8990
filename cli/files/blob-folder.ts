/** Blobs in a local folder, under Node: activations between layers, and the state that an interrupted run resumes from. */
import { mkdir, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../../src/engine/streamed/blob-store.ts';
import { writeError } from './file-errors.ts';

const BLOB = 'streamed.'; // prefix of every blob of a streamed extraction

export interface DiskBlobs extends BlobStore {
  /** Deletes every blob, and the folder if nothing else is in it. */
  clear(): Promise<void>;
}

/**
 * Blobs in `folder`, which is created at the first write. A blob gets its name only once it is complete.
 * Its methods throw `storage` errors.
 */
export function diskBlobs(folder: string): DiskBlobs {
  const pathOf = (name: string): string => join(folder, encodeURIComponent(name)); // a blob's name may contain slashes
  return {
    put: (name, bytes) =>
      guarded(folder, async () => {
        await mkdir(folder, { recursive: true });
        const partial = `${pathOf(name)}.partial`;
        const file = await open(partial, 'w');
        try {
          await file.writeFile(bytes);
          await file.datasync(); // otherwise a system crash could leave a name without its bytes
        } finally {
          await file.close();
        }
        await rename(partial, pathOf(name));
      }),
    get: (name) =>
      guarded(folder, async () => {
        const bytes = await readFile(pathOf(name)).catch((cause: unknown) => {
          if (isMissing(cause)) return null;
          throw cause;
        });
        return bytes === null ? null : new Uint8Array(bytes);
      }),
    delete: (name) => guarded(folder, () => rm(pathOf(name), { force: true })),
    clear: () =>
      guarded(folder, async () => {
        const names = await readdir(folder).catch(() => []);
        const blobs = names.filter((name) => name.startsWith(BLOB)); // other files are left alone
        for (const name of blobs) await rm(join(folder, name), { force: true });
        if (blobs.length === names.length) await rmdir(folder).catch(() => undefined); // it may never have been created
      }),
  };
}

const isMissing = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';

async function guarded<T>(folder: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    throw writeError(folder, cause);
  }
}
