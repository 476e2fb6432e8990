/**
 * Random access to bytes. A URL, a file of a folder, a cache entry and a fixture all look like this, so every parser reads all
 * of them.
 */
export interface ByteSource {
  readonly name: string; // for error messages
  readonly byteLength: number;
  /** Bytes from `start` up to, not including, `end`. The result is the caller's to keep. */
  slice(start: number, end: number): Promise<Uint8Array>;
}

/** A `ByteSource` over bytes in memory. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    byteLength: bytes.byteLength,
    slice: (start, end) => Promise.resolve(bytes.slice(start, end)),
  };
}
