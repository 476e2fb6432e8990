/** Large values in IndexedDB, each with a description that can be listed without reading it. */
import { openListedStore } from './indexed-db.ts';
import type { ListedStore } from './memory-store.ts';

const ABOUT = 'about ';
const USED = 'used ';

interface Described<About> {
  readonly key: string;
  readonly about: About;
  readonly lastUsed: number | null; // ms since 1970
}

/** All methods throw `storage` errors. */
export interface DescribedStore<About> {
  /** The value, which is marked as used now. */
  get(key: string): Promise<unknown>;
  has(key: string): Promise<boolean>;
  /** Writes value and description in one transaction: both exist, or neither. */
  set(key: string, value: unknown, about: About): Promise<void>;
  list(): Promise<readonly Described<About>[]>;
  delete(keys: readonly string[]): Promise<void>;
}

export function openDescribedStore<About>(
  name: string,
  store: ListedStore = openListedStore(name),
): DescribedStore<About> {
  return {
    async get(key) {
      const [value] = await store.getMany([key]);
      if (value !== undefined) await store.setMany([[USED + key, Date.now()]]).catch(() => undefined); // reading must still work when the disk is full
      return value;
    },
    has: async (key) => (await store.getMany([ABOUT + key]))[0] !== undefined,
    set: (key, value, about) =>
      store.setMany([
        [key, value],
        [ABOUT + key, about],
      ]),
    async list() {
      const names = (await store.keys()).filter((key) => key.startsWith(ABOUT)).map((key) => key.slice(ABOUT.length));
      const abouts = (await store.getMany(names.map((key) => ABOUT + key))) as readonly (About | undefined)[];
      const used = (await store.getMany(names.map((key) => USED + key))) as readonly (number | undefined)[];
      return names.flatMap((key, index) => {
        const about = abouts[index];
        return about === undefined ? [] : [{ key, about, lastUsed: used[index] ?? null }];
      });
    },
    delete: (names) => store.deleteMany(names.flatMap((key) => [key, ABOUT + key, USED + key])),
  };
}
