import { streamOf, type ByteSource } from '../../formats/bytes/byte-source.ts';

/** A source of the same bytes that reports how many are read. */
export function countedSource(source: ByteSource, onBytes: (bytes: number) => void): ByteSource {
  const { name, byteLength } = source;
  const slice = async (start: number, end: number): Promise<Uint8Array> => {
    const bytes = await source.slice(start, end);
    onBytes(bytes.byteLength);
    return bytes;
  };
  const stream = async function* (start: number, end: number): AsyncIterable<Uint8Array> {
    for await (const chunk of streamOf(source, start, end)) {
      onBytes(chunk.byteLength);
      yield chunk;
    }
  };
  return { name, byteLength, slice, stream };
}
