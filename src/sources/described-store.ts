/** Large values in IndexedDB, each with a description that can be listed without reading it. */
import { createStore, delMany, get, getMany, keys, set, setMany } from 'idb-keyval';
import { guardedIdb } from './indexed-db.ts';

const ABOUT = 'about ';
const USED = 'used ';

export interface Described<About> {
  readonly key: string;
  readonly about: About;
  readonly lastUsed: number | null; // ms since 1970
}

/** Throws `storage` errors throughout. */
export interface DescribedStore<About> {
  /** The value, noted as used now. */
  get(key: string): Promise<unknown>;
  has(key: string): Promise<boolean>;
  /** Value and description are written in one transaction: both are there, or neither. */
  set(key: string, value: unknown, about: About): Promise<void>;
  list(): Promise<readonly Described<About>[]>;
  delete(keys: readonly string[]): Promise<void>;
}

export function openDescribedStore<About>(name: string): DescribedStore<About> {
  const store = createStore(`harmscope-${name}`, name);
  return {
    get: (key) =>
      guardedIdb(async () => {
        const value = await get<unknown>(key, store);
        if (value !== undefined) await set(USED + key, Date.now(), store).catch(() => undefined); // a full disk can still be read
        return value;
      }, 'read'),
    has: (key) => guardedIdb(async () => (await get<unknown>(ABOUT + key, store)) !== undefined, 'read'),
    set: (key, value, about) =>
      guardedIdb(
        () =>
          setMany(
            [
              [key, value],
              [ABOUT + key, about],
            ],
            store,
          ),
        'write',
      ),
    list: () =>
      guardedIdb(async () => {
        const names = (await keys<string>(store)).filter((key) => key.startsWith(ABOUT)).map((key) => key.slice(ABOUT.length)); // prettier-ignore
        const abouts = await getMany<About>(names.map((key) => ABOUT + key), store); // prettier-ignore
        const used = await getMany<number | undefined>(names.map((key) => USED + key), store); // prettier-ignore
        return names.flatMap((key, index) => {
          const about = abouts[index];
          return about === undefined ? [] : [{ key, about, lastUsed: used[index] ?? null }];
        });
      }, 'read'),
    delete: (names) =>
      guardedIdb(
        () =>
          delMany(
            names.flatMap((key) => [key, ABOUT + key, USED + key]),
            store,
          ),
        'delete',
      ),
  };
}
