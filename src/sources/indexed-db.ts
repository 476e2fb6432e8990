import type { ListedStore } from './memory-store.ts';
import { createStore, delMany, getMany, keys, setMany, type UseStore } from 'idb-keyval';
import { LabError } from '../core/errors.ts';
import { MemoryStore } from './memory-store.ts';
import { withinTime } from './time-limit.ts';

/** A store of structured-cloneable values that outlives the page. Throws `storage` errors. */
export interface PersistentStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  keys(): Promise<readonly string[]>;
  remove(keys: readonly string[]): Promise<void>;
}

/** A browser that takes longer to open a database never does: another tab may block it, or the disk. */
const OPENING_MS = 5000;

/** Where it is told that what the lab keeps is gone with the page. */
export const MEMORY_ONLY = 'harmscope-memory-only';

let isUnavailable = false; // to this thread: every further store begins in memory at once

/**
 * Opens at its first use. Where the browser refuses, or never answers, the lab works on in memory, and the page is told. `shared`: the
 * memory is, then, that of all threads that open it.
 */
export function openListedStore(name: string, shared = true): ListedStore {
  return openingStore(
    () => openIndexedDb(name),
    () => new MemoryStore(shared ? new BroadcastChannel(`harmscope-memory-${name}`) : null),
  );
}

/** The store behind `open`, or the one that takes its place. */
export function openingStore(
  open: () => Promise<ListedStore>,
  inMemory: () => ListedStore,
  limitMs: number = OPENING_MS,
): ListedStore {
  let chosen: Promise<ListedStore> | null = null;
  const choose = async (): Promise<ListedStore> => {
    if (isUnavailable) return inMemory();
    try {
      return await withinTime(open(), limitMs);
    } catch (error) {
      isUnavailable = true;
      tellMemoryOnly(error instanceof Error ? error.message : String(error));
      return inMemory();
    }
  };
  const opened = (): Promise<ListedStore> => (chosen ??= choose());
  return {
    keys: async () => (await opened()).keys(),
    getMany: async (wanted) => (await opened()).getMany(wanted),
    setMany: async (entries) => (await opened()).setMany(entries),
    deleteMany: async (unwanted) => (await opened()).deleteMany(unwanted),
  };
}

/** Whether this thread's stores are in memory alone. Known once one of them was used. */
export const worksInMemory = (): boolean => isUnavailable;

/** Says to the page that nothing outlives it. */
export function tellMemoryOnly(reason: string): void {
  const channel = new BroadcastChannel(MEMORY_ONLY);
  channel.postMessage(reason);
  channel.close();
}

async function openIndexedDb(name: string): Promise<ListedStore> {
  const store = createStore(`harmscope-${name}`, name);
  await store('readonly', () => Promise.resolve()); // it opens now, and not at its first value
  return databaseOf(store);
}

function databaseOf(store: UseStore): ListedStore {
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

export function openPersistentStore(name: string): PersistentStore {
  const store = openListedStore(name);
  return {
    get: readTogether((wanted) => store.getMany(wanted)),
    set: (key, value) => store.setMany([[key, value]]),
    keys: () => store.keys(),
    remove: (unwanted) => store.deleteMany(unwanted),
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
