/** Kept models on their way out of this browser: as a pack for another lab, or as a folder for transformers.js. */
import { LabError } from '../../core/errors.ts';
import type { Manifest } from '../../engine/convert/manifest.ts';
import type { StoredModel } from '../../engine/convert/model-folder.ts';
import { savePack } from '../../engine/convert/pack.ts';
import { exportModel, type ModelExport } from '../../engine/export/export-model.ts';
import { exportAsZip } from '../../engine/export/export-zip.ts';
import { countBytes } from './count-bytes.ts';
import type { LibraryProgress } from './models-messages.ts';

/** A file that is written to. */
interface PackTarget {
  readonly writable: WritableStream<Uint8Array>;
  /** The written file where it is the page's to hand out; null where it lies where the user wanted it. */
  finished(): Promise<File | null>;
}

/** A new folder that is written to. */
interface ExportFolder {
  write(path: string, content: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void>;
  discard(): Promise<void>;
}

/** Where models go, handed in. */
export interface SavedModelPlaces {
  packTarget(name: string, target: FileSystemFileHandle | null): Promise<PackTarget>;
  exportFolder(within: FileSystemDirectoryHandle, name: string): Promise<ExportFolder>;
}

export interface SaveJob {
  readonly name: string; // of the model's folder
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LibraryProgress) => void;
}

/** Writes a model as one pack; hands it back where no place was picked for it. */
export async function packKeptModel(
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

/** Writes a model for transformers.js, as a new folder inside of the picked one; as a ZIP that it hands back where none was picked. */
export async function exportKeptModel(
  places: SavedModelPlaces,
  folder: StoredModel,
  picked: FileSystemDirectoryHandle | null,
  { name, signal, onProgress }: SaveJob,
): Promise<File | null> {
  const model = await exportModel(folder, name);
  const tell = (doneBytes: number, what: string): void =>
    onProgress({ phase: 'exporting', doneBytes, totalBytes: model.byteLength, what, waiting: null });
  tell(0, '');
  const what = `The export of ${model.label}`;
  if (picked === null) {
    const target = await places.packTarget(`${name}.transformers-js.zip`, null);
    const counted = countBytes((doneBytes) => tell(Math.min(doneBytes, model.byteLength), ''));
    await written(what, signal, () => exportAsZip(model).pipeThrough(counted).pipeTo(target.writable, { signal }));
    return target.finished();
  }
  const target = await places.exportFolder(picked, name);
  try {
    await written(what, signal, () => writeFolder(model, target, signal, tell));
  } catch (error) {
    await target.discard().catch(() => undefined); // the error that is told is the one before
    throw error;
  }
  return null;
}

async function writeFolder(
  { files }: ModelExport,
  target: ExportFolder,
  signal: AbortSignal,
  tell: (doneBytes: number, what: string) => void,
): Promise<void> {
  let before = 0;
  for (const { path, byteLength, stream } of files) {
    const from = before;
    await target.write(path, stream().pipeThrough(countBytes((bytes) => tell(from + bytes, path))), signal);
    before += byteLength;
  }
}

/** Throws `interrupted` after an abort, `storage` where the place failed. */
async function written(what: string, signal: AbortSignal, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (signal.aborted) throw new LabError('interrupted', `${what} was stopped.`, 'Start it again.', { cause });
    if (cause instanceof LabError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = 'Check that there is room for it, and save it again.';
    throw new LabError('storage', `${what} could not be written: ${reason}.`, nextStep, { cause });
  }
}
