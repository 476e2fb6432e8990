import { createStore, get, keys, set } from 'idb-keyval';
import { LabError } from '../core/errors.ts';

/** A store of structured-cloneable values that outlives the page. Throws `storage` errors. */
export interface PersistentStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  keys(): Promise<readonly string[]>;
}

export function openPersistentStore(name: string): PersistentStore {
  const store = createStore(`harmscope-${name}`, name);
  return {
    get: (key) => guarded(() => get<unknown>(key, store), 'read'),
    set: (key, value) => guarded(() => set(key, value, store), 'write'),
    keys: () => guarded(() => keys<string>(store), 'read'),
  };
}

async function guarded<T>(job: () => Promise<T>, verb: string): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = 'Free some disk space, or leave private browsing; the lab works on without it.';
    throw new LabError('storage', `The browser’s storage could not be used to ${verb}: ${reason}`, nextStep, { cause });
  }
}
