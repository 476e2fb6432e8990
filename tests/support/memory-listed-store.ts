import { LabError } from '../../src/core/errors.ts';
import type { ListedStore } from '../../src/sources/memory-store.ts';

/** A `ListedStore` in memory that clones as IndexedDB does, and can be full. */
export class MemoryListedStore implements ListedStore {
  readonly #values = new Map<string, unknown>();
  isFull = false;

  keys(): Promise<readonly string[]> {
    return Promise.resolve([...this.#values.keys()]);
  }
  getMany(keys: readonly string[]): Promise<readonly unknown[]> {
    return Promise.resolve(keys.map((key) => structuredClone(this.#values.get(key))));
  }
  setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    if (this.isFull) return Promise.reject(new LabError('storage', 'The disk is full.', 'Free some space.'));
    for (const [key, value] of entries) this.#values.set(key, structuredClone(value));
    return Promise.resolve();
  }
  deleteMany(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#values.delete(key);
    return Promise.resolve();
  }
}
