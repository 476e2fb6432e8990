/**
 * A converted model as one file: a plain ZIP whose entries are stored, not compressed, so that any tool opens it and a range of an entry
 * is a range of the file. ZIP64 where it grows past 4 GB.
 */
import { Reader, ZipReader, type Entry } from '@zip.js/zip.js/lib/zip-core-native.js'; // without its own deflate
import { LabError } from '../../core/errors.ts';
import type { ByteSource } from '../../formats/byte-source.ts';
import { MANIFEST_FILE } from './file-names.ts';
import type { StoredModel } from './model-folder.ts';
import { requireManifest } from './open-converted.ts';
import { storedZip } from './stored-zip.ts';

const STORED = 0; // the ZIP format's compression method
const LOCAL_HEADER_BYTES = 30; // APPNOTE.TXT 4.3.7: name and extra field follow
const LOCAL_NAME_LENGTH = 26;
const LOCAL_EXTRA_LENGTH = 28;

/** The pack's bytes, made while they are read; a file of the model at a time is open. Throws `not-found` where there is no model. */
export async function savePack(folder: StoredModel): Promise<ReadableStream<Uint8Array>> {
  const manifest = await requireManifest(folder);
  return storedZip(async (add) => {
    for (const file of [MANIFEST_FILE, ...Object.keys(manifest.files)]) {
      const source = await folder.open(file);
      if (source === null) throw new LabError('format', `${folder.label} has no ${file}.`, 'Convert it again.');
      await add(file, source.byteLength, new SourceReader(source));
    }
  });
}

/** A `ByteSource` as zip.js reads. */
class SourceReader extends Reader<ByteSource> {
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

/**
 * The model in a pack, read where it lies. Throws `format` errors that name the pack and the entry. Opening it as a model checks every
 * byte against the manifest; `copyModel` installs it.
 */
export async function openPack(source: ByteSource): Promise<StoredModel> {
  const entries = await readEntries(source);
  const places = new Map<string, ByteSource>();
  for (const entry of entries) {
    if (!entry.directory) places.set(entry.filename, await entrySource(source, entry));
  }
  if (!places.has(MANIFEST_FILE)) {
    const nextStep = 'Give a file that the lab saved with “Save as a pack”.';
    throw new LabError('format', `${source.name} holds no ${MANIFEST_FILE}, so it is no pack.`, nextStep);
  }
  return {
    label: source.name,
    open: (file) => Promise.resolve(places.get(file) ?? null),
    externalData: async (file) => {
      const place = places.get(file);
      if (place === undefined) throw damaged(source, `has no ${file}`);
      return place.slice(0, place.byteLength); // whole: for models that need no installing
    },
    release: () => Promise.resolve(),
  };
}

async function readEntries(source: ByteSource): Promise<Entry[]> {
  try {
    return await new ZipReader(new SourceReader(source), { useWebWorkers: false }).getEntries();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LabError('format', `${source.name} cannot be read as a pack: ${reason}.`, INCOMPLETE, { cause });
  }
}

const INCOMPLETE = 'It may have been cut short: copy it again from where it came.';

const damaged = (source: ByteSource, problem: string): LabError =>
  new LabError('format', `${source.name} ${problem}.`, INCOMPLETE);

/** A stored entry as a range of the pack. The local header's extra field may differ in length from the directory's. */
async function entrySource(source: ByteSource, entry: Entry): Promise<ByteSource> {
  const { filename, offset, compressionMethod, uncompressedSize } = entry;
  if (compressionMethod !== STORED) throw damaged(source, `holds ${filename} compressed, not stored`);
  const header = await source.slice(offset, offset + LOCAL_HEADER_BYTES);
  if (header.byteLength < LOCAL_HEADER_BYTES) throw damaged(source, `ends within ${filename}`);
  const view = new DataView(header.buffer, header.byteOffset);
  const lengths = view.getUint16(LOCAL_NAME_LENGTH, true) + view.getUint16(LOCAL_EXTRA_LENGTH, true);
  const start = offset + LOCAL_HEADER_BYTES + lengths;
  if (start + uncompressedSize > source.byteLength) throw damaged(source, `ends within ${filename}`);
  return {
    name: `${source.name}: ${filename}`,
    byteLength: uncompressedSize,
    slice: (from, to) => source.slice(start + from, start + Math.min(to, uncompressedSize)),
  };
}
