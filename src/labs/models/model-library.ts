/** The converted models that this browser keeps, and how they get here: conversions, packs and exports, one after another. */
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
import type { Begun, ConvertRequest, KeptModel, LibraryProgress, StorageReport } from './models-messages.ts';
import type { ZipRef } from './checkpoint-ref.ts';
import { hubControl, openCheckpointFiles, type CheckpointSources, type OpenedFiles } from './open-checkpoint-files.ts';
import { readBegun, savedSource } from './unfinished-models.ts';
import { requireStored } from '../steer/model-source.ts';
import { exportKeptModel, packKeptModel, type SavedModelPlaces } from './pack-and-export.ts';

/** Where converted models rest. Throws `storage` errors. */
export interface ModelShelf {
  folder(name: string): Promise<ModelFolder>;
  find(name: string): Promise<ModelFolder | null>;
  list(): Promise<readonly ShelvedModel[]>;
  delete(name: string): Promise<void>;
  report(): Promise<StorageReport>;
}

interface ShelvedModel extends Pick<
  KeptModel,
  'name' | 'precision' | 'bytes' | 'changed' | 'lastUsed' | 'hasTokenizer'
> {
  readonly label: string | null; // null while its conversion has not ended
}

/** Where bytes come from and go to, handed in. */
export interface ModelLibraryParts extends CheckpointSources, SavedModelPlaces {
  shelf(): Promise<ModelShelf>;
  /** What each model that is not whole yet was to become. */
  readonly begun: KeyValueStore;
  folderName(label: string, precision: string, blockSize: number): string;
}

type OnProgress = (progress: LibraryProgress) => void;

export class ModelLibrary {
  readonly #parts: ModelLibraryParts;
  readonly #jobs = new JobQueue();

  constructor(parts: ModelLibraryParts) {
    this.#parts = parts;
  }

  /** Whole and half-written models, the last used first. */
  async list(): Promise<readonly KeptModel[]> {
    const listed = (await (await this.#shelfOrNone())?.list()) ?? [];
    const models = listed.map(async ({ label, ...model }): Promise<KeptModel> => {
      const begun = label === null ? await readBegun(this.#parts.begun, model.name) : null;
      return {
        ...model,
        label: label ?? begun?.label ?? model.name,
        precision: model.precision ?? begun?.precision ?? null,
        isComplete: label !== null,
        begun,
      };
    });
    const usedAt = ({ lastUsed, changed }: KeptModel): number => Math.max(lastUsed ?? 0, changed);
    return (await Promise.all(models)).sort((a, b) => usedAt(b) - usedAt(a));
  }

  /** Null where the browser keeps no files for the lab: then there are no models, and the rest works. */
  async #shelfOrNone(): Promise<ModelShelf | null> {
    try {
      return await this.#parts.shelf();
    } catch (error) {
      if (error instanceof LabError && error.code === 'storage') return null;
      throw error;
    }
  }

  async storage(): Promise<StorageReport> {
    return (await this.#parts.shelf()).report();
  }

  remove(name: string): Promise<void> {
    return this.#jobs.add(async () => {
      await (await this.#parts.shelf()).delete(name);
      await attempt(() => this.#parts.begun.set(name, null));
    });
  }

  /** Converts a checkpoint, from where an earlier attempt stopped; resolves to the model's name. */
  convert(request: ConvertRequest, onProgress: OnProgress): Promise<string> {
    const { address, access, precision, blockSize, goingOn } = request;
    return this.#jobs.add(async (signal) => {
      let last: LibraryProgress = { phase: 'listing', doneBytes: 0, totalBytes: 0, what: '', waiting: null };
      const tell = (news: Partial<LibraryProgress>): void => onProgress((last = { ...last, ...news }));
      tell({});
      const control = hubControl(access, signal, (waiting) => tell({ waiting }));
      const located = await openCheckpointFiles(this.#parts, address, control);
      const name = await this.#nameFor(located, precision, blockSize);
      if (goingOn !== undefined && name !== goingOn) throw changedSince(located.files.label);
      const begun: Begun = {
        label: located.files.label,
        from: savedSource(located, access.hubUrl),
        precision,
        blockSize,
      };
      await attempt(() => this.#parts.begun.set(name, begun)); // without it, it goes on when it is asked for by name
      const folder = await (await this.#parts.shelf()).folder(name);
      await convertCheckpoint(located.files, { precision, blockSize }, folder, {
        signal,
        onProgress: ({ phase, doneBytes, totalBytes, tensor }) =>
          tell({ phase, doneBytes, totalBytes, what: tensor, waiting: null }),
      });
      await attempt(() => this.#parts.begun.set(name, null));
      return name;
    });
  }

  installPack({ file, handle }: Omit<ZipRef, 'kind'>, onProgress: OnProgress): Promise<string> {
    return this.#jobs.add(async (signal) => {
      const pack = await openPack(this.#parts.fileSource(file));
      const manifest = await requireManifest(pack);
      const { label, precision, layout, identity } = manifest;
      const name = await this.#nameForPack(manifest);
      const folder = await (await this.#parts.shelf()).folder(name);
      if ((await readManifest(folder).catch(() => null))?.identity === identity) return name; // it is kept already
      const from = { kind: 'pack', name: file.name, identity, ...(handle !== undefined && { handle }) } as const;
      const begun: Begun = { label, from, precision, blockSize: layout.blockSize };
      await attempt(() => this.#parts.begun.set(name, begun));
      await copyModel(pack, folder, {
        signal,
        onProgress: (doneBytes, totalBytes) =>
          onProgress({ phase: 'copying', doneBytes, totalBytes, what: file.name, waiting: null }),
      });
      await attempt(() => this.#parts.begun.set(name, null));
      return name;
    });
  }

  /** Resolves to the file where no place was picked for it. */
  savePack(name: string, picked: FileSystemFileHandle | null, onProgress: OnProgress): Promise<File | null> {
    return this.#jobs.add(async (signal) => {
      const stored = await requireStored(name, await (await this.#parts.shelf()).find(name));
      return packKeptModel(this.#parts, stored, picked, { name, signal, onProgress });
    });
  }

  /** The folder that transformers.js loads, inside of the picked one; resolves to it as a ZIP where none was picked. */
  exportModel(name: string, picked: FileSystemDirectoryHandle | null, onProgress: OnProgress): Promise<File | null> {
    return this.#jobs.add(async (signal) => {
      const { folder } = await requireStored(name, await (await this.#parts.shelf()).find(name));
      return exportKeptModel(this.#parts, folder, picked, { name, signal, onProgress });
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
    const folder = await (await this.#parts.shelf()).find(name);
    if (folder === null) return name;
    const manifest = await readManifest(folder).catch(() => null);
    if (manifest !== null) {
      const digests = new Map(listing.map(({ path, sha256 }) => [path, sha256]));
      const isSame = manifest.sources.every(({ file, sha256 }) => sha256 !== null && digests.get(file) === sha256);
      return isSame ? name : own;
    }
    const begun = await readBegun(this.#parts.begun, name);
    return begun?.from.kind === 'hub' && begun.from.commit !== commit ? own : name;
  }

  async #nameForPack({ label, precision, layout, identity }: Manifest): Promise<string> {
    const name = this.#parts.folderName(label, precision, layout.blockSize);
    const folder = await (await this.#parts.shelf()).find(name);
    if (folder === null) return name;
    const manifest = await readManifest(folder).catch(() => null);
    const begun = await readBegun(this.#parts.begun, name);
    const there = manifest?.identity ?? (begun?.from.kind === 'pack' ? begun.from.identity : null);
    if (there === identity) return name;
    return this.#parts.folderName(`${label}.${identity.slice(0, 8)}`, precision, layout.blockSize);
  }
}

/** Eight characters that tell a checkpoint from others with its label. */
const markOf = (commit: string): string => commit.replace(/^(folder|zip)-/, '').slice(0, 8);

function changedSince(label: string): LabError {
  const nextStep =
    'Choose it anew and convert it: the beginning that is kept here is of other files, and can be deleted.';
  return new LabError('bad-request', `${label} has changed since its conversion began.`, nextStep);
}
