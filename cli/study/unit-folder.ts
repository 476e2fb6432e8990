/** A study's units in a folder, under Node: one file each, written under a temporary name and then renamed. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { writeError } from '../files/file-errors.ts';
import type { StudyStore } from '../../src/labs/study/run/study-store.ts';

const PARTIAL = '.partial';

export class UnitFolder implements StudyStore {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The stored value; null if there is none or the file is incomplete. */
  async get(key: string): Promise<unknown> {
    const bytes = await readFile(this.#pathOf(key)).catch(() => null);
    if (bytes === null) return null;
    try {
      return deserialize(bytes);
    } catch {
      return null;
    }
  }

  async set(key: string, value: unknown): Promise<void> {
    const path = this.#pathOf(key);
    const partial = `${path}${PARTIAL}-${process.pid}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(partial, serialize(value));
      await rename(partial, path);
    } catch (cause) {
      await rm(partial, { force: true }).catch(() => undefined);
      throw writeError(path, cause);
    }
  }

  async keys(): Promise<readonly string[]> {
    const entries = await readdir(this.path, { recursive: true, withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isFile() && !entry.name.includes(PARTIAL))
      .map((entry) => relative(this.path, join(entry.parentPath, entry.name)).split(sep))
      .flatMap((names) => keyOf(names) ?? []);
  }

  async remove(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => rm(this.#pathOf(key), { force: true })));
  }

  #pathOf(key: string): string {
    return join(this.path, ...key.split('/').map(toName));
  }
}

/** A segment of a key as a file name that is valid on every system: Windows does not allow `*`. */
const toName = (segment: string): string => encodeURIComponent(segment).replaceAll('*', '%2A');

/** The key of a file; null if the file does not belong to the store. */
function keyOf(names: readonly string[]): string | null {
  try {
    return names.map((name) => decodeURIComponent(name)).join('/');
  } catch {
    return null;
  }
}
