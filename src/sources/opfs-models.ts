/** The converted models that this browser keeps: one folder each in its private file system. */
import { LabError } from '../core/errors.ts';
import { decodeUtf8, parseJsonObject } from '../formats/bytes/json.ts';
import { tellMemoryOnly, type PersistentStore } from './indexed-db.ts';
import { OpfsFolder } from './opfs-folder.ts';
import { openOpfsRoot } from './opfs-root.ts';

const ROOT = 'models';
const NAME = /^[\w.@-]+$/; // one path segment
const MANIFEST_FILE = 'manifest.json'; // of src/engine/convert/manifest.ts
const TOKENIZER_FILE = 'tokenizer.json';

export interface ModelListing {
  readonly name: string; // of its folder
  readonly label: string | null; // of the checkpoint; null while its conversion has not ended
  readonly precision: string | null;
  readonly bytes: number;
  readonly changed: number; // ms since 1970, of its newest file
  readonly lastUsed: number | null; // ms since 1970
  readonly hasTokenizer: boolean;
}

export interface StorageReport {
  readonly usedBytes: number; // by everything of this site
  readonly quotaBytes: number; // that the browser would grant it
  readonly persisted: boolean; // the browser will not evict it by itself
}

/** Throws `storage` errors throughout. */
export class OpfsModels {
  readonly #root: FileSystemDirectoryHandle;
  readonly #usage: PersistentStore;

  private constructor(root: FileSystemDirectoryHandle, usage: PersistentStore) {
    this.#root = root;
    this.#usage = usage;
  }

  /** `usage` remembers when each model was last used. */
  static async open(usage: PersistentStore): Promise<OpfsModels> {
    try {
      const storage = await openOpfsRoot();
      return new OpfsModels(await storage.getDirectoryHandle(ROOT, { create: true }), usage);
    } catch (cause) {
      tellMemoryOnly(cause instanceof Error ? cause.message : String(cause));
      const nextStep = 'Leave private browsing, or use another browser: without it only small models can run.';
      throw new LabError('storage', 'This browser keeps no files for the lab.', nextStep, { cause });
    }
  }

  /** The folder of that name, made where there is none. */
  async folder(name: string): Promise<OpfsFolder> {
    checkName(name);
    return new OpfsFolder(name, await this.#root.getDirectoryHandle(name, { create: true }));
  }

  /** The folder of that name, or null where there is none. */
  async find(name: string): Promise<OpfsFolder | null> {
    checkName(name);
    try {
      return new OpfsFolder(name, await this.#root.getDirectoryHandle(name));
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'NotFoundError') return null;
      throw new LabError('storage', `${name} could not be opened.`, 'Close other tabs of the lab and try again.', {
        cause,
      });
    }
  }

  /** Every folder, half-converted ones too. */
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

  /** Notes that a model is used now. */
  touch(name: string, now = Date.now()): Promise<void> {
    return this.#usage.set(name, now);
  }

  /** Deletes a model and all that belongs to it. Throws `storage` while it is open elsewhere. */
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

  async report(): Promise<StorageReport> {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return { usedBytes: usage, quotaBytes: quota, persisted: await navigator.storage.persisted() };
  }
}

/** Asks the browser never to evict what the lab keeps, which only a page may; resolves to whether it agreed. */
export async function persistStorage(storage: { persist?: () => Promise<boolean> }): Promise<boolean> {
  return (await storage.persist?.()) ?? false;
}

/** A folder name that says which checkpoint and precision it holds: `allenai.OLMo-2-0425-1B@main.q4-32`. */
export function modelFolderName(label: string, precision: string, blockSize: number): string {
  const blocks = precision.startsWith('q') ? `-${blockSize}` : ''; // q8, q4-mixed, q4: in blocks
  return `${label.replaceAll(/[^\w.@-]+/g, '.')}.${precision}${blocks}`;
}

function checkName(name: string): void {
  if (NAME.test(name) && name !== '.' && name !== '..') return;
  throw new LabError('bad-request', `“${name}” is no name of a model’s folder.`, 'Use letters, digits, . _ - and @.');
}

async function readJson(file: File): Promise<Readonly<Record<string, unknown>>> {
  try {
    return parseJsonObject(file.name, decodeUtf8(file.name, new Uint8Array(await file.arrayBuffer())));
  } catch {
    return {}; // a manifest that cannot be read is no model's; opening it says so
  }
}
