/**
 * A converted model as one file: a plain ZIP whose entries are stored, not compressed, so that any tool opens it and a range of an entry
 * is a range of the file. ZIP64 where it grows past 4 GB.
 */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { damagedZip, readZip, SourceReader } from '../checkpoint/zip-files.ts';
import { MANIFEST_FILE } from './file-names.ts';
import type { StoredModel } from './model-folder.ts';
import { requireManifest } from './open-converted.ts';
import { storedZip } from './stored-zip.ts';

/** The pack's bytes, made while they are read; a file of the model at a time is open. Throws `not-found` where there is no model. */
export async function savePack(folder: StoredModel): Promise<ReadableStream<Uint8Array>> {
  const manifest = await requireManifest(folder);
  return storedZip(async (add) => {
    for (const file of [MANIFEST_FILE, ...Object.keys(manifest.files)]) {
      const source = await folder.open(file);
      if (source === null)
        throw new LabError('format', `${shown(folder.label)} has no ${shown(file)}.`, 'Convert it again.');
      await add(file, source.byteLength, new SourceReader(source));
    }
  });
}

/**
 * The model in a pack, read where it lies. Throws `format` errors that name the pack and the entry. Opening it as a model checks every
 * byte against the manifest; `copyModel` installs it.
 */
export async function openPack(source: ByteSource): Promise<StoredModel> {
  const places = new Map<string, ByteSource>();
  for (const [path, file] of await readZip(source)) {
    if (!file.isStored) throw damagedZip(source, `holds ${shown(path)} compressed, not stored`);
    places.set(path, await file.open());
  }
  if (!places.has(MANIFEST_FILE)) {
    const nextStep = 'Give a file that the lab saved with “Save as a pack”.';
    throw new LabError('format', `${shown(source.name)} holds no ${MANIFEST_FILE}, so it is not a pack.`, nextStep);
  }
  return {
    label: source.name,
    open: (file) => Promise.resolve(places.get(file) ?? null),
    externalData: async (file) => {
      const place = places.get(file);
      if (place === undefined) throw damagedZip(source, `has no ${shown(file)}`);
      return place.slice(0, place.byteLength); // whole: for models that need no installing
    },
    release: () => Promise.resolve(),
  };
}
