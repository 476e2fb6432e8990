/** A converted model copied from one folder to another, every byte checked on its way. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { checkDigest, SEGMENT_BYTES, sha256 } from './digests.ts';
import { MANIFEST_FILE } from './file-names.ts';
import { writeManifest, type Manifest } from './manifest.ts';
import type { ModelFolder, StoredModel } from './model-folder.ts';
import { requireManifest } from './open-converted.ts';

export interface CopyControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/**
 * Copies `from`, such as a pack, into `to`; what is there already is kept, what does not belong there removed, and the manifest written
 * last. Throws `format` errors that name the damaged file, `interrupted` after an abort.
 */
export async function copyModel(from: StoredModel, to: ModelFolder, control: CopyControl = {}): Promise<Manifest> {
  const manifest = await requireManifest(from);
  await to.remove(MANIFEST_FILE); // until all else is there
  for (const name of await to.list()) if (manifest.files[name] === undefined) await to.remove(name);
  const totalBytes = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  let doneBytes = 0;
  const onBytes = (bytes: number): void => control.onProgress?.((doneBytes += bytes), totalBytes);
  try {
    for (const [file, digest] of Object.entries(manifest.files)) {
      const isThere = await checkDigest(file, await to.open(file), digest, true).then(
        () => true,
        () => false,
      );
      if (isThere) onBytes(digest.bytes);
      else await copyFile(from, to, file, manifest, { signal: control.signal, onBytes });
    }
    await to.put(MANIFEST_FILE, writeManifest(manifest));
  } finally {
    await to.release();
  }
  return manifest;
}

async function copyFile(
  from: StoredModel,
  to: ModelFolder,
  file: string,
  { files }: Manifest,
  { signal, onBytes }: { signal: AbortSignal | undefined; onBytes: (bytes: number) => void },
): Promise<void> {
  const source = await from.open(file);
  const { bytes: size = 0, segments = [] } = files[file] ?? {};
  await checkDigest(`${from.label}: ${file}`, source, { bytes: size, segments }, false);
  await to.remove(file); // a longer one of another model
  for (const [index, segment] of segments.entries()) {
    if (signal?.aborted) throw new LabError('interrupted', 'The copy was stopped.', 'Start it again to resume.');
    const start = index * SEGMENT_BYTES;
    const bytes = (await source?.slice(start, Math.min(start + SEGMENT_BYTES, size))) ?? new Uint8Array();
    if ((await sha256(bytes)) !== segment) {
      const nextStep = 'The pack was damaged on its way: copy it again from where it came.';
      throw new LabError('format', `${shown(from.label)}: ${shown(file)} is damaged near byte ${start}.`, nextStep);
    }
    await to.write(file, start, bytes);
    onBytes(bytes.byteLength);
  }
  await to.flush(file);
}
