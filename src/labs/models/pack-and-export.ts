/** Takes saved models out of this browser: as a pack for another installation, or as a folder for transformers.js. */
import { LabError } from '../../core/errors.ts';
import type { Manifest } from '../../engine/convert/manifest.ts';
import type { StoredModel } from '../../engine/convert/model-folder.ts';
import { savePack } from '../../engine/convert/pack.ts';
import { exportModel, type ModelExport } from '../../engine/export/export-model.ts';
import { exportAsZip } from '../../engine/export/export-zip.ts';
import { countBytes } from './count-bytes.ts';
import type { LibraryProgress } from './models-messages.ts';

/** A file to write to. */
interface PackTarget {
  readonly writable: WritableStream<Uint8Array>;
  /** The written file, for the page to offer as a download; null if the user picked its location. */
  finished(): Promise<File | null>;
}

/** A new folder to write to. */
interface ExportFolder {
  write(path: string, content: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void>;
  discard(): Promise<void>;
}

/** Where models are written. */
export interface SavedModelPlaces {
  packTarget(name: string, target: FileSystemFileHandle | null): Promise<PackTarget>;
  exportFolder(within: FileSystemDirectoryHandle, name: string): Promise<ExportFolder>;
}

export interface SaveJob {
  readonly name: string; // the model's folder name
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LibraryProgress) => void;
}

/** Writes a model as one pack; returns the file if no location was picked for it. */
export async function packSavedModel(
  places: SavedModelPlaces,
  { folder, manifest }: { readonly folder: StoredModel; readonly manifest: Manifest },
  picked: FileSystemFileHandle | null,
  { name, signal, onProgress }: SaveJob,
): Promise<File | null> {
  const totalBytes = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  const target = await places.packTarget(`${name}.zip`, picked);
  const counted = countBytes((doneBytes) =>
    onProgress({ phase: 'packing', doneBytes, totalBytes, what: '', waiting: null }),
  );
  await written(`The pack of ${manifest.label}`, signal, async () =>
    (await savePack(folder)).pipeThrough(counted).pipeTo(target.writable, { signal }),
  );
  return target.finished();
}

/** Writes a model for transformers.js: as a new folder inside the picked one, or as a returned ZIP if none was picked. */
export async function exportSavedModel(
  places: SavedModelPlaces,
  folder: StoredModel,
  picked: FileSystemDirectoryHandle | null,
  { name, signal, onProgress }: SaveJob,
): Promise<File | null> {
  const model = await exportModel(folder, name);
  const report = (doneBytes: number, what: string): void =>
    onProgress({ phase: 'exporting', doneBytes, totalBytes: model.byteLength, what, waiting: null });
  report(0, '');
  const what = `The export of ${model.label}`;
  if (picked === null) {
    const target = await places.packTarget(`${name}.transformers-js.zip`, null);
    const counted = countBytes((doneBytes) => report(Math.min(doneBytes, model.byteLength), ''));
    await written(what, signal, () => exportAsZip(model).pipeThrough(counted).pipeTo(target.writable, { signal }));
    return target.finished();
  }
  const target = await places.exportFolder(picked, name);
  try {
    await written(what, signal, () => writeFolder(model, target, signal, report));
  } catch (error) {
    await target.discard().catch(() => undefined); // report the original error, not this one
    throw error;
  }
  return null;
}

async function writeFolder(
  { files }: ModelExport,
  target: ExportFolder,
  signal: AbortSignal,
  report: (doneBytes: number, what: string) => void,
): Promise<void> {
  let before = 0;
  for (const { path, byteLength, stream } of files) {
    const from = before;
    await target.write(path, stream().pipeThrough(countBytes((bytes) => report(from + bytes, path))), signal);
    before += byteLength;
  }
}

/** @throws LabError `interrupted` after an abort; `storage`, when the target cannot be written */
async function written(what: string, signal: AbortSignal, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (signal.aborted) throw new LabError('interrupted', `${what} was stopped.`, 'Start it again.', { cause });
    if (cause instanceof LabError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = 'Check that there is enough space, and save it again.';
    throw new LabError('storage', `${what} could not be written: ${reason}.`, nextStep, { cause });
  }
}
