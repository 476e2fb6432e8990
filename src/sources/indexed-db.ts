import { createStore, delMany, getMany, keys, set, setMany } from 'idb-keyval';
import { LabError } from '../core/errors.ts';

/** A store of structured-cloneable values that outlives the page. Throws `storage` errors. */
export interface PersistentStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  keys(): Promise<readonly string[]>;
  remove(keys: readonly string[]): Promise<void>;
}

export function openPersistentStore(name: string): PersistentStore {
  const store = createStore(`harmscope-${name}`, name);
  return {
    get: readTogether((wanted) => guardedIdb(() => getMany<unknown>([...wanted], store), 'read')),
    set: (key, value) => guardedIdb(() => set(key, value, store), 'write'),
    keys: () => guardedIdb(() => keys<string>(store), 'read'),
    remove: (unwanted) => guardedIdb(() => delMany([...unwanted], store), 'write'),
  };
}

interface Asked {
  readonly key: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What is asked for in one turn is read in one transaction: a study makes thousands of reads. */
export function readTogether(
  readMany: (keys: readonly string[]) => Promise<readonly unknown[]>,
): (key: string) => Promise<unknown> {
  let waiting: Asked[] = [];
  const read = async (): Promise<void> => {
    const asked = waiting;
    waiting = [];
    try {
      const values = await readMany(asked.map(({ key }) => key));
      for (const [place, { resolve }] of asked.entries()) resolve(values[place]);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (waiting.length === 1) queueMicrotask(() => void read());
    });
}

/** The same, of which the keys can be listed and several values change at once. Each call is one transaction. */
export interface ListedStore {
  keys(): Promise<readonly string[]>;
  getMany(keys: readonly string[]): Promise<readonly unknown[]>;
  setMany(entries: readonly (readonly [string, unknown])[]): Promise<void>;
  deleteMany(keys: readonly string[]): Promise<void>;
}

export function openListedStore(name: string): ListedStore {
  const store = createStore(`harmscope-${name}`, name);
  return {
    keys: async () => (await guardedIdb(() => keys(store), 'read')).map(String),
    getMany: (wanted) => guardedIdb(() => getMany<unknown>([...wanted], store), 'read'),
    setMany: (entries) =>
      guardedIdb(
        () =>
          setMany(
            entries.map(([key, value]) => [key, value]),
            store,
          ),
        'write',
      ),
    deleteMany: (unwanted) => guardedIdb(() => delMany([...unwanted], store), 'write'),
  };
}

/** Runs a job on IndexedDB. What it throws becomes a `storage` error that says whether there is no room left. */
export async function guardedIdb<T>(job: () => Promise<T>, verb: string): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
      const nextStep = 'Delete models or activations that are not needed, or free disk space; what is stored is whole.';
      throw new LabError('storage', `There is no room left to ${verb} in this browser’s storage.`, nextStep, { cause });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = 'Free some disk space, or leave private browsing; the lab works on without it.';
    throw new LabError('storage', `The browser’s storage could not be used to ${verb}: ${reason}`, nextStep, { cause });
  }
}
