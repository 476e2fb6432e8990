/** The converted models saved in this browser. Conversions, packs and exports run one after another. */
import { LabError } from '../../core/errors.ts';
import { convertCheckpoint } from '../../engine/convert/convert.ts';
import { copyModel } from '../../engine/convert/copy-model.ts';
import type { Manifest } from '../../engine/convert/manifest.ts';
import { readManifest } from '../../engine/convert/read-manifest.ts';
import type { ModelFolder } from '../../engine/convert/model-folder.ts';
import { requireManifest } from '../../engine/convert/open-converted.ts';
import { openPack } from '../../engine/convert/pack.ts';
import { attempt } from '../jobs/attempt.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import type { UnfinishedModel, ConvertRequest, SavedModel, LibraryProgress, StorageReport } from './models-messages.ts';
import type { ZipRef } from './checkpoint-ref.ts';
import { hubControl, openCheckpointFiles, type CheckpointSources, type OpenedFiles } from './open-checkpoint-files.ts';
import { readUnfinished, savedSource } from './unfinished-models.ts';
import { requireStored } from '../steer/model-source.ts';
import { exportSavedModel, packSavedModel, type SavedModelPlaces } from './pack-and-export.ts';

/** Storage for converted models. Its methods throw `storage` errors. */
export interface ModelStorage {
  folder(name: string): Promise<ModelFolder>;
  find(name: string): Promise<ModelFolder | null>;
  list(): Promise<readonly ListedModel[]>;
  delete(name: string): Promise<void>;
  report(): Promise<StorageReport>;
}

interface ListedModel extends Pick<
  SavedModel,
  'name' | 'precision' | 'bytes' | 'changed' | 'lastUsed' | 'hasTokenizer'
> {
  readonly label: string | null; // null until its conversion has finished
}

/** Where bytes come from and go to, handed in. */
export interface ModelLibraryParts extends CheckpointSources, SavedModelPlaces {
  models(): Promise<ModelStorage>;
  /** How each unfinished model was started, so that it can be resumed. */
  readonly unfinished: KeyValueStore;
  folderName(label: string, precision: string, blockSize: number): string;
}

type OnProgress = (progress: LibraryProgress) => void;

export class ModelLibrary {
  readonly #parts: ModelLibraryParts;
  readonly #jobs = new JobQueue();

  constructor(parts: ModelLibraryParts) {
    this.#parts = parts;
  }

  /** Complete and unfinished models, most recently used first. */
  async list(): Promise<readonly SavedModel[]> {
    const listed = (await (await this.#modelsOrNone())?.list()) ?? [];
    const models = listed.map(async ({ label, ...model }): Promise<SavedModel> => {
      const unfinished = label === null ? await readUnfinished(this.#parts.unfinished, model.name) : null;
      return {
        ...model,
        label: label ?? unfinished?.label ?? model.name,
        precision: model.precision ?? unfinished?.precision ?? null,
        isComplete: label !== null,
        unfinished,
      };
    });
    const usedAt = ({ lastUsed, changed }: SavedModel): number => Math.max(lastUsed ?? 0, changed);
    return (await Promise.all(models)).sort((a, b) => usedAt(b) - usedAt(a));
  }

  /** Null if the browser refuses file storage: then there are no models, but everything else works. */
  async #modelsOrNone(): Promise<ModelStorage | null> {
    try {
      return await this.#parts.models();
    } catch (error) {
      if (error instanceof LabError && error.code === 'storage') return null;
      throw error;
    }
  }

  async storage(): Promise<StorageReport> {
    return (await this.#parts.models()).report();
  }

  remove(name: string): Promise<void> {
    return this.#jobs.add(async () => {
      await (await this.#parts.models()).delete(name);
      await attempt(() => this.#parts.unfinished.set(name, null));
    });
  }

  /** Converts a checkpoint, resuming an earlier attempt if there is one; resolves to the model's name. */
  convert(request: ConvertRequest, onProgress: OnProgress): Promise<string> {
    const { address, access, precision, blockSize, resuming } = request;
    return this.#jobs.add(async (signal) => {
      let last: LibraryProgress = { phase: 'listing', doneBytes: 0, totalBytes: 0, what: '', waiting: null };
      const report = (news: Partial<LibraryProgress>): void => onProgress((last = { ...last, ...news }));
      report({});
      const control = hubControl(access, signal, (waiting) => report({ waiting }));
      const located = await openCheckpointFiles(this.#parts, address, control);
      const name = await this.#nameFor(located, precision, blockSize);
      if (resuming !== undefined && name !== resuming) throw changedSince(located.files.label);
      const unfinished: UnfinishedModel = {
        label: located.files.label,
        from: savedSource(located, access.hubUrl),
        precision,
        blockSize,
      };
      await attempt(() => this.#parts.unfinished.set(name, unfinished)); // without it, it goes on when it is asked for by name
      const folder = await (await this.#parts.models()).folder(name);
      await convertCheckpoint(located.files, { precision, blockSize }, folder, {
        signal,
        onProgress: ({ phase, doneBytes, totalBytes, tensor }) =>
          report({ phase, doneBytes, totalBytes, what: tensor, waiting: null }),
      });
      await attempt(() => this.#parts.unfinished.set(name, null));
      return name;
    });
  }

  installPack({ file, handle }: Omit<ZipRef, 'kind'>, onProgress: OnProgress): Promise<string> {
    return this.#jobs.add(async (signal) => {
      const pack = await openPack(this.#parts.fileSource(file));
      const manifest = await requireManifest(pack);
      const { label, precision, layout, identity } = manifest;
      const name = await this.#nameForPack(manifest);
      const folder = await (await this.#parts.models()).folder(name);
      if ((await readManifest(folder).catch(() => null))?.identity === identity) return name; // it is saved already
      const from = { kind: 'pack', name: file.name, identity, ...(handle !== undefined && { handle }) } as const;
      const unfinished: UnfinishedModel = { label, from, precision, blockSize: layout.blockSize };
      await attempt(() => this.#parts.unfinished.set(name, unfinished));
      await copyModel(pack, folder, {
        signal,
        onProgress: (doneBytes, totalBytes) =>
          onProgress({ phase: 'copying', doneBytes, totalBytes, what: file.name, waiting: null }),
      });
      await attempt(() => this.#parts.unfinished.set(name, null));
      return name;
    });
  }

  /** Writes a model as one pack. Resolves to the file if no location was picked for it. */
  savePack(name: string, picked: FileSystemFileHandle | null, onProgress: OnProgress): Promise<File | null> {
    return this.#jobs.add(async (signal) => {
      const stored = await requireStored(name, await (await this.#parts.models()).find(name));
      return packSavedModel(this.#parts, stored, picked, { name, signal, onProgress });
    });
  }

  /** Writes a folder that transformers.js can load into the picked one; resolves to a ZIP of it if none was picked. */
  exportModel(name: string, picked: FileSystemDirectoryHandle | null, onProgress: OnProgress): Promise<File | null> {
    return this.#jobs.add(async (signal) => {
      const { folder } = await requireStored(name, await (await this.#parts.models()).find(name));
      return exportSavedModel(this.#parts, folder, picked, { name, signal, onProgress });
    });
  }

  interrupt(): Promise<void> {
    this.#jobs.interrupt();
    return Promise.resolve();
  }

  /** A finished model, or a beginning, of other weights is left alone: the new one then gets a name of its own. */
  async #nameFor({ files, ref, commit, listing }: OpenedFiles, precision: string, block: number): Promise<string> {
    const own = this.#parts.folderName(`${files.label}.${markOf(commit)}`, precision, block);
    if (ref.kind !== 'hub') return own; // two folders or ZIPs of one name may hold anything
    const name = this.#parts.folderName(files.label, precision, block);
    const folder = await (await this.#parts.models()).find(name);
    if (folder === null) return name;
    const manifest = await readManifest(folder).catch(() => null);
    if (manifest !== null) {
      const digests = new Map(listing.map(({ path, sha256 }) => [path, sha256]));
      const isSame = manifest.sources.every(({ file, sha256 }) => sha256 !== null && digests.get(file) === sha256);
      return isSame ? name : own;
    }
    const unfinished = await readUnfinished(this.#parts.unfinished, name);
    return unfinished?.from.kind === 'hub' && unfinished.from.commit !== commit ? own : name;
  }

  async #nameForPack({ label, precision, layout, identity }: Manifest): Promise<string> {
    const name = this.#parts.folderName(label, precision, layout.blockSize);
    const folder = await (await this.#parts.models()).find(name);
    if (folder === null) return name;
    const manifest = await readManifest(folder).catch(() => null);
    const unfinished = await readUnfinished(this.#parts.unfinished, name);
    const there = manifest?.identity ?? (unfinished?.from.kind === 'pack' ? unfinished.from.identity : null);
    if (there === identity) return name;
    return this.#parts.folderName(`${label}.${identity.slice(0, 8)}`, precision, layout.blockSize);
  }
}

/** Eight characters that tell a checkpoint from others with its label. */
const markOf = (commit: string): string => commit.replace(/^(folder|zip)-/, '').slice(0, 8);

function changedSince(label: string): LabError {
  const nextStep =
    'Choose it again and convert it. The unfinished model here belongs to the old files, so you can delete it.';
  return new LabError('bad-request', `${label} has changed since its conversion began.`, nextStep);
}
