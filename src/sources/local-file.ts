/** Files in the browser's private file system (OPFS), with declarations that TypeScript's library lacks. */
import { LabError } from '../core/errors.ts';
import { shown } from '../core/text/quote.ts';

/** https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle, only the part in use: TypeScript declares it only for workers. */
export interface AccessHandle {
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

/** A file handle with `move`, and with access handles that can be shared. */
export type LocalFile = Pick<FileSystemFileHandle, 'getFile' | 'createWritable'> & {
  readonly move?: (name: string) => Promise<void>;
  readonly createSyncAccessHandle: (options?: { mode: 'read-only' }) => Promise<AccessHandle>;
};

/** The file's handle; null if the file does not exist. */
export async function findFile(directory: FileSystemDirectoryHandle, file: string): Promise<LocalFile | null> {
  try {
    return localFile(await directory.getFileHandle(file));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return null;
    throw error;
  }
}

export async function makeFile(directory: FileSystemDirectoryHandle, file: string): Promise<LocalFile> {
  return localFile(await directory.getFileHandle(file, { create: true }));
}

const localFile = (handle: object): LocalFile => handle as LocalFile;

/**
 * Runs a job on such files. Converts failures to `storage` errors.
 * @param what verb and object, as in `write manifest.json`
 */
export async function guardedFile<T>(what: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = isFull ? 'Delete models or activations that you do not need, or free disk space.' : 'Try again.';
    throw new LabError('storage', `The browser’s file system could not ${shown(what)}: ${shown(reason)}`, nextStep, {
      cause,
    });
  }
}
