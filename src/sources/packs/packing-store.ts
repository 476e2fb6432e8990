/**
 * A store that places values together that are read together. Values are written one by one to IndexedDB. When many of them are read
 * at once, their numbers move to one file, and each value records where its numbers are: the next time, only that file is read.
 *
 * A value is complete at any moment: a file is fully written before the values refer to it, in one transaction. A file that no value
 * refers to, left by a page that was closed in between, is deleted when the next file is written.
 */
import { readTogether, type PersistentStore } from '../indexed-db.ts';
import type { ListedStore } from '../memory-store.ts';
import { isPacked, packableBytes, packValues, unpackValue, type Placed } from './packed-value.ts';
import type { PackFiles } from './pack-files.ts';

const LEAST_VALUES = 4; // fewer values are read as fast from IndexedDB
const LEAST_BYTES = 256e3; // browsers store larger values in separate files anyway

const PACK = 'pack/'; // prefix of the key that lists a file's values
const packKey = (file: string): string => PACK + file;

/** Runs one job at a time across all threads and tabs. */
export type Alone = <T>(job: () => Promise<T>) => Promise<T>;

interface Found {
  readonly key: string;
  readonly value: object;
}

/** If `files` resolves to null, values stay in IndexedDB. */
export class PackingStore implements PersistentStore {
  readonly #values: ListedStore;
  readonly #files: () => Promise<PackFiles | null>;
  readonly #alone: Alone;

  constructor(values: ListedStore, files: () => Promise<PackFiles | null>, alone: Alone) {
    this.#values = values;
    this.#files = files;
    this.#alone = alone;
  }

  readonly get = readTogether((keys) => this.#getMany(keys));

  set(key: string, value: unknown): Promise<void> {
    return this.#values.setMany([[key, value]]);
  }

  async keys(): Promise<readonly string[]> {
    return (await this.#values.keys()).filter((key) => !key.startsWith(PACK));
  }

  /** Removes values, and files whose last value is removed. */
  async remove(keys: readonly string[]): Promise<void> {
    await this.#alone(async () => {
      await this.#values.deleteMany(keys);
      const left = new Set(await this.#values.keys());
      const packs = [...left].filter((key) => key.startsWith(PACK));
      const contents = (await this.#values.getMany(packs)) as string[][];
      const empty = packs.filter((_, place) => !contents[place]?.some((key) => left.has(key)));
      if (empty.length === 0) return;
      await this.#values.deleteMany(empty);
      const files = await this.#files();
      for (const key of empty) await files?.remove(key.slice(PACK.length));
    });
  }

  async #getMany(keys: readonly string[]): Promise<readonly unknown[]> {
    const values = await this.#values.getMany(keys);
    const isPlain = (value: unknown): value is object => packableBytes(value) > 0;
    const plain = keys.flatMap((key, place): Found[] => {
      const value = values[place];
      return isPlain(value) ? [{ key, value }] : [];
    });
    // Before they are returned, since the reader may transfer them to another thread.
    if (isWorthAFile(plain)) await this.#pack(plain).catch(() => undefined); // the values in IndexedDB are complete
    return this.#unpackAll(values);
  }

  async #pack(found: readonly Found[]): Promise<void> {
    const files = await this.#files();
    if (files === null) return;
    await this.#alone(async () => {
      const there = new Set(await this.#values.keys());
      const packs = [...there].filter((key) => key.startsWith(PACK));
      const elsewhere = new Set(((await this.#values.getMany(packs)) as string[][]).flat());
      const left = found.filter(({ key }) => there.has(key) && !elsewhere.has(key)); // another thread may have packed them already
      await removeUnnamed(files, there);
      if (!isWorthAFile(left)) return;
      const file = crypto.randomUUID();
      const { packed, contents } = packValues(
        file,
        left.map(({ value }) => value),
      );
      await files.write(file, contents);
      const named = left.map(({ key }, place): [string, unknown] => [key, packed[place]]);
      await this.#values.setMany([...named, [packKey(file), left.map(({ key }) => key)]]);
    });
  }

  /** Reads each file once. Values whose file is gone count as missing. */
  async #unpackAll(values: readonly unknown[]): Promise<readonly unknown[]> {
    const byFile = new Map<string, Placed[]>();
    const whole = values.map((stored): unknown => {
      if (!isPacked(stored)) return stored;
      const { value, places } = unpackValue(stored);
      byFile.set(stored.packedIn, [...(byFile.get(stored.packedIn) ?? []), ...places]);
      return value;
    });
    if (byFile.size === 0) return whole;
    const files = await this.#files();
    const read = [...byFile].map(async ([file, wanted]): Promise<string[]> => {
      return (await files?.read(file, wanted)) === true ? [] : [file];
    });
    const lost = new Set((await Promise.all(read)).flat());
    for (const file of lost) await this.#forget(file);
    return whole.map((value, place) => {
      const stored = values[place];
      return isPacked(stored) && lost.has(stored.packedIn) ? undefined : value;
    });
  }

  /** Deletes the values of a missing file, so that they are computed again. */
  async #forget(file: string): Promise<void> {
    await this.#alone(async () => {
      const [keys] = (await this.#values.getMany([packKey(file)])) as [string[] | undefined];
      const values = await this.#values.getMany(keys ?? []);
      const lost = (keys ?? []).filter((_, place) => {
        const value = values[place];
        return isPacked(value) && value.packedIn === file;
      });
      await this.#values.deleteMany([...lost, packKey(file)]);
    });
  }
}

function isWorthAFile(found: readonly Found[]): boolean {
  const bytes = found.reduce((sum, { value }) => sum + packableBytes(value), 0);
  return found.length >= LEAST_VALUES && bytes >= LEAST_BYTES;
}

/** Deletes files left by pages that closed before any value referred to them. */
async function removeUnnamed(files: PackFiles, keys: ReadonlySet<string>): Promise<void> {
  for (const file of await files.list()) if (!keys.has(packKey(file))) await files.remove(file);
}
