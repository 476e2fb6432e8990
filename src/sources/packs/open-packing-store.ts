import { openListedStore, type PersistentStore } from '../indexed-db.ts';
import { openPackFiles, type PackFiles } from './pack-files.ts';
import { PackingStore } from './packing-store.ts';

/** A store for values with many numbers that are read together. Only for workers, since a page has no synchronous handles. */
export function openPackingStore(name: string): PersistentStore {
  const title = `harmscope-${name}`;
  let files: Promise<PackFiles | null> | null = null;
  return new PackingStore(
    openListedStore(name, false), // not shared, because values are large: without IndexedDB, one thread does all the work
    () => (files ??= openPackFiles(title)),
    (job) => navigator.locks.request(`${title}-packs`, job),
  );
}
