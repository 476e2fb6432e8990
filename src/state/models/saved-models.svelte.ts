import { asLabError, type LabError } from '../../core/errors.ts';
import type { LibraryClient } from '../../rpc/clients.ts';
import type {
  ConvertRequest,
  HubAccess,
  SavedModel,
  LibraryProgress,
  StorageReport,
} from '../../labs/models/models-messages.ts';
import type { LocalRef, ZipRef } from '../../labs/models/checkpoint-ref.ts';
import { IDLE, ready, valueOf, STARTING, type Async } from '../page/async.ts';
import { TransferRate } from './transfer-rate.ts';

export type { SavedModel, StorageReport };

/** The one thing that the library does for the visitor at a time. */
export type LibraryJob =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'running';
      readonly title: string;
      readonly progress: LibraryProgress | null;
      readonly bytesPerSecond: number | null;
      readonly stopping: boolean;
    }
  | { readonly kind: 'done'; readonly title: string; readonly model: string | null } // a model to open
  | { readonly kind: 'stopped'; readonly title: string; readonly goesOn: boolean } // from where it was
  | { readonly kind: 'failed'; readonly title: string; readonly error: LabError; readonly retry: () => void };

/** What the browser itself is asked for, handed in. */
export interface BrowserStorage {
  persist(): Promise<boolean>;
  /** Hands a file to the visitor. */
  download(file: File): void;
  /** A folder or a file of an earlier visit, once the visitor has agreed again. Throws where they do not, or it is gone. */
  reopen(handle: FileSystemDirectoryHandle | FileSystemFileHandle): Promise<LocalRef>;
}

/** Whether one press is enough to go on with a half-written model: its source is known, and can be reached again. */
export function canGoOn({ unfinished }: SavedModel): boolean {
  return unfinished !== null && (unfinished.from.kind === 'hub' || unfinished.from.handle !== undefined);
}

/** Text needs a tokenizer; some revisions were published without. */
export const opensInSteer = ({ isComplete, hasTokenizer }: SavedModel): boolean => isComplete && hasTokenizer;

/** What this browser keeps, and what is being added to it. */
export class Library {
  readonly #client: LibraryClient;
  readonly #browser: BrowserStorage;
  #models = $state.raw<Async<readonly SavedModel[]>>(IDLE);
  #storage = $state.raw<StorageReport | null>(null);
  #storesNothing = $state(false);
  #storageNote = $state('');
  #job = $state.raw<LibraryJob>(IDLE);

  constructor(client: LibraryClient, browser: BrowserStorage) {
    this.#client = client;
    this.#browser = browser;
  }

  get models(): Async<readonly SavedModel[]> {
    return this.#models;
  }
  get storage(): StorageReport | null {
    return this.#storage;
  }
  /** The browser has no room for the lab, or does not say. */
  get storesNothing(): boolean {
    return this.#storesNothing;
  }
  /** What the browser said when it was asked to keep everything. */
  get storageNote(): string {
    return this.#storageNote;
  }
  get job(): LibraryJob {
    return this.#job;
  }
  get busy(): boolean {
    return this.#job.kind === 'running';
  }

  /** Those that Steer can open. */
  readonly openable = $derived.by(() => (valueOf(this.#models) ?? []).filter(opensInSteer));

  /** Reads what is kept; the list before stays until the new one is there. */
  async load(): Promise<void> {
    if (this.#models.kind !== 'ready') this.#models = STARTING;
    try {
      this.#models = ready(await this.#client.list());
    } catch (error) {
      this.#models = { kind: 'failed', error: asLabError(error) };
    }
    try {
      this.#storage = await this.#client.storage();
      this.#storesNothing = false;
    } catch {
      this.#storesNothing = true; // the list, or the job that needs it, tells why
    }
  }

  convert(request: ConvertRequest, label: string): Promise<void> {
    return this.#run(
      `${label} in ${request.precision}`,
      (onProgress) => this.#client.convert(request, onProgress),
      () => void this.convert(request, label),
    );
  }

  /** Goes on with a model that is half there: of the Hub at the commit that it began with, else with the files that it began with. */
  goOn(model: SavedModel, accessToken: string | null): Promise<void> {
    const { unfinished } = model;
    if (unfinished === null || !canGoOn(model)) return Promise.resolve();
    const { from, precision, blockSize, label } = unfinished;
    if (from.kind === 'hub') {
      const { repo, revision, commit, hubUrl } = from;
      const access: HubAccess = { hubUrl, accessToken };
      return this.convert({ address: { kind: 'hub', repo, revision, commit }, access, precision, blockSize }, label);
    }
    const reopen = async (onProgress: (progress: LibraryProgress) => void): Promise<string | null> => {
      if (from.handle === undefined) return null;
      const address = await this.#browser.reopen(from.handle);
      if (from.kind === 'pack' && address.kind === 'zip') return this.#client.installPack(address, onProgress);
      const access: HubAccess = { hubUrl: null, accessToken: null };
      return this.#client.convert({ address, access, precision, blockSize, resuming: model.name }, onProgress);
    };
    return this.#run(`${label} in ${precision}`, reopen, () => void this.goOn(model, accessToken));
  }

  installPack(pack: ZipRef): Promise<void> {
    return this.#run(
      pack.file.name,
      (onProgress) => this.#client.installPack(pack, onProgress),
      () => void this.installPack(pack),
    );
  }

  /** Saves a model as one file, where the user chose, else as a download. */
  savePack(model: SavedModel, target: FileSystemFileHandle | null): Promise<void> {
    const save = async (onProgress: (progress: LibraryProgress) => void): Promise<null> => {
      const file = await this.#client.savePack(model.name, target, onProgress);
      if (file !== null) this.#browser.download(file);
      return null;
    };
    return this.#run(`Pack of ${model.label}`, save, () => void this.savePack(model, target), false);
  }

  /** Saves a model for transformers.js: as a folder inside of the one that the user chose, else as a ZIP to download. */
  exportModel(model: SavedModel, target: FileSystemDirectoryHandle | null): Promise<void> {
    const save = async (onProgress: (progress: LibraryProgress) => void): Promise<null> => {
      const file = await this.#client.exportModel(model.name, target, onProgress);
      if (file !== null) this.#browser.download(file);
      return null;
    };
    return this.#run(`${model.label} for transformers.js`, save, () => void this.exportModel(model, target), false);
  }

  async remove(model: SavedModel): Promise<void> {
    try {
      await this.#client.remove(model.name);
      if (this.#job.kind === 'done' && this.#job.model === model.name) this.#job = IDLE;
    } catch (error) {
      const retry = (): void => void this.remove(model);
      this.#job = { kind: 'failed', title: `Deleting ${model.label}`, error: asLabError(error), retry };
    }
    await this.load();
  }

  /** Stops what runs; what is done of it stays. */
  async stop(): Promise<void> {
    if (this.#job.kind !== 'running') return;
    this.#job = { ...this.#job, stopping: true };
    await this.#client.interrupt();
  }

  dismiss(): void {
    if (!this.busy) this.#job = IDLE;
  }

  async persist(): Promise<void> {
    const agreed = await this.#browser.persist();
    this.#storageNote = agreed
      ? ''
      : 'The browser declined. It may agree after more visits, or if you bookmark this page.';
    await this.load();
  }

  async #run(
    title: string,
    work: (onProgress: (progress: LibraryProgress) => void) => Promise<string | null>,
    retry: () => void,
    goesOn = true,
  ): Promise<void> {
    if (this.busy) return;
    const rate = new TransferRate();
    this.#job = { kind: 'running', title, progress: null, bytesPerSecond: null, stopping: false };
    const onProgress = (progress: LibraryProgress): void => {
      if (this.#job.kind !== 'running') return;
      rate.note(progress.doneBytes, performance.now());
      this.#job = { ...this.#job, progress, bytesPerSecond: rate.perSecond };
    };
    try {
      this.#job = { kind: 'done', title, model: await work(onProgress) };
    } catch (caught) {
      const error = asLabError(caught);
      const wasStopped = error.code === 'interrupted';
      this.#job = wasStopped ? { kind: 'stopped', title, goesOn } : { kind: 'failed', title, error, retry };
    }
    await this.load();
  }
}
