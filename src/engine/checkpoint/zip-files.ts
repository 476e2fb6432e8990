/** The files in a ZIP, each read where it lies: a stored entry is a range of the file, a small compressed one is inflated into memory. */
import { Reader, Uint8ArrayWriter, ZipReader, type FileEntry } from '@zip.js/zip.js/lib/zip-core-native.js'; // without its own deflate
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { bytesSource, type ByteSource } from '../../formats/bytes/byte-source.ts';
import { foreignFile } from '../../formats/bytes/foreign-file.ts';

const HEAD_BYTES = 512; // tell what a file is that is not a ZIP
const STORED = 0; // the ZIP format's compression methods: APPNOTE.TXT 4.4.5
const DEFLATE = 8; // which browsers and Node inflate by themselves
const OTHER_METHODS: Readonly<Record<number, string>> = {
  ...{ 1: 'Shrink', 6: 'Implode', 9: 'Deflate64', 12: 'bzip2', 14: 'LZMA', 20: 'Zstandard', 93: 'Zstandard' },
  ...{ 95: 'xz', 96: 'JPEG', 97: 'WavPack', 98: 'PPMd', 99: 'AES encryption' },
};
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
  await checkIsZip(source);
  const entries = await guarded(source, 'cannot be read as a ZIP', () =>
    new ZipReader(new SourceReader(source), { useWebWorkers: false }).getEntries(),
  );
  const files = entries.filter((entry) => !entry.directory);
  return new Map(files.map((entry) => [entry.filename, zippedFile(source, entry)]));
}

/** A file of another kind is told by its name, not as a ZIP that was cut short. */
async function checkIsZip(source: ByteSource): Promise<void> {
  const head = await source.slice(0, Math.min(HEAD_BYTES, source.byteLength));
  if (head[0] === 0x50 && head[1] === 0x4b) return; // PK
  const isSafetensors = head[8] === 0x7b && head[9] === 0x22; // a JSON object behind eight bytes of length
  const foreign = isSafetensors
    ? { what: 'a safetensors file', nextStep: 'Choose its folder, with config.json.' }
    : foreignFile(head, source.byteLength);
  if (foreign === null) return; // zip.js finds a ZIP behind something else, too
  throw new LabError('format', `${shown(source.name)} is ${foreign.what}, no ZIP.`, foreign.nextStep);
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
  if (header.byteLength < LOCAL_HEADER_BYTES) throw damagedZip(source, `ends within ${shown(filename)}`);
  const view = new DataView(header.buffer, header.byteOffset);
  const lengths = view.getUint16(LOCAL_NAME_LENGTH, true) + view.getUint16(LOCAL_EXTRA_LENGTH, true);
  const start = offset + LOCAL_HEADER_BYTES + lengths;
  if (start + uncompressedSize > source.byteLength) throw damagedZip(source, `ends within ${shown(filename)}`);
  return {
    name: `${source.name}: ${filename}`,
    byteLength: uncompressedSize,
    slice: (from, to) => source.slice(start + from, start + Math.min(to, uncompressedSize)),
  };
}

async function inflatedSource(source: ByteSource, entry: FileEntry): Promise<ByteSource> {
  const { compressionMethod: method, uncompressedSize } = entry;
  const holds = `${shown(source.name)} holds ${shown(entry.filename)}`;
  const nextStep = 'Unpack it, and choose the folder.';
  if (entry.encrypted) throw new LabError('format', `${holds} behind a password.`, nextStep);
  if (method !== DEFLATE) {
    const name = OTHER_METHODS[method] ?? `method ${method}`;
    throw new LabError('format', `${holds} compressed with ${name}, which the lab does not read.`, nextStep);
  }
  const bytes = await guarded(source, `holds ${shown(entry.filename)}, which cannot be unpacked`, () =>
    entry.getData(new BoundedWriter(uncompressedSize), { checkSignature: true, useWebWorkers: false }),
  );
  return bytesSource(`${source.name}: ${entry.filename}`, bytes);
}

/** Takes no more than the directory says there is, so that a few bytes cannot unpack to gigabytes. */
class BoundedWriter extends Uint8ArrayWriter {
  readonly #most: number;
  #written = 0;

  constructor(most: number) {
    super();
    this.#most = most;
  }

  override writeUint8Array(array: Uint8Array): Promise<void> {
    this.#written += array.byteLength;
    if (this.#written > this.#most) throw new RangeError(`it has more than the ${this.#most} bytes that the ZIP lists`);
    return Promise.resolve(super.writeUint8Array(array));
  }
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
    throw damagedZip(source, `${problem}: ${shown(reason)}`, cause);
  }
}

export const damagedZip = (source: ByteSource, problem: string, cause?: unknown): LabError =>
  new LabError(
    'format',
    `${shown(source.name)} ${problem}.`,
    'It may have been cut short: copy it again from where it came.',
    {
      cause,
    },
  );
