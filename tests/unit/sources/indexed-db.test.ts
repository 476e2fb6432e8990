/** A browser that refuses IndexedDB, or never answers. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryStore, type Channel } from '../../../src/sources/memory-store.ts';
import type * as indexedDbModule from '../../../src/sources/indexed-db.ts';
import type { ListedStore } from '../../../src/sources/memory-store.ts';
import { MemoryListedStore } from '../../support/memory-listed-store.ts';

let told: string[];
let sources: typeof indexedDbModule;

beforeEach(async () => {
  told = [];
  vi.resetModules(); // each thread finds out for itself
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      addEventListener(): void {
        // nobody answers
      }
      readonly #isNotice: boolean;
      constructor(name: string) {
        this.#isNotice = name === 'harmscope-memory-only';
      }
      postMessage(message: unknown): void {
        if (this.#isNotice) told.push(String(message));
      }
      close(): void {
        // nothing is open
      }
    },
  );
  sources = await import('../../../src/sources/indexed-db.ts');
});
afterEach(() => vi.unstubAllGlobals());

const refused = (): Promise<ListedStore> => Promise.reject(new DOMException('The user denied it.', 'SecurityError'));
const silent = (): Promise<ListedStore> => new Promise(() => undefined);

describe.each([
  ['refuses', refused, /denied/],
  ['never answers', silent, /did not answer/],
])('where IndexedDB %s', (_, open, reason) => {
  test('a store keeps its values in memory, and the page is told once', async () => {
    const store = sources.openingStore(open, () => new MemoryStore(), 20);
    expect(await store.keys()).toEqual([]);
    await store.setMany([['a', { numbers: Float32Array.of(1, 2) }]]);
    expect(await store.getMany(['a', 'b'])).toEqual([{ numbers: Float32Array.of(1, 2) }, undefined]);
    await store.deleteMany(['a']);
    expect(await store.keys()).toEqual([]);
    expect(sources.worksInMemory()).toBe(true);
    expect(told).toEqual([expect.stringMatching(reason)]);
  });

  test('a second store of that thread does not wait', async () => {
    await sources.openingStore(open, () => new MemoryStore(), 20).keys();
    const other = sources.openingStore(silent, () => new MemoryStore(), 1e6);
    expect(await other.keys()).toEqual([]);
  });
});

test('where it answers, nothing is told', async () => {
  const store = sources.openingStore(() => Promise.resolve(new MemoryListedStore()), () => new MemoryStore(), 1e6); // prettier-ignore
  await store.setMany([['a', 1]]);
  expect(await store.getMany(['a'])).toEqual([1]);
  expect([sources.worksInMemory(), told]).toEqual([false, []]);
});

test('where there is no IndexedDB at all, sets, activations and directions rest in memory', async () => {
  vi.stubGlobal('indexedDB', undefined);
  const directions = sources.openPersistentStore('directions');
  await directions.set('key', [1]);
  expect(await directions.get('key')).toEqual([1]);
  const { openDescribedStore } = await import('../../../src/sources/described-store.ts');
  const activations = openDescribedStore<string>('activations');
  await activations.set('unit', Float32Array.of(3), 'about it');
  expect(await activations.get('unit')).toEqual(Float32Array.of(3));
  expect(await activations.list()).toMatchObject([{ key: 'unit', about: 'about it' }]);
  await activations.delete(['unit']);
  expect(await activations.has('unit')).toBe(false);
});

describe('memory that threads share', () => {
  class Line {
    readonly #listeners = new Map<Channel, (event: { readonly data: unknown }) => void>();
    open(): Channel {
      const end: Channel = {
        addEventListener: (_, listener) => void this.#listeners.set(end, listener),
        postMessage: (message) => {
          const data: unknown = structuredClone(message);
          for (const [other, listener] of this.#listeners) if (other !== end) queueMicrotask(() => listener({ data }));
        },
      };
      return end;
    }
  }

  test('hands on what changes, and what was there before', async () => {
    const line = new Line();
    const first = new MemoryStore(line.open());
    await first.setMany([['set', { name: 'Ours' }]]);
    const later = new MemoryStore(line.open());
    expect(await later.getMany(['set'])).toEqual([{ name: 'Ours' }]);
    await later.setMany([['other', 2]]);
    await later.deleteMany(['set']);
    expect(await first.getMany(['set', 'other'])).toEqual([undefined, 2]);
  });

  test('gives each reader a value of its own', async () => {
    const store = new MemoryStore();
    const value = Float32Array.of(1);
    await store.setMany([['a', value]]);
    value[0] = 9;
    const [read] = (await store.getMany(['a'])) as [Float32Array];
    expect(read[0]).toBe(1);
    read[0] = 9;
    expect(await store.getMany(['a'])).toEqual([Float32Array.of(1)]);
  });
});
