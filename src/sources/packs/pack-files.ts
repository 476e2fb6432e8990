/** Files of numbers in the browser's private file system, read through synchronous handles, which take a quarter of IndexedDB's time. */
import { findFile, guardedFile, makeFile, type LocalFile } from '../local-file.ts';
import { openOpfsRoot } from '../opfs-root.ts';
import { bytesOf, type Placed } from './packed-value.ts';

/** All methods throw `storage` errors. */
export interface PackFiles {
  /** Writes a new file, which is complete when this resolves. */
  write(name: string, contents: readonly Placed[]): Promise<void>;
  /** Fills the arrays. False if the file is missing or too short. */
  read(name: string, wanted: readonly Placed[]): Promise<boolean>;
  remove(name: string): Promise<void>;
  list(): Promise<readonly string[]>;
}

/** Null if the browser does not support such files, as in some private windows. */
export async function openPackFiles(folder: string): Promise<PackFiles | null> {
  if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return null;
  try {
    const root = await openOpfsRoot();
    return new OpfsPackFiles(await root.getDirectoryHandle(folder, { create: true }));
  } catch {
    return null;
  }
}

class OpfsPackFiles implements PackFiles {
  readonly #directory: FileSystemDirectoryHandle;

  constructor(directory: FileSystemDirectoryHandle) {
    this.#directory = directory;
  }

  write(name: string, contents: readonly Placed[]): Promise<void> {
    return guardedFile(`write ${name}`, async () => {
      const file = await makeFile(this.#directory, name);
      await ('createWritable' in file ? writeStream(file, contents) : writeInPlace(file, contents));
    });
  }

  read(name: string, wanted: readonly Placed[]): Promise<boolean> {
    return guardedFile(`read ${name}`, async () => {
      const file = await findFile(this.#directory, name);
      return file !== null && readFile(file, wanted);
    });
  }

  remove(name: string): Promise<void> {
    return guardedFile(`delete ${name}`, async () => {
      if ((await findFile(this.#directory, name)) !== null) await this.#directory.removeEntry(name);
    });
  }

  async list(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const handle of this.#directory.values()) names.push(handle.name);
    return names;
  }
}

/** Writes a stream, because Chromium's storage estimate ignores data written in place after the browser restarts. */
async function writeStream(file: Pick<LocalFile, 'createWritable'>, contents: readonly Placed[]): Promise<void> {
  const stream = await file.createWritable();
  try {
    for (const { at, numbers } of contents) {
      await stream.write({ type: 'write', position: at, data: bytesOf(numbers) as BufferSource });
    }
    await stream.close();
  } catch (cause) {
    await stream.abort().catch(() => undefined); // it may have been closed already
    throw cause;
  }
}

/** For browsers without such streams: Safari before version 26. */
async function writeInPlace(
  file: Pick<LocalFile, 'createSyncAccessHandle'>,
  contents: readonly Placed[],
): Promise<void> {
  const handle = await file.createSyncAccessHandle();
  try {
    for (const { at, numbers } of contents) {
      const written = handle.write(bytesOf(numbers), { at });
      if (written !== numbers.byteLength)
        throw new Error(`only ${written} of ${numbers.byteLength} bytes were written`);
    }
    handle.flush();
  } finally {
    handle.close();
  }
}

async function readFile(file: LocalFile, wanted: readonly Placed[]): Promise<boolean> {
  const handle = await file.createSyncAccessHandle({ mode: 'read-only' }).catch(() => null);
  if (handle === null) return readBlob(file, wanted); // another thread holds it, in a browser that cannot share handles
  try {
    return wanted.every(({ at, numbers }) => handle.read(bytesOf(numbers), { at }) === numbers.byteLength);
  } finally {
    handle.close();
  }
}

async function readBlob(file: LocalFile, wanted: readonly Placed[]): Promise<boolean> {
  const blob = await file.getFile();
  for (const { at, numbers } of wanted) {
    const bytes = new Uint8Array(await blob.slice(at, at + numbers.byteLength).arrayBuffer());
    if (bytes.byteLength !== numbers.byteLength) return false;
    bytesOf(numbers).set(bytes);
  }
  return true;
}
