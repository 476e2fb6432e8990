/** A local folder with a converted model, under Node. */
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { lazyBytes } from '../../src/formats/bytes/lazy-bytes.ts';
import { isModelFolder, MANIFEST_FILE } from '../../src/engine/convert/file-names.ts';
import { openPack } from '../../src/engine/convert/pack.ts';
import type { ModelFolder, StoredModel } from '../../src/engine/convert/model-folder.ts';
import { zipKind } from '../../src/engine/checkpoint/zipped-checkpoint.ts';
import { LOCK_FILE } from './output-lock.ts';
import { writeError } from './file-errors.ts';
import { namesIn, openFile, openZipFile } from './folder.ts';

/**
 * A folder to convert into, created if necessary.
 * @throws LabError `bad-request`, when it contains anything but a model's files: a conversion deletes files that are not part of it
 */
export async function diskModelFolder(path: string): Promise<ModelFolder> {
  await guarded(path, () => mkdir(path, { recursive: true }));
  const folder = new DiskModelFolder(path);
  if (isModelFolder(await folder.list())) return folder;
  const nextStep = 'Use a new or empty folder, or one of an earlier conversion.';
  throw new LabError('bad-request', `${shown(path)} contains files that are not part of a converted model.`, nextStep);
}

/**
 * The converted model in a folder or pack; null if there is none.
 * @throws LabError `format`, when a ZIP cannot be read
 */
export async function storedModel(path: string): Promise<StoredModel | null> {
  const zip = await openZipFile(path);
  if (zip !== null) return (await zipKind(zip)) === 'pack' ? openPack(zip) : null;
  return (await openFile(join(path, MANIFEST_FILE))) === null ? null : new DiskModelFolder(path);
}

class DiskModelFolder implements ModelFolder {
  readonly label: string;
  readonly #writing = new Map<string, Promise<FileHandle>>();
  readonly #reading: number[] = []; // descriptors that external data is read through

  constructor(path: string) {
    this.label = path;
  }

  open(file: string): ReturnType<ModelFolder['open']> {
    return openFile(join(this.label, file));
  }

  async externalData(file: string): Promise<Uint8Array> {
    const path = join(this.label, file);
    const source = await openFile(path);
    if (source === null) throw new LabError('not-found', `${shown(path)} is missing.`, 'Convert the checkpoint again.');
    const descriptor = openSync(path, 'r');
    this.#reading.push(descriptor);
    return lazyBytes(source.byteLength, (into, start) => {
      if (readSync(descriptor, into, 0, into.length, start) === into.length) return;
      throw new LabError('format', `${shown(path)} is truncated.`, 'Convert the checkpoint again.');
    });
  }

  async write(file: string, offset: number, bytes: Uint8Array): Promise<void> {
    await guarded(join(this.label, file), async () => {
      const handle = await this.#writer(file);
      await handle.write(bytes, 0, bytes.byteLength, offset);
    });
  }

  async flush(file: string): Promise<void> {
    await guarded(join(this.label, file), async () => (await this.#writer(file)).datasync());
  }

  /** A handle opened without truncating the file. */
  #writer(file: string): Promise<FileHandle> {
    const known = this.#writing.get(file);
    if (known !== undefined) return known;
    const path = join(this.label, file);
    const opening = open(path, 'r+').catch(() => open(path, 'w+'));
    this.#writing.set(file, opening);
    opening.catch(() => this.#writing.delete(file));
    return opening;
  }

  async put(file: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.label, file);
    const partial = `${path}.partial`;
    await guarded(path, async () => {
      const handle = await open(partial, 'w');
      try {
        await handle.writeFile(bytes);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(partial, path);
    });
  }

  async remove(file: string): Promise<void> {
    await this.#close(file);
    await guarded(join(this.label, file), () => rm(join(this.label, file), { force: true }));
  }

  async list(): Promise<readonly string[]> {
    const entries = (await namesIn(this.label)).filter((name) => !name.startsWith(LOCK_FILE));
    const infos = await Promise.all(entries.map((name) => stat(join(this.label, name)).catch(() => null)));
    return entries.filter((_, index) => infos[index]?.isFile() === true);
  }

  async release(): Promise<void> {
    for (const file of [...this.#writing.keys()]) await this.#close(file);
    for (const descriptor of this.#reading.splice(0)) closeSync(descriptor);
  }

  async #close(file: string): Promise<void> {
    const opened = this.#writing.get(file);
    this.#writing.delete(file);
    await (await opened?.catch(() => undefined))?.close();
  }
}

async function guarded<T>(path: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    throw writeError(path, cause);
  }
}
