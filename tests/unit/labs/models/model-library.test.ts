import { createHash } from 'node:crypto';
import { TextReader, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { chosenFolder, fileSource } from '../../../../src/sources/blob-source.ts';
import { modelFolderName } from '../../../../src/sources/opfs-models.ts';
import type { ConvertRequest, LibraryProgress } from '../../../../src/labs/models/models-messages.ts';
import type { HubFiles } from '../../../../src/labs/models/open-checkpoint-files.ts';
import { ModelLibrary, type ModelLibraryParts } from '../../../../src/labs/models/model-library.ts';
import { ModelLookups, type LookupParts } from '../../../../src/labs/models/model-lookups.ts';
import { MADE_UP_CONFIG, madeUpFiles, memoryFiles } from '../../../support/checkpoint-fixtures.ts';
import { DEVICE, mapStore } from '../../../support/made-up-lab.ts';
import { MemoryModels } from '../../../support/memory-models.ts';

const NAME = 'made.up@main.q8-32';
const TIMEOUT = 30_000; // ms; models are converted, on a machine that may be busy

let saved: MemoryModels;
let unfinished: ReturnType<typeof mapStore>;
let seed: number; // of the weights that the Hub's main branch has
let asked: string[]; // revisions
let written: Uint8Array[];

beforeEach(() => {
  [saved, unfinished, seed, asked, written] = [new MemoryModels(), mapStore(), 1, [], []];
});

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function hubFiles(label: string): HubFiles {
  const files = madeUpFiles(MADE_UP_CONFIG, seed);
  const digests = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, sha256(bytes)]));
  const listed = Object.entries(files).map(([path, bytes]) => ({
    path,
    bytes: Buffer.byteLength(bytes),
    sha256: digests[path] ?? null,
  }));
  return { ...memoryFiles(files, label), commit: String(seed).repeat(40), files: listed };
}

const library = (changes: Partial<ModelLibraryParts> = {}): ModelLibrary =>
  new ModelLibrary({
    models: () => Promise.resolve(saved),
    unfinished,
    folderName: modelFolderName,
    openHub: (repo, revision) => {
      asked.push(revision);
      return Promise.resolve(hubFiles(`${repo}@${revision}`));
    },
    folderFiles: chosenFolder,
    fileSource,
    packTarget: () => {
      const sink = new WritableStream<Uint8Array>({ write: (chunk) => void written.push(chunk) });
      return Promise.resolve({ writable: sink, finished: () => Promise.resolve(null) });
    },
    exportFolder: () => Promise.reject(new Error('no folder was picked')),
    ...changes,
  });

const lookups = (changes: Partial<LookupParts> = {}): ModelLookups =>
  new ModelLookups({
    openHub: (repo, revision) => Promise.resolve(hubFiles(`${repo}@${revision}`)),
    folderFiles: chosenFolder,
    fileSource,
    fetchLadder: () => Promise.reject(new Error('no ladder was asked for')),
    listRefs: () => Promise.resolve([{ kind: 'branch', name: 'main', commit: '1'.repeat(40) }]),
    hubLadders: () =>
      Promise.resolve([
        {
          id: 'made-up',
          name: 'Made up',
          description: '',
          entries: [{ kind: 'named', repo: 'made/up', revision: 'main', stage: 'sft', step: null, tokens: null }],
        },
      ]),
    inspectDevice: () => Promise.resolve(DEVICE),
    memoryBytes: 8 * 2 ** 30,
    ...changes,
  });

const access = { hubUrl: null, accessToken: null };
const address = { kind: 'hub', repo: 'made/up', revision: 'main', commit: null } as const;
const request: ConvertRequest = { address, access, precision: 'q8', blockSize: 32 };
const quiet = (): void => undefined;

describe('ModelLibrary', { timeout: TIMEOUT }, () => {
  it('converts, lists, and is done at once the second time', async () => {
    const progress: LibraryProgress[] = [];
    const one = library();
    expect(await one.convert(request, (step) => progress.push(step))).toBe(NAME);
    expect(progress[0]).toMatchObject({ phase: 'listing' });
    expect(progress.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['weights', 'checking']));
    expect(await one.list()).toMatchObject([
      { name: NAME, label: 'made/up@main', precision: 'q8', isComplete: true, unfinished: null },
    ]);
    const again: LibraryProgress[] = [];
    expect(await one.convert(request, (step) => again.push(step))).toBe(NAME);
    expect(again.some(({ phase }) => phase === 'weights')).toBe(false);
  });

  it('stops, says what was begun and where, and goes on at that commit', async () => {
    const one = library();
    const stopped = one.convert(request, ({ phase, doneBytes }) => {
      if (phase === 'weights' && doneBytes > 0) void one.interrupt();
    });
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    const [model] = await one.list();
    expect(model).toMatchObject({ label: 'made/up@main', precision: 'q8', isComplete: false });
    expect(model?.unfinished?.from).toMatchObject({ kind: 'hub', repo: 'made/up', commit: '1'.repeat(40) });
    const pinned = { ...request, address: { ...address, commit: '1'.repeat(40) } };
    const progress: LibraryProgress[] = [];
    expect(await one.convert(pinned, (step) => progress.push(step))).toBe(NAME);
    expect(asked).toEqual(['main', '1'.repeat(40)]);
    expect(progress.find(({ phase }) => phase === 'weights')?.doneBytes).toBeGreaterThan(0);
    expect(await one.list()).toMatchObject([{ label: 'made/up@main', isComplete: true, unfinished: null }]);
  });

  it('leaves a model of an older commit alone', async () => {
    const one = library();
    await one.convert(request, quiet);
    seed = 2;
    const newer = await one.convert(request, quiet);
    expect(newer).toBe('made.up@main.22222222.q8-32');
    expect((await one.list()).map(({ isComplete }) => isComplete)).toEqual([true, true]);
  });

  it('tells what it waits for', async () => {
    const progress: LibraryProgress[] = [];
    const one = library({
      openHub: (repo, _, { onWait }) => {
        onWait({ kind: 'retry', afterMs: 1500, reason: 'the Hub answered 429' });
        onWait({ kind: 'resumed' });
        return Promise.resolve(hubFiles(repo));
      },
    });
    await one.convert(request, (step) => progress.push(step));
    const waits = progress.slice(0, 3).map(({ waiting }) => waiting);
    expect(waits).toEqual([null, 'the Hub answered 429; retrying in 2 s', null]);
  });

  it('takes a model elsewhere as a pack, and another model of its name beside it', async () => {
    const one = library();
    await one.convert(request, quiet);
    const progress: LibraryProgress[] = [];
    expect(await one.savePack(NAME, null, (step) => progress.push(step))).toBeNull();
    expect(progress.at(-1)?.doneBytes).toBeGreaterThan(progress.at(-1)?.totalBytes ?? Infinity); // names and checksums too
    const pack = new File(written as Uint8Array<ArrayBuffer>[], 'renamed.zip');
    expect(await one.installPack({ file: pack }, quiet)).toBe(NAME); // it is there
    await one.remove(NAME);
    expect(await one.list()).toEqual([]);
    seed = 2;
    await one.convert(request, quiet);
    const name = await one.installPack({ file: pack }, quiet);
    expect(name).toMatch(/^made\.up@main\.[0-9a-f]{8}\.q8-32$/);
    expect((await one.list()).map(({ isComplete }) => isComplete)).toEqual([true, true]);
  });

  it('reads a folder where it lies, and tells two of one name apart', async () => {
    const one = library();
    const folder = (lastModified: number): ConvertRequest['address'] => ({
      kind: 'folder',
      name: 'mine',
      files: Object.entries(madeUpFiles()).map(([path, bytes]) => ({
        path,
        file: new File([bytes as Uint8Array<ArrayBuffer>], path, { lastModified }),
      })),
    });
    const first = await one.convert({ ...request, address: folder(1) }, quiet);
    const second = await one.convert({ ...request, address: folder(2) }, quiet);
    expect(first).toMatch(/^mine\.[0-9a-f]{8}\.q8-32$/);
    expect(second).not.toBe(first);
    expect((await lookups().inspect(folder(1), access, quiet)).label).toBe('mine');
    const resuming = { ...request, resuming: first };
    expect(await one.convert({ ...resuming, address: folder(1) }, quiet)).toBe(first);
    await expect(one.convert({ ...resuming, address: folder(3) }, quiet)).rejects.toThrow('mine has changed');
    expect(await one.list()).toHaveLength(2);
  });

  it('reads a checkpoint’s ZIP where it lies, and tells it from a pack', async () => {
    const one = library();
    const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
    for (const [path, bytes] of Object.entries(madeUpFiles())) {
      await writer.add(`mine/${path}`, typeof bytes === 'string' ? new TextReader(bytes) : new Uint8ArrayReader(bytes));
    }
    const file = new File([await writer.close()], 'mine.zip', { lastModified: 1 });
    expect(await lookups().zipKind(file)).toBe('checkpoint');
    const inspection = await lookups().inspect({ kind: 'zip', file }, access, quiet);
    expect(inspection).toMatchObject({ label: 'mine', hasTokenizer: true, config: { layers: 3 } });
    expect(await one.convert({ ...request, address: { kind: 'zip', file } }, quiet)).toMatch(
      /^mine\.[0-9a-f]{8}\.q8-32$/,
    );
    await one.savePack((await one.list())[0]?.name ?? '', null, quiet);
    expect(await lookups().zipKind(new File(written as Uint8Array<ArrayBuffer>[], 'pack.zip'))).toBe('pack');
  });

  it('says which model has no tokenizer', async () => {
    const { 'config.json': config = '', 'model.safetensors': weights = '' } = madeUpFiles();
    const files = { 'config.json': config, 'model.safetensors': weights };
    const one = library({ folderFiles: () => memoryFiles(files, 'mute') });
    const mute = { ...request, address: { kind: 'folder', name: 'mute', files: [] } } as const;
    const [name, other] = [await one.convert(mute, quiet), await one.convert(request, quiet)];
    const listed = await one.list();
    expect(listed.find((model) => model.name === name)).toMatchObject({ isComplete: true, hasTokenizer: false });
    expect(listed.find((model) => model.name === other)).toMatchObject({ isComplete: true, hasTokenizer: true });
  });

  it('goes on with the next job after one that failed', async () => {
    const one = library();
    const failing = one.installPack({ file: new File(['no pack'], 'no.zip') }, quiet);
    const working = one.convert(request, quiet);
    await expect(failing).rejects.toMatchObject({ code: 'format' });
    expect(await working).toBe(NAME);
  });
});
