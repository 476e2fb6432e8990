import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import type { PackFiles } from '../../../../src/sources/packs/pack-files.ts';
import { bytesOf, type Placed } from '../../../../src/sources/packs/packed-value.ts';
import { PackingStore, type Alone } from '../../../../src/sources/packs/packing-store.ts';
import { MemoryListedStore } from '../../../support/memory-listed-store.ts';

/** As in the browser: bytes of a file, and reading past its end. */
class MemoryPackFiles implements PackFiles {
  readonly files = new Map<string, Uint8Array>();
  reads = 0;
  isFull = false;

  write(name: string, contents: readonly Placed[]): Promise<void> {
    if (this.isFull) return Promise.reject(new LabError('storage', 'The disk is full.', 'Free some space.'));
    const last = contents.at(-1);
    const bytes = new Uint8Array(last === undefined ? 0 : last.at + last.numbers.byteLength);
    for (const { at, numbers } of contents) bytes.set(bytesOf(numbers), at);
    this.files.set(name, bytes);
    return Promise.resolve();
  }
  read(name: string, wanted: readonly Placed[]): Promise<boolean> {
    this.reads++;
    const file = this.files.get(name);
    const isThere = wanted.every(({ at, numbers }) => {
      const bytes = file?.slice(at, at + numbers.byteLength);
      if (bytes?.byteLength !== numbers.byteLength) return false;
      bytesOf(numbers).set(bytes);
      return true;
    });
    return Promise.resolve(isThere);
  }
  remove(name: string): Promise<void> {
    this.files.delete(name);
    return Promise.resolve();
  }
  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.files.keys()]);
  }
}

interface Stored {
  readonly name: string;
  readonly values: Float32Array;
  readonly sums: Float64Array;
}

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const valueOf = (key: string): Stored => ({
  name: key,
  values: Float32Array.from({ length: 13_001 }, (_, i) => i + key.charCodeAt(0)), // an odd number: the next array is aligned all the same
  sums: Float64Array.from({ length: 500 }, (_, i) => i / 3 - key.charCodeAt(0)),
});

/** One job after another, as a lock of the browser. */
function inTurn(): Alone {
  let tail: Promise<unknown> = Promise.resolve();
  return (job) => {
    const result = tail.then(job);
    tail = result.catch(() => undefined);
    return result;
  };
}

interface Setting {
  readonly values: MemoryListedStore;
  readonly files: MemoryPackFiles;
  readonly open: () => PackingStore; // as another thread would
  readonly store: PackingStore;
}

async function filled(keys = KEYS): Promise<Setting> {
  const [values, files, alone] = [new MemoryListedStore(), new MemoryPackFiles(), inTurn()];
  const open = (): PackingStore => new PackingStore(values, () => Promise.resolve(files), alone);
  const store = open();
  for (const key of keys) await store.set(key, valueOf(key));
  return { values, files, open, store };
}

const readAll = (store: PackingStore, keys = KEYS): Promise<unknown[]> =>
  Promise.all(keys.map((key) => store.get(key)));
const ALL = KEYS.map(valueOf);

describe('a store that brings together what is read together', () => {
  it('gives the same before, while and after it does', async () => {
    const { files, store } = await filled();
    expect(await readAll(store)).toEqual(ALL);
    expect(files.files.size).toBe(1);
    expect(await readAll(store)).toEqual(ALL);
    expect(files.reads).toBe(1); // of all values at once
    expect(await store.get('c')).toEqual(valueOf('c'));
    expect(await store.get('x')).toBeUndefined();
  });

  it('lists the keys that were set, and no others', async () => {
    const { store } = await filled();
    await readAll(store);
    expect([...(await store.keys())].sort()).toEqual(KEYS);
  });

  it('leaves single values, and small ones, where they are', async () => {
    const { files, store } = await filled();
    for (const key of KEYS) await store.get(key);
    for (const key of KEYS) await store.set(`small ${key}`, { ...valueOf(key), values: new Float32Array(300) });
    await readAll(store, KEYS.map((key) => `small ${key}`)); // prettier-ignore
    await readAll(store, KEYS.slice(0, 3));
    expect(files.files.size).toBe(0);
  });

  it('makes one file where two threads read at once', async () => {
    const { files, store, open } = await filled();
    const [one, other] = await Promise.all([readAll(store), readAll(open())]);
    expect([one, other]).toEqual([ALL, ALL]);
    expect(files.files.size).toBe(1);
    expect(await readAll(open())).toEqual(ALL);
  });

  it('reads a value that was set anew', async () => {
    const { store } = await filled();
    await readAll(store);
    await store.set('b', valueOf('z'));
    expect(await readAll(store)).toEqual(ALL.with(1, valueOf('z')));
    expect(await readAll(store)).toEqual(ALL.with(1, valueOf('z')));
  });

  it('deletes a file with the last of its values', async () => {
    const { files, values, store } = await filled();
    await readAll(store);
    await store.remove(KEYS.slice(1));
    expect(await store.get('a')).toEqual(valueOf('a'));
    expect(files.files.size).toBe(1);
    await store.remove(['a']);
    expect(files.files.size).toBe(0);
    expect(await values.keys()).toEqual([]);
  });

  it('deletes the file of a page that ended before its values named it', async () => {
    const { files, store } = await filled();
    await files.write('left behind', []);
    await readAll(store);
    expect([...files.files.keys()]).not.toContain('left behind');
    expect(files.files.size).toBe(1);
  });

  it.each([
    ['gone', (files: MemoryPackFiles) => { files.files.clear(); }],
    ['cut off', (files: MemoryPackFiles) => { for (const [name, bytes] of files.files) files.files.set(name, bytes.slice(0, 1000)); }],
  ] as const)('counts what lay in a file that is %s as missing', async (_, harm) => {
    const { files, store } = await filled([...KEYS, 'later']);
    await readAll(store);
    harm(files);
    expect(await readAll(store)).toEqual(KEYS.map(() => undefined));
    expect(await store.keys()).toEqual(['later']);
    expect(await store.get('later')).toEqual(valueOf('later'));
    await store.set('a', valueOf('a')); // computed anew
    expect(await store.get('a')).toEqual(valueOf('a'));
  }); // prettier-ignore

  it('reads on where there is no room, or no such file system', async () => {
    const { files, values, store } = await filled();
    files.isFull = true;
    expect(await readAll(store)).toEqual(ALL);
    const without = new PackingStore(values, () => Promise.resolve(null), inTurn());
    expect(await readAll(without)).toEqual(ALL);
    files.isFull = false;
    values.isFull = true; // the file can be written, the values not replaced
    expect(await readAll(store)).toEqual(ALL);
    expect(await readAll(store)).toEqual(ALL);
  });
});
