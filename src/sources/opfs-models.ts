/** The converted models saved in this browser: one folder each in its private file system. */
import { storageReport, type StorageReport } from './storage-report.ts';
import { LabError } from '../core/errors.ts';
import { decodeUtf8, parseJsonObject } from '../formats/bytes/json.ts';
import { reportMemoryOnly, type PersistentStore } from './indexed-db.ts';
import { OpfsFolder } from './opfs-folder.ts';
import { openOpfsRoot } from './opfs-root.ts';

const ROOT = 'models';
const NAME = /^[\w.@-]+$/; // one path segment
const MANIFEST_FILE = 'manifest.json'; // as in src/engine/convert/manifest.ts
const TOKENIZER_FILE = 'tokenizer.json';

export interface ModelListing {
  readonly name: string; // folder name
  readonly label: string | null; // label of the checkpoint; null until the conversion has finished
  readonly precision: string | null;
  readonly bytes: number;
  readonly changed: number; // ms since 1970, when its newest file changed
  readonly lastUsed: number | null; // ms since 1970
  readonly hasTokenizer: boolean;
}

/** All methods throw `storage` errors. */
export class OpfsModels {
  readonly #root: FileSystemDirectoryHandle;
  readonly #usage: PersistentStore;

  private constructor(root: FileSystemDirectoryHandle, usage: PersistentStore) {
    this.#root = root;
    this.#usage = usage;
  }

  /** Opens the models. `usage` records when each model was last used. */
  static async open(usage: PersistentStore): Promise<OpfsModels> {
    try {
      const storage = await openOpfsRoot();
      return new OpfsModels(await storage.getDirectoryHandle(ROOT, { create: true }), usage);
    } catch (cause) {
      reportMemoryOnly(cause instanceof Error ? cause.message : String(cause));
      const nextStep =
        'Leave private browsing, or use another browser: without file storage, only small models can run.';
      throw new LabError('storage', 'This browser does not let Harmscope store files.', nextStep, { cause });
    }
  }

  /** The folder of that name, created if necessary. */
  async folder(name: string): Promise<OpfsFolder> {
    checkName(name);
    return new OpfsFolder(name, await this.#root.getDirectoryHandle(name, { create: true }));
  }

  /** The folder of that name; null if there is none. */
  async find(name: string): Promise<OpfsFolder | null> {
    checkName(name);
    try {
      return new OpfsFolder(name, await this.#root.getDirectoryHandle(name));
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'NotFoundError') return null;
      throw new LabError('storage', `${name} could not be opened.`, 'Close other Harmscope tabs and try again.', {
        cause,
      });
    }
  }

  /** Every folder, including unfinished conversions. */
  async list(): Promise<readonly ModelListing[]> {
    const listings: ModelListing[] = [];
    for await (const handle of this.#root.values()) {
      if (handle.kind === 'directory') listings.push(await this.#describe(handle));
    }
    return listings;
  }

  async #describe(directory: FileSystemDirectoryHandle): Promise<ModelListing> {
    let [bytes, changed] = [0, 0];
    let manifest: File | null = null;
    let hasTokenizer = false;
    for await (const handle of directory.values()) {
      if (handle.kind !== 'file') continue;
      const file = await handle.getFile();
      bytes += file.size;
      changed = Math.max(changed, file.lastModified);
      if (handle.name === MANIFEST_FILE) manifest = file;
      if (handle.name === TOKENIZER_FILE) hasTokenizer = true;
    }
    const { label, precision } = manifest === null ? {} : await readJson(manifest);
    const lastUsed = await this.#usage.get(directory.name);
    return {
      name: directory.name,
      label: typeof label === 'string' ? label : null,
      precision: typeof precision === 'string' ? precision : null,
      bytes,
      changed,
      lastUsed: typeof lastUsed === 'number' ? lastUsed : null,
      hasTokenizer,
    };
  }

  /** Records that a model is used now. */
  touch(name: string, now = Date.now()): Promise<void> {
    return this.#usage.set(name, now);
  }

  /**
   * Deletes a model and everything that belongs to it.
   * @throws LabError `storage`, when it is open elsewhere
   */
  async delete(name: string): Promise<void> {
    checkName(name);
    try {
      await this.#root.removeEntry(name, { recursive: true });
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'NotFoundError') return;
      throw new LabError('storage', `${name} could not be deleted.`, 'Close the tabs that use it.', { cause });
    }
    await this.#usage.set(name, null);
  }

  report(): Promise<StorageReport> {
    return storageReport();
  }
}

/** A folder name with the checkpoint and precision: `allenai.OLMo-2-0425-1B@main.q4-32`. */
export function modelFolderName(label: string, precision: string, blockSize: number): string {
  const blocks = precision.startsWith('q') ? `-${blockSize}` : ''; // q8, q4-mixed and q4 use blocks
  return `${label.replaceAll(/[^\w.@-]+/g, '.')}.${precision}${blocks}`;
}

function checkName(name: string): void {
  if (NAME.test(name) && name !== '.' && name !== '..') return;
  throw new LabError(
    'bad-request',
    `“${name}” is not a valid folder name for a model.`,
    'Use letters, digits, . _ - and @.',
  );
}

async function readJson(file: File): Promise<Readonly<Record<string, unknown>>> {
  try {
    return parseJsonObject(file.name, decodeUtf8(file.name, new Uint8Array(await file.arrayBuffer())));
  } catch {
    return {}; // an unreadable manifest is reported when the model is opened
  }
}
