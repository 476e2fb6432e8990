/** A ZIP whose entries are stored, not compressed, made while it is read. ZIP64 where it grows past 4 GB. */
import { ZipWriter, type ReadableReader, type Reader } from '@zip.js/zip.js/lib/zip-core-native.js'; // without its own deflate

const PLAIN = { level: 0, useWebWorkers: false, useCompressionStream: false } as const;
/** One date for all, so that a model gives the same bytes on every machine. */
const DATE = new Date('2000-01-01T00:00:00Z');
const ZIP64_FROM = 0xffffffff; // bytes of an entry

/** Adds an entry of `byteLength` bytes. */
export type AddEntry = (path: string, byteLength: number, content: Reader<unknown> | ReadableReader) => Promise<void>;

/** `write` adds one entry after another; its errors reach whoever reads the stream. */
export function storedZip(write: (add: AddEntry) => Promise<void>): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const zip = new ZipWriter(writable, { ...PLAIN, lastModDate: DATE, extendedTimestamp: false, keepOrder: true });
  const add: AddEntry = async (path, byteLength, content) => {
    await zip.add(path, content, { ...PLAIN, zip64: byteLength > ZIP64_FROM });
  };
  void write(add)
    .then(() => zip.close())
    .catch((error: unknown) => writable.abort(error).catch(() => undefined)); // the reader of the stream hears of it
  return readable;
}
