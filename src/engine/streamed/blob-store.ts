/** Where activations rest when memory is short, and what a restart goes on from: OPFS in the browser, memory in tests. */

/** Named blobs of bytes. `put` leaves a blob whole or as it was, also when the process ends in the middle. */
export interface BlobStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Null where there is none. The result is the caller's to keep. */
  get(name: string): Promise<Uint8Array | null>;
  /** Deletes the blob; nothing happens where there is none. */
  delete(name: string): Promise<void>;
}

/** Blobs in memory, gone with it. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, Uint8Array>();

  get names(): readonly string[] {
    return [...this.#blobs.keys()];
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    this.#blobs.set(name, bytes.slice());
    return Promise.resolve();
  }

  get(name: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.#blobs.get(name)?.slice() ?? null);
  }

  delete(name: string): Promise<void> {
    this.#blobs.delete(name);
    return Promise.resolve();
  }
}
