/** The files in a ZIP, each read where it lies: a stored entry is a range of the file, a small compressed one is inflated into memory. */
import { Reader, Uint8ArrayWriter, ZipReader, type FileEntry } from '@zip.js/zip.js/lib/zip-core-native.js'; // without its own deflate
import { LabError } from '../core/errors.ts';
import { bytesSource, type ByteSource } from '../formats/byte-source.ts';

const STORED = 0; // the ZIP format's compression method
const LOCAL_HEADER_BYTES = 30; // APPNOTE.TXT 4.3.7: name and extra field follow
const LOCAL_NAME_LENGTH = 26;
const LOCAL_EXTRA_LENGTH = 28;

export interface ZippedFile {
  readonly path: string; // within the ZIP
  readonly byteLength: number; // not compressed
  readonly isStored: boolean;
  /** Its bytes; inflated whole where it is compressed. Throws `format` errors that name ZIP and file. */
  open(): Promise<ByteSource>;
}

/** The files of a ZIP by path. Throws a `format` error that names it where it is none, or was cut short. */
export async function readZip(source: ByteSource): Promise<ReadonlyMap<string, ZippedFile>> {
  const entries = await guarded(source, 'cannot be read as a ZIP', () =>
    new ZipReader(new SourceReader(source), { useWebWorkers: false }).getEntries(),
  );
  const files = entries.filter((entry) => !entry.directory);
  return new Map(files.map((entry) => [entry.filename, zippedFile(source, entry)]));
}

function zippedFile(source: ByteSource, entry: FileEntry): ZippedFile {
  const { filename: path, uncompressedSize: byteLength } = entry;
  const isStored = entry.compressionMethod === STORED && !entry.encrypted;
  return { path, byteLength, isStored, open: () => (isStored ? storedSource : inflatedSource)(source, entry) };
}

/** A stored entry as a range of the ZIP. The local header's extra field may differ in length from the directory's. */
async function storedSource(
  source: ByteSource,
  { filename, offset, uncompressedSize }: FileEntry,
): Promise<ByteSource> {
  const header = await source.slice(offset, offset + LOCAL_HEADER_BYTES);
  if (header.byteLength < LOCAL_HEADER_BYTES) throw damagedZip(source, `ends within ${filename}`);
  const view = new DataView(header.buffer, header.byteOffset);
  const lengths = view.getUint16(LOCAL_NAME_LENGTH, true) + view.getUint16(LOCAL_EXTRA_LENGTH, true);
  const start = offset + LOCAL_HEADER_BYTES + lengths;
  if (start + uncompressedSize > source.byteLength) throw damagedZip(source, `ends within ${filename}`);
  return {
    name: `${source.name}: ${filename}`,
    byteLength: uncompressedSize,
    slice: (from, to) => source.slice(start + from, start + Math.min(to, uncompressedSize)),
  };
}

async function inflatedSource(source: ByteSource, entry: FileEntry): Promise<ByteSource> {
  if (entry.encrypted) {
    const problem = `${source.name} holds ${entry.filename} behind a password.`;
    throw new LabError('format', problem, 'Unpack it, and choose the folder.');
  }
  const bytes = await guarded(source, `holds ${entry.filename}, which cannot be unpacked`, () =>
    entry.getData(new Uint8ArrayWriter(), { checkSignature: true, useWebWorkers: false }),
  );
  return bytesSource(`${source.name}: ${entry.filename}`, bytes);
}

/** A `ByteSource` as zip.js reads. */
export class SourceReader extends Reader<ByteSource> {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super(source);
    this.#source = source;
    this.size = source.byteLength;
  }

  override readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return this.#source.slice(index, Math.min(index + length, this.size));
  }
}

async function guarded<T>(source: ByteSource, problem: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    if (cause instanceof LabError) throw cause; // of the source itself
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damagedZip(source, `${problem}: ${reason}`, cause);
  }
}

export const damagedZip = (source: ByteSource, problem: string, cause?: unknown): LabError =>
  new LabError(
    'format',
    `${source.name} ${problem}.`,
    'It may have been cut short: copy it again from where it came.',
    {
      cause,
    },
  );
