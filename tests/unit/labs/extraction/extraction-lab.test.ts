import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { MemoryBlobStore } from '../../../../src/engine/streamed/blob-store.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import {
  aboutActivations,
  ActivationLibrary,
  type ActivationAbout,
} from '../../../../src/labs/extraction/activation-library.ts';
import type { StoredActivations } from '../../../../src/labs/extraction/activation-store.ts';
import { ExtractionLab, type ExtractionParts } from '../../../../src/labs/extraction/extraction-lab.ts';
import type {
  ExtractionPlan,
  ExtractionProgress,
  ExtractionRequest,
} from '../../../../src/labs/extraction/extraction-messages.ts';
import type { SourceRef } from '../../../../src/labs/models/checkpoint-ref.ts';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { readFloat32, readSafetensorsHeader } from '../../../../src/formats/bytes/safetensors.ts';
import { madeUpFiles, memoryFiles } from '../../../support/checkpoint-fixtures.ts';
import { countingFiles, type ReadRange } from '../../../support/counting-files.ts';
import { whileThere } from '../../../support/while-there.ts';

const TIMEOUT = 60_000; // ms; extractions on a machine that may be busy
const ACCESS = { hubUrl: null, accessToken: null };
const places: readonly SourceRef[] = ['step1', 'step2'].map((revision, index) => ({
  ...{ kind: 'hub', repo: 'made-up/olmo', revision },
  commit: String(index + 1).repeat(40),
}));
const request: ExtractionRequest = {
  title: 'Made up',
  checkpoints: places,
  promptSets: [
    { kind: 'built-in', file: 'set.jsonl' },
    { kind: 'own', name: 'own.txt', text: 'Hello\n\nWhat is a lake, then?\n' },
  ],
  template: 'raw',
  layers: [2, 0],
  pooling: 'mean',
  precision: 'float32',
};
const isWeights = ({ file, start }: ReadRange): boolean => file === 'model.safetensors' && start > 8;

/** A browser's storage, which outlives its pages. */
class Storage {
  readonly jobs = new Map<string, unknown>();
  readonly activations = new Map<string, { value: unknown; about: ActivationAbout }>();
  readonly blobs = new MemoryBlobStore();
  clears = 0;
  room = Infinity; // activations that fit
}

/** A page on that storage. `onRead` may fail a read, or hold it up for ever. */
function page(
  storage: Storage,
  onRead: (label: string, range: ReadRange) => void | Promise<void> = () => undefined,
  isGone = (): boolean => false,
) {
  const reads: ReadRange[] = [];
  const files = new Map<string, CheckpointFiles>(
    places.map((_, index) => {
      const label = `step${index + 1}`;
      return [label, memoryFiles(madeUpFiles(undefined, index + 1), `made-up/olmo@${label}`)] as const;
    }),
  );
  const parts: ExtractionParts = {
    jobs: {
      get: (key) => Promise.resolve(storage.jobs.get(key)),
      set: (key, value) => Promise.resolve(void storage.jobs.set(key, structuredClone(value))),
    },
    activations: (collection) => ({
      get: (key) => Promise.resolve(storage.activations.get(key)?.value),
      has: (key) => Promise.resolve(storage.activations.has(key)),
      set: (key, value) => {
        if (storage.activations.size >= storage.room) {
          return Promise.reject(new LabError('storage', 'There is no room left.', 'Delete something.'));
        }
        storage.activations.set(key, { value, about: aboutActivations(value, collection, 5) });
        return Promise.resolve();
      },
    }),
    unfinished: {
      open: () => Promise.resolve(whileThere(storage.blobs, isGone)),
      clear: async () => {
        storage.clears++;
        for (const name of storage.blobs.names) await storage.blobs.delete(name);
      },
    },
    openRuntime: (threads) => Promise.resolve(openNodeRuntime(threads)),
    openCheckpoints: () => ({
      open: (place) => {
        const label = place.kind === 'hub' ? place.revision : '';
        const found = files.get(label);
        if (found === undefined) return Promise.reject(new LabError('not-found', `no ${label}`, 'Choose another.'));
        const counted = countingFiles(found, (range) => {
          reads.push(range);
          return onRead(label, range);
        });
        return Promise.resolve({ commit: place.kind === 'hub' ? (place.commit ?? '') : '', files: counted.files });
      },
      close: () => undefined,
    }),
    promptFile: () => Promise.resolve(new TextEncoder().encode('{"text": "How do I bake bread?"}\n')),
    inspectDevice: () =>
      Promise.resolve({ webgpu: null, wasmThreads: 4, crossOriginIsolated: true, jspi: false, auto: 'wasm', reason: '' }), // prettier-ignore
    exclusively: (job) => job(),
    waitFor: () => Promise.resolve(),
  };
  const seen: ExtractionProgress[] = [];
  return {
    lab: new ExtractionLab(parts),
    reads,
    seen,
    parts,
    onProgress: (p: ExtractionProgress) => void seen.push(p),
  };
}

const planOn = (lab: ExtractionLab, change: Partial<ExtractionRequest> = {}): Promise<ExtractionPlan> =>
  lab.plan({ ...request, ...change }, ACCESS, () => undefined);

const values = ({ activations }: Storage): Record<string, number[]> =>
  Object.fromEntries([...activations].map(([key, { value }]) => [key, [...(value as StoredActivations).values]]));

async function undisturbed(): Promise<Storage> {
  const storage = new Storage();
  const { lab, onProgress } = page(storage);
  await lab.start(await planOn(lab), ACCESS, onProgress);
  return storage;
}

describe('an extraction', { timeout: TIMEOUT }, () => {
  it('is planned from one checkpoint, without a weight', async () => {
    const { lab, reads } = page(new Storage());
    const plan = await planOn(lab);
    expect(plan).toMatchObject({
      ...{ sample: 'made-up/olmo@step1', checkpoints: 2, modelLayers: 3, units: 4, unitsStored: 0, checkpointsLeft: 2 },
      ...{ provider: 'wasm', threads: 1, resultBytes: 2 * 3 * 2 * 32 * 4 },
      promptSets: [{ name: 'set', prompts: 1 }, { name: 'own', prompts: 2 }], // prettier-ignore
    });
    expect(plan.request.layers).toEqual([0, 2]);
    expect(plan.bytesToFetch).toBeGreaterThan(0);
    expect(plan.bytesToFetch).toBeLessThan(plan.checkpointBytes);
    expect(reads.filter(isWeights)).toEqual([]);
    expect((await planOn(lab, { layers: 'study' })).request.layers).toEqual([1]);
    expect((await planOn(lab, { layers: 'all' })).request.layers).toEqual([0, 1, 2]);
  });

  it.each([
    ['no prompt set', { promptSets: [] }, /No prompt set/],
    ['no checkpoint', { checkpoints: [] }, /No checkpoint/],
    ['a layer that is not there', { layers: [3] }, /no layer 3/],
    ['float16 on a CPU', { precision: 'float16' }, /float16/],
    ['a file without prompts', { promptSets: [{ kind: 'own', name: 'a.txt', text: '\n' }] }, /a\.txt has no prompts/],
  ] as const)('says what speaks against %s', async (_, change, message) => {
    await expect(planOn(page(new Storage()).lab, change)).rejects.toThrow(message);
  });

  it('stores every unit, leaves a record of its end, and plans the rest alone', async () => {
    const storage = await undisturbed();
    expect(storage.activations.size).toBe(2 * 2 * 2);
    expect(storage.blobs.names).toEqual([]);
    const { lab } = page(storage);
    expect(await lab.current()).toMatchObject({ title: 'Made up', state: 'done', failures: [], needsToken: false });
    expect(await planOn(lab)).toMatchObject({ unitsStored: 4, checkpointsLeft: 0, resultBytes: 0 });
    await lab.cancel(); // dismissed
    expect(await lab.current()).toBeNull();
  });

  it('goes on after its page ended, wherever that was, to the same bytes', async () => {
    const expected = values(await undisturbed());
    const storage = new Storage();
    let [stopAt, count] = [4, 0];
    let isGone = false;
    const first = page(
      storage,
      (_, range) => {
        if (isWeights(range) && ++count > stopAt) return new Promise(() => undefined);
      },
      () => isGone,
    );
    void first.lab.start(await planOn(first.lab), ACCESS, first.onProgress);
    await expect.poll(() => storage.blobs.names.some((name) => name.endsWith('finished')), { timeout: TIMEOUT }).toBe(true); // prettier-ignore
    await expect.poll(() => count, { timeout: TIMEOUT }).toBeGreaterThan(stopAt);
    isGone = true; // what it computes meanwhile is stored no more
    [stopAt, count] = [Infinity, 0];
    const second = page(storage);
    expect(await second.lab.current()).toMatchObject({ state: 'running', needsToken: false, needsLocal: null });
    const ended = await second.lab.resumeJob({ accessToken: null, local: null }, second.onProgress);
    expect(ended).toMatchObject({ state: 'done', failures: [] });
    expect(values(storage)).toEqual(expected);
    expect(second.seen.find(({ pass }) => pass !== null)?.pass?.stage).toBeGreaterThan(0);
  });

  it('is one at a time, can be paused and resumed, and cancelled for good', async () => {
    const storage = new Storage();
    const { lab, seen, onProgress } = page(storage);
    const plan = await planOn(lab);
    let begun = false;
    const run = lab.start(plan, ACCESS, (progress) => {
      onProgress(progress);
      if (progress.pass === null || begun) return;
      begun = true;
      void lab.pause();
    });
    await expect.poll(() => seen.at(-1)?.status, { timeout: TIMEOUT }).toBe('paused');
    await expect.poll(async () => (await lab.current())?.state).toBe('paused');
    await expect(lab.start(plan, ACCESS, onProgress)).rejects.toThrow(/An extraction is already in progress: Made up/);
    await lab.resume();
    await expect.poll(async () => (await lab.current())?.state).not.toBe('paused');
    await lab.cancel();
    expect(await run).toBeNull();
    expect(await lab.current()).toBeNull();
    expect(storage.blobs.names).toEqual([]);
  });

  it('keeps no access token, and asks for it again', async () => {
    const storage = new Storage();
    const { lab, onProgress } = page(storage, (label) => {
      if (label === 'step2') throw new LabError('device', 'The GPU was lost.', 'Go on.');
    });
    const ended = await lab.start(await planOn(lab), { hubUrl: null, accessToken: 'hf_secret' }, onProgress);
    expect(ended).toMatchObject({ state: 'failed', needsToken: true, error: { message: 'The GPU was lost.' } });
    expect(JSON.stringify([...storage.jobs])).not.toContain('hf_secret');
    const next = page(storage);
    await expect(next.lab.resumeJob({ accessToken: null, local: null }, onProgress)).rejects.toThrow(/access token/);
    expect(await next.lab.resumeJob({ accessToken: 'hf_secret', local: null }, onProgress)).toMatchObject({
      state: 'done',
    });
  });

  it('ends clearly where the disk is full, and loses nothing', async () => {
    const storage = new Storage();
    storage.room = 4;
    const { lab, onProgress } = page(storage);
    const ended = await lab.start(await planOn(lab), ACCESS, onProgress);
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'storage', message: 'There is no room left.' } });
    expect(storage.activations.size).toBe(4);
    storage.room = Infinity;
    expect(await lab.resumeJob({ accessToken: null, local: null }, onProgress)).toMatchObject({ state: 'done' });
    expect(values(storage)).toEqual(values(await undisturbed()));
  });

  it('says that another tab runs it, and does not run what that tab ended', async () => {
    const storage = await undisturbed();
    const { parts, onProgress, seen, reads } = page(storage);
    const lab = new ExtractionLab({
      ...parts,
      exclusively: async (job, onElsewhere) => {
        onElsewhere();
        await parts.jobs.set('current', { ...(storage.jobs.get('current') as object), state: 'done' });
        return job();
      },
    });
    expect(await lab.resumeJob({ accessToken: null, local: null }, onProgress)).toMatchObject({ state: 'done' });
    expect(seen.map(({ status }) => status)).toEqual(['elsewhere']);
    expect(reads).toEqual([]);
  });
});

describe('stored activations', { timeout: TIMEOUT }, () => {
  it('are listed by prompt set, handed out as one file, and deleted', async () => {
    const { activations } = await undisturbed();
    const library = new ActivationLibrary({
      list: () => Promise.resolve([...activations].map(([key, { about }]) => ({ key, about, lastUsed: 7 }))),
      get: (key) => Promise.resolve(activations.get(key)?.value),
      delete: (keys) => {
        for (const key of keys) activations.delete(key);
        return Promise.resolve();
      },
    });
    const sets = await library.activations();
    const own = sets.find(({ promptSet }) => promptSet === 'own');
    expect(sets).toHaveLength(2);
    expect(own).toMatchObject({
      ...{ collection: 'Made up', rows: 2, hidden: 32, layers: [0, 2], bytes: 4 * 2 * 32 * 4, stored: 5, lastUsed: 7 },
      checkpoints: ['made-up/olmo@step1', 'made-up/olmo@step2'],
    });
    const file = await library.activationsFile(own?.id ?? '');
    expect(file.name).toBe('Made-up-own.safetensors');
    const source = bytesSource(file.name, new Uint8Array(await file.arrayBuffer()));
    const { tensors, metadata } = await readSafetensorsHeader(source);
    const entry = tensors.get('made-up/olmo@step2/resid_post.2');
    expect(entry?.shape).toEqual([2, 32]);
    expect(JSON.parse(metadata['commits'] ?? '')).toEqual({ 'made-up/olmo@step1': '1'.repeat(40), 'made-up/olmo@step2': '2'.repeat(40) }); // prettier-ignore
    const kept = [...activations].find(([key, { about }]) => about.promptSet === 'own' && key.includes(`${'2'.repeat(40)}/`) && key.includes('resid_post.2/')); // prettier-ignore
    if (entry === undefined) throw new Error('no tensor');
    expect([...(await readFloat32(source, entry))]).toEqual([...(kept?.[1].value as StoredActivations).values]);
    await library.removeActivations(own?.id ?? '');
    expect((await library.activations()).map(({ promptSet }) => promptSet)).toEqual(['set']);
    await expect(library.activationsFile(own?.id ?? '')).rejects.toThrow(/have been deleted/);
  });
});
