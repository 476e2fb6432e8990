/**
 * A folder in the browser's private file system (OPFS), for use in a worker: it writes through synchronous access handles, the only
 * ones that can write in place.
 */
import { LabError } from '../core/errors.ts';
import { shown } from '../core/text/quote.ts';
import type { ModelFolder } from '../engine/convert/model-folder.ts';
import type { ByteSource } from '../formats/bytes/byte-source.ts';
import { lazyBytes } from '../formats/bytes/lazy-bytes.ts';
import { findFile, makeFile, type AccessHandle, type LocalFile } from './local-file.ts';

/** A handle may still be held by a page that is being closed. */
const LOCK_ATTEMPTS = 40;
const LOCK_PAUSE = 100; // milliseconds

export class OpfsFolder implements ModelFolder {
  readonly label: string;
  readonly #directory: FileSystemDirectoryHandle;
  readonly #writing = new Map<string, Promise<AccessHandle>>();
  readonly #lent: AccessHandle[] = []; // handles that external data is read through
  readonly #reading = new Map<string, AccessHandle>();

  constructor(label: string, directory: FileSystemDirectoryHandle) {
    this.label = label;
    this.#directory = directory;
  }

  async open(file: string): Promise<ByteSource | null> {
    const blob = await this.#blob(file);
    if (blob === null) return null;
    return {
      name: file,
      byteLength: blob.size,
      slice: (start, end) => guarded(file, async () => new Uint8Array(await blob.slice(start, end).arrayBuffer())),
      readInto: (into, start) => guarded(file, () => this.#readInto(file, blob, into, start)),
    };
  }

  /** Reads through a handle that is opened at the first byte and closed after the last, or as a Blob if no handle is available. */
  async #readInto(file: string, blob: File, into: Uint8Array, start: number): Promise<void> {
    const handle = this.#reading.get(file) ?? (await this.#reader(file));
    const end = start + into.byteLength;
    if (handle === null) {
      into.set(new Uint8Array(await blob.slice(start, end).arrayBuffer()));
      return;
    }
    this.#reading.set(file, handle);
    const count = handle.read(into, { at: start });
    if (end >= blob.size || count !== into.byteLength) this.#closeReader(file);
    if (count !== into.byteLength) throw new Error(`it ended after ${start + count} bytes`);
  }

  async #reader(file: string): Promise<AccessHandle | null> {
    const handle = await this.#find(file);
    return handle?.createSyncAccessHandle({ mode: 'read-only' }).catch(() => null) ?? null;
  }

  #closeReader(file: string): void {
    this.#reading.get(file)?.close();
    this.#reading.delete(file);
  }

  async #blob(file: string): Promise<File | null> {
    await this.#close(file);
    const handle = await guarded(file, () => this.#find(file));
    return handle === null ? null : guarded(file, () => handle.getFile());
  }

  /** The file's handle; null if the file does not exist. */
  #find(file: string): Promise<LocalFile | null> {
    return findFile(this.#directory, file);
  }

  #make(file: string): Promise<LocalFile> {
    return makeFile(this.#directory, file);
  }

  /** Data read piece by piece through a shared handle; a Blob if another tab has locked the file. */
  async externalData(file: string): Promise<Uint8Array | Blob> {
    const blob = await this.#blob(file);
    const handle = await guarded(file, () => this.#find(file));
    if (blob === null || handle === null) {
      throw new LabError('not-found', `${shown(this.label)} has no ${shown(file)}.`, 'Convert the checkpoint again.');
    }
    const access = await handle.createSyncAccessHandle({ mode: 'read-only' }).catch(() => null);
    if (access === null) return blob;
    this.#lent.push(access);
    return lazyBytes(blob.size, (into, start) => {
      if (access.read(into, { at: start }) === into.byteLength) return;
      throw new LabError(
        'storage',
        `${shown(file)} of ${shown(this.label)} is truncated.`,
        'Convert the checkpoint again.',
      );
    });
  }

  async write(file: string, offset: number, bytes: Uint8Array): Promise<void> {
    const handle = await this.#writer(file);
    await guarded(file, () => {
      const written = handle.write(bytes, { at: offset });
      if (written > bytes.byteLength) throw new DOMException('its file is gone', 'NotFoundError'); // Chromium returns an error code as if it were a size
      if (written !== bytes.byteLength) throw new Error(`only ${written} of ${bytes.byteLength} bytes were written`);
    });
  }

  async flush(file: string): Promise<void> {
    const handle = await this.#writer(file);
    await guarded(file, () => handle.flush());
  }

  #writer(file: string): Promise<AccessHandle> {
    const known = this.#writing.get(file);
    if (known !== undefined) return known;
    const opening = guarded(file, () => this.#lock(file));
    this.#writing.set(file, opening);
    opening.catch(() => this.#writing.delete(file));
    return opening;
  }

  async #lock(file: string): Promise<AccessHandle> {
    const handle = await this.#make(file);
    for (let attempt = 1; ; attempt++) {
      try {
        return await handle.createSyncAccessHandle();
      } catch (error) {
        const isLocked = error instanceof DOMException && error.name === 'NoModificationAllowedError';
        if (!isLocked || attempt === LOCK_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE));
      }
    }
  }

  /** Writes a second file, which then replaces the first in one step. */
  async put(file: string, bytes: Uint8Array): Promise<void> {
    const partial = `${file}.partial`;
    await guarded(file, async () => {
      const handle = await this.#lock(partial);
      try {
        handle.truncate(0);
        handle.write(bytes, { at: 0 });
        handle.flush();
      } finally {
        handle.close();
      }
      await this.#close(file);
      const written = await this.#make(partial);
      if (written.move !== undefined) await written.move(file);
      else await this.#replace(file, bytes, partial);
    });
  }

  /** For browsers that cannot move files: writes a stream, which takes effect when it is closed. */
  async #replace(file: string, bytes: Uint8Array, partial: string): Promise<void> {
    const target = await this.#make(file);
    const stream = await target.createWritable();
    await stream.write(bytes as Uint8Array<ArrayBuffer>);
    await stream.close();
    await this.#directory.removeEntry(partial);
  }

  async remove(file: string): Promise<void> {
    await this.#close(file);
    await guarded(file, async () => {
      if ((await this.#find(file)) !== null) await this.#directory.removeEntry(file);
    });
  }

  async list(): Promise<readonly string[]> {
    return guarded(this.label, async () => {
      const names: string[] = [];
      for await (const handle of this.#directory.values()) if (handle.kind === 'file') names.push(handle.name);
      return names;
    });
  }

  async release(): Promise<void> {
    for (const file of [...this.#writing.keys()]) await this.#close(file);
    for (const file of [...this.#reading.keys()]) this.#closeReader(file);
    for (const handle of this.#lent.splice(0)) handle.close();
  }

  async #close(file: string): Promise<void> {
    this.#closeReader(file);
    const opened = this.#writing.get(file);
    this.#writing.delete(file);
    (await opened?.catch(() => undefined))?.close();
  }
}

/** Names of the exceptions that Chromium, Firefox and Safari throw for deleted files. */
const GONE: ReadonlySet<string> = new Set(['NotFoundError', 'InvalidStateError']);

async function guarded<T>(file: string, job: () => T | Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    if (cause instanceof DOMException && GONE.has(cause.name)) {
      const happened = `${file} is gone from the browser’s storage: the site data was cleared, or another tab deleted it.`;
      throw new LabError('storage', happened, 'Start again from the beginning.', { cause });
    }
    const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
    const isLocked = cause instanceof DOMException && cause.name === 'NoModificationAllowedError';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LabError(
      'storage',
      isLocked ? `${file} is in use by another tab.` : `${file} could not be used in the browser’s storage: ${reason}`,
      isFull
        ? 'The disk or the browser’s storage limit is full: delete a model, or free some disk space.'
        : 'Close other Harmscope tabs and try again.',
      { cause },
    );
  }
}
