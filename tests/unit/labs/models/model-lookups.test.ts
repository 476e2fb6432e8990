import { describe, expect, it } from 'vitest';
import { chosenFolder, fileSource } from '../../../../src/sources/blob-source.ts';
import type { HubFiles } from '../../../../src/labs/models/open-checkpoint-files.ts';
import { ModelLookups, type LookupParts } from '../../../../src/labs/models/model-lookups.ts';
import { madeUpFiles, memoryFiles } from '../../../support/checkpoint-fixtures.ts';
import { DEVICE } from '../../../support/made-up-lab.ts';

function hubFiles(label: string): HubFiles {
  const files = madeUpFiles();
  const listed = Object.entries(files).map(([path, bytes]) => ({
    path,
    bytes: Buffer.byteLength(bytes),
    sha256: null,
  }));
  return { ...memoryFiles(files, label), commit: '1'.repeat(40), files: listed };
}

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
const quiet = (): void => undefined;

describe('ModelLookups', () => {
  it('describes a checkpoint without its weights', async () => {
    const files = hubFiles('made/up@main');
    const open: HubFiles['open'] = (file) =>
      file.endsWith('.safetensors') ? Promise.reject(new Error('weights were opened')) : files.open(file);
    const { config, advice, weightBytes, ...rest } = await lookups({
      openHub: () => Promise.resolve({ ...files, open }),
    }).inspect(address, access, quiet);
    expect(config).toMatchObject({ family: 'olmo3', layers: 3, hiddenSize: 32 });
    expect(rest).toMatchObject({ label: 'made/up@main', address: { commit: '1'.repeat(40) }, hasTokenizer: true });
    expect(weightBytes).toBeGreaterThan(10_000);
    expect(advice.recommended).toBe('float32');
    expect(structuredClone(rest)).toEqual(rest);
  });

  it('picks a ladder out of the branches that there are', async () => {
    const one = lookups();
    expect(await one.ladders()).toMatchObject([{ id: 'made-up', repos: ['made/up'] }]);
    expect(await one.pickLadder('made-up', access, quiet)).toMatchObject([{ revision: 'main', stage: 'sft' }]);
    await expect(one.pickLadder('nowhere', access, quiet)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('ends a look-up when a newer one of its kind begins, or when it is told to', async () => {
    const one = lookups({
      listRefs: (repo, { signal }) =>
        repo === 'slow/repo'
          ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))))
          : Promise.resolve([]),
    });
    const slow = one.refs('slow/repo', access, quiet);
    expect(await one.refs('made/up', access, quiet)).toEqual([]);
    await expect(slow).rejects.toThrow('ended');
    const second = one.refs('slow/repo', access, quiet);
    await one.stopLooking();
    await expect(second).rejects.toThrow('ended');
  });
});
