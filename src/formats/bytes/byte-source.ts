/**
 * Random access to bytes. A URL, a file of a folder, a cache entry and a fixture all look like this, so every parser reads all
 * of them.
 */
export interface ByteSource {
  readonly name: string; // for error messages
  readonly byteLength: number;
  /** Bytes from `start` up to, not including, `end`. The result is the caller's to keep. */
  slice(start: number, end: number): Promise<Uint8Array>;
  /** Fills `into` from `start` on: for reading file after file through one buffer; where it is missing, `slice` does. */
  readInto?(into: Uint8Array, start: number): Promise<void>;
  /** The same bytes in chunks as they come, for ranges too large to hold; where it is missing, `streamOf` slices. */
  stream?(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** A `ByteSource` over bytes in memory. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    byteLength: bytes.byteLength,
    slice: (start, end) => Promise.resolve(bytes.slice(start, end)),
  };
}

const SLICE_BYTES = 4e6; // of a source that cannot stream: large enough to be worth a read, small enough to hold

/** Bytes of any source in chunks. */
export async function* streamOf(source: ByteSource, start: number, end: number): AsyncIterable<Uint8Array> {
  const to = Math.min(end, source.byteLength);
  if (source.stream !== undefined) {
    yield* source.stream(start, to);
    return;
  }
  for (let position = start; position < to; position += SLICE_BYTES) {
    yield await source.slice(position, Math.min(position + SLICE_BYTES, to));
  }
}

/** Frees bytes that nothing else reads, without waiting for the garbage collector; where that cannot be done, it waits. */
export function letGo({ buffer, byteLength }: ArrayBufferView): void {
  const isWhole = byteLength > 0 && buffer.byteLength === byteLength; // else other bytes lie in it as well
  if (isWhole && 'transfer' in buffer) (buffer.transfer as (bytes: number) => ArrayBuffer).call(buffer, 0); // ES2024
}
