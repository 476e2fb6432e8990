import type { ListedStore } from './memory-store.ts';
import { createStore, delMany, getMany, keys, setMany, type UseStore } from 'idb-keyval';
import { LabError } from '../core/errors.ts';
import { MemoryStore } from './memory-store.ts';
import { withinTime } from './time-limit.ts';

/** A store of structured-cloneable values that persists after the page is closed. Its methods throw `storage` errors. */
export interface PersistentStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  keys(): Promise<readonly string[]>;
  remove(keys: readonly string[]): Promise<void>;
}

/** If opening a database takes longer, it will never succeed: another tab or the disk may block it. */
const OPENING_MS = 5000;

/** The channel that reports that nothing can be saved after the page is closed. */
export const MEMORY_ONLY = 'harmscope-memory-only';

let isUnavailable = false; // in this thread: all further stores start in memory

/**
 * A store that opens at its first use. If the browser refuses, or never answers, the store is in memory and the page is informed.
 * @param shared whether a store in memory is shared by all threads that open it
 */
export function openListedStore(name: string, shared = true): ListedStore {
  return openingStore(
    () => openIndexedDb(name),
    () => new MemoryStore(shared ? new BroadcastChannel(`harmscope-memory-${name}`) : null),
  );
}

/** A store that uses `open`, or `inMemory` if that fails. */
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
      reportMemoryOnly(error instanceof Error ? error.message : String(error));
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

/** Whether this thread's stores are only in memory. Known once one of them has been used. */
export const worksInMemory = (): boolean => isUnavailable;

/** Informs the page that nothing can be saved. */
export function reportMemoryOnly(reason: string): void {
  const channel = new BroadcastChannel(MEMORY_ONLY);
  channel.postMessage(reason);
  channel.close();
}

async function openIndexedDb(name: string): Promise<ListedStore> {
  const store = createStore(`harmscope-${name}`, name);
  await store('readonly', () => Promise.resolve()); // opens it now, not at the first value
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

/** Combines reads of the same microtask into one transaction: a study makes thousands of reads. */
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
      const nextStep =
        'Delete models or activations that you do not need, or free disk space. Nothing stored has been damaged.';
      throw new LabError('storage', `This browser’s storage is full, so it could not ${verb}.`, nextStep, { cause });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = 'Free some disk space, or leave private browsing. Harmscope continues without storage.';
    throw new LabError('storage', `The browser’s storage could not be used to ${verb}: ${reason}`, nextStep, { cause });
  }
}
