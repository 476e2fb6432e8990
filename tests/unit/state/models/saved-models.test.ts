import { beforeEach, describe, expect, test } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import type { LibraryClient } from '../../../../src/rpc/clients.ts';
import { HubForm } from '../../../../src/state/models/hub-form.svelte.ts';
import { HubLadders } from '../../../../src/state/models/hub-ladders.svelte.ts';
import { canGoOn, Library } from '../../../../src/state/models/saved-models.svelte.ts';
import type {
  CheckpointInspection,
  ConvertRequest,
  SavedModel,
  LibraryProgress,
} from '../../../../src/labs/models/models-messages.ts';
import { DEVICE, INTERRUPTED, LADDER, last, settle } from '../../../support/fake-steer-client.ts';

interface Call<A, T> {
  readonly asked: A;
  readonly resolve: (value: T) => void;
  readonly reject: (error: LabError) => void;
}

/** A library whose answers the test gives by hand. */
class FakeLibrary implements LibraryClient {
  models: SavedModel[] = [];
  readonly conversions: (Call<ConvertRequest, string> & { readonly progress: (step: LibraryProgress) => void })[] = [];
  readonly inspections: Call<Parameters<LibraryClient['inspect']>, CheckpointInspection>[] = [];
  readonly exports: Call<Parameters<LibraryClient['exportModel']>, File | null>[] = [];
  readonly removed: string[] = [];
  interrupts = 0;

  device: LibraryClient['device'] = () => Promise.resolve(DEVICE);
  builtInLadder: LibraryClient['builtInLadder'] = () => Promise.resolve(LADDER);
  list: LibraryClient['list'] = () => Promise.resolve(this.models);
  storage: LibraryClient['storage'] = () => Promise.resolve({ usedBytes: 1, quotaBytes: 2, persisted: false });
  remove: LibraryClient['remove'] = (name) => {
    this.removed.push(name);
    return Promise.resolve();
  };
  ladders: LibraryClient['ladders'] = () =>
    Promise.resolve([{ id: 'a', name: 'A', description: '', repos: ['one/x', 'two/y', 'one/x'] }]);
  refs: LibraryClient['refs'] = () => Promise.resolve([{ kind: 'branch', name: 'main', commit: 'c'.repeat(40) }]);
  pickLadder: LibraryClient['pickLadder'] = () => Promise.resolve([]);
  inspect: LibraryClient['inspect'] = (...asked) =>
    new Promise((resolve, reject) => this.inspections.push({ asked, resolve, reject }));
  zipKind: LibraryClient['zipKind'] = (file) => Promise.resolve(file.name.startsWith('pack') ? 'pack' : 'checkpoint');
  stopLooking: LibraryClient['stopLooking'] = () => Promise.resolve();
  convert: LibraryClient['convert'] = (asked, progress) =>
    new Promise((resolve, reject) => this.conversions.push({ asked, progress, resolve, reject }));
  addLadder: LibraryClient['addLadder'] = (name) => Promise.resolve({ id: name, name, description: '', repos: [] });
  activations: LibraryClient['activations'] = () => Promise.resolve([]);
  removeActivations: LibraryClient['removeActivations'] = () => Promise.resolve();
  activationsFile: LibraryClient['activationsFile'] = () => Promise.resolve(new File([], 'a.safetensors'));
  installPack: LibraryClient['installPack'] = () => Promise.resolve('packed');
  savePack: LibraryClient['savePack'] = () => Promise.resolve(new File(['zip'], 'mine.zip'));
  exportModel: LibraryClient['exportModel'] = (...asked) =>
    new Promise((resolve, reject) => this.exports.push({ asked, resolve, reject }));
  interrupt: LibraryClient['interrupt'] = () => {
    this.interrupts++;
    return Promise.resolve();
  };
}

const request: ConvertRequest = {
  address: { kind: 'hub', repo: 'one/x', revision: 'main', commit: null },
  access: { hubUrl: null, accessToken: null },
  precision: 'q4',
  blockSize: 64,
};
const commit = 'd'.repeat(40);
const half: SavedModel = {
  ...{ name: 'one.x@main.q4-64', label: 'one/x@main', precision: 'q4', bytes: 5, changed: 1, lastUsed: null },
  isComplete: false,
  hasTokenizer: true,
  unfinished: {
    label: 'one/x@main',
    from: { kind: 'hub', repo: 'one/x', revision: 'main', commit, hubUrl: 'http://localhost:1' },
    precision: 'q4',
    blockSize: 64,
  },
};

let client: FakeLibrary;
let library: Library;
let downloads: string[];
let reopened: string[]; // what the visitor agreed to have read again

beforeEach(() => {
  client = new FakeLibrary();
  downloads = [];
  reopened = [];
  library = new Library(client, {
    persist: () => Promise.resolve(false),
    download: (file) => void downloads.push(file.name),
    reopen: (handle) => {
      if (reopened.includes(handle.name)) return Promise.resolve({ kind: 'folder', name: handle.name, files: [] });
      return Promise.reject(new LabError('storage', `${handle.name} may not be read`, 'Agree.'));
    },
  });
});

describe('the library', () => {
  test('converts, tells how far it is, and lists what it got', async () => {
    const converting = library.convert(request, 'one/x@main');
    const step = { phase: 'weights', doneBytes: 1, totalBytes: 4, what: 'w', waiting: null } as const;
    last(client.conversions).progress(step);
    expect(library.job).toMatchObject({ kind: 'running', title: 'one/x@main in q4', progress: step });
    await library.convert(request, 'another'); // one at a time
    expect(client.conversions).toHaveLength(1);
    client.models = [{ ...half, isComplete: true, unfinished: null }];
    last(client.conversions).resolve(half.name);
    await converting;
    expect(library.job).toMatchObject({ kind: 'done', model: half.name });
    expect(library.openable.map(({ name }) => name)).toEqual([half.name]);
    client.models = [{ ...half, isComplete: true, unfinished: null, hasTokenizer: false }];
    await library.load();
    expect(library.openable).toEqual([]);
  });

  test('stopped is no failure; what is half there goes on at its commit, with the token that is there now', async () => {
    const converting = library.convert(request, 'one/x@main');
    await library.stop();
    expect(client.interrupts).toBe(1);
    expect(library.job).toMatchObject({ kind: 'running', stopping: true });
    client.models = [half];
    last(client.conversions).reject(INTERRUPTED);
    await converting;
    expect(library.job.kind).toBe('stopped');
    expect(library.openable).toEqual([]);
    void library.goOn(half, 'hf_token');
    expect(last(client.conversions).asked).toEqual({
      ...request,
      address: { kind: 'hub', repo: 'one/x', revision: 'main', commit },
      access: { hubUrl: 'http://localhost:1', accessToken: 'hf_token' },
    });
  });

  test('goes on with a folder that the browser can reach again, once the visitor agrees', async () => {
    const handle = { kind: 'directory', name: 'mine' } as FileSystemDirectoryHandle;
    const begunFrom = (from: NonNullable<SavedModel['unfinished']>['from']): SavedModel => {
      return { ...half, unfinished: { label: 'mine', from, precision: 'q4', blockSize: 64 } };
    };
    const model = begunFrom({ kind: 'folder', name: 'mine', handle });
    expect(canGoOn(model)).toBe(true);
    expect(canGoOn(begunFrom({ kind: 'folder', name: 'mine' }))).toBe(false);
    await library.goOn(model, null);
    const { job } = library;
    if (job.kind !== 'failed') throw new Error(`the job is ${job.kind}`);
    expect(job.error.message).toBe('mine may not be read');
    expect(client.conversions).toHaveLength(0);
    reopened.push('mine');
    job.retry();
    await settle();
    expect(last(client.conversions).asked).toMatchObject({
      address: { kind: 'folder', name: 'mine' },
      resuming: model.name,
      precision: 'q4',
      blockSize: 64,
    });
  });

  test('a failure can be tried again', async () => {
    const converting = library.convert(request, 'one/x@main');
    last(client.conversions).reject(new LabError('storage', 'the disk is full', 'Free some space.'));
    await converting;
    const { job } = library;
    if (job.kind !== 'failed') throw new Error(`the job is ${job.kind}`);
    expect(job.error.message).toBe('the disk is full');
    job.retry();
    expect(client.conversions).toHaveLength(2);
  });

  test('hands out a pack that the browser could not ask a place for', async () => {
    await library.savePack(half, null);
    expect(downloads).toEqual(['mine.zip']);
  });

  test('an export that is stopped does not go on; one that is done is handed out', async () => {
    const stopped = library.exportModel(half, null);
    last(client.exports).reject(INTERRUPTED);
    await stopped;
    expect(library.job).toMatchObject({ kind: 'stopped', goesOn: false });
    const done = library.exportModel(half, null);
    last(client.exports).resolve(new File(['zip'], 'mine.transformers-js.zip'));
    await done;
    expect(downloads).toEqual(['mine.transformers-js.zip']);
  });

  test('says when the browser does not agree to keep it all', async () => {
    await library.persist();
    expect(library.storageNote).toContain('declined');
  });
});

describe('the form', () => {
  test('asks nothing while it is incomplete, and drops what it was asked before', async () => {
    const form = new HubForm(client);
    await form.inspectHub();
    expect(form.inspection).toMatchObject({ kind: 'failed', error: { code: 'bad-request' } });
    expect(client.inspections).toHaveLength(0);
    form.fill('one/x', 'main');
    void form.inspectHub();
    form.fill('two/y', 'main');
    void form.inspectHub();
    const [older, newer] = client.inspections;
    newer?.resolve({
      label: 'two/y@main',
      advice: { recommended: 'q4', options: [] },
    } as unknown as CheckpointInspection);
    older?.resolve({ label: 'one/x@main' } as CheckpointInspection);
    await settle();
    expect(form.inspection).toMatchObject({ kind: 'ready', value: { label: 'two/y@main' } });
    expect(form.precision).toBe('q4');
    form.choosePrecision('q8');
    expect(form.request()).toMatchObject({ precision: 'q8', blockSize: 32 });
  });

  test('names who is asked, and sends the token there alone', async () => {
    const form = new HubForm(client);
    expect(form.host).toBe('huggingface.co');
    [form.repo, form.hubUrl, form.token] = ['one/x', ' http://localhost:8080 ', ' hf_a '];
    expect(form.host).toBe('localhost:8080');
    void form.inspectHub();
    await settle();
    expect(last(client.inspections).asked[1]).toEqual({ hubUrl: 'http://localhost:8080', accessToken: 'hf_a' });
  });
});

test('a changed list is there in the next visit, and goes back to what the rule came to', async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  };
  const before = new HubLadders(client, storage);
  await before.pick('a', request.access);
  expect(before.isEdited('a')).toBe(false);
  await before.add('a', 'one/x', 'main', request.access);
  const after = new HubLadders(client, storage);
  expect(after.picksOf('a')).toMatchObject({ kind: 'ready', value: [{ repo: 'one/x', revision: 'main' }] });
  expect(after.isEdited('a')).toBe(true);
  after.revert('a');
  expect(after.picksOf('a')).toEqual({ kind: 'ready', value: [] });
  expect(new HubLadders(client, storage).picksOf('a').kind).toBe('idle'); // nothing is kept of it
  for (const key of kept.keys()) kept.set(key, '{"version":1,"ladders":{"a":{"picks":[7]}}}');
  expect(new HubLadders(client, storage).picksOf('a').kind).toBe('idle');
});

test('a ladder’s list can be changed', async () => {
  const ladders = new HubLadders(client);
  await ladders.load();
  expect(ladders.repos).toEqual(['one/x', 'two/y']);
  await ladders.pick('a', request.access);
  await ladders.add('a', 'one/x', 'main', request.access);
  await ladders.add('a', 'one/x', 'main', request.access); // once is enough
  await expect(ladders.add('a', 'one/x', 'nowhere', request.access)).rejects.toMatchObject({ code: 'not-found' });
  const picks = ladders.picksOf('a');
  if (picks.kind !== 'ready') throw new Error(`the picks are ${picks.kind}`);
  expect(picks.value).toMatchObject([{ repo: 'one/x', revision: 'main', commit: 'c'.repeat(40) }]);
  ladders.remove('a', picks.value[0] as (typeof picks.value)[number]);
  expect(ladders.picksOf('a')).toEqual({ kind: 'ready', value: [] });
});
