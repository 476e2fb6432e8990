import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { MemoryBlobStore, type BlobStore } from '../../../../src/engine/streamed/blob-store.ts';
import { extractStreamed } from '../../../../src/engine/streamed/extract-streamed.ts';
import type { StreamedProgress } from '../../../../src/engine/streamed/streamed-request.ts';
import type { StreamedOptions } from '../../../../src/engine/streamed/streamed-request.ts';
import { countingFiles } from '../../../support/counting-files.ts';
import {
  LAST,
  openStreamedGolden,
  RUN_TOKENS,
  runtime,
  TIMEOUT,
  stagesOf,
  touchedTensors,
  type StreamedGolden,
} from '../../../support/streamed-golden.ts';

let golden: StreamedGolden;
let files: CheckpointFiles;
beforeAll(async () => {
  golden = await openStreamedGolden();
  ({ files } = golden);
}, TIMEOUT);

const extract = (from: CheckpointFiles, options: StreamedOptions = {}): Promise<ReadonlyMap<number, Float32Array>> =>
  extractStreamed(from, runtime, golden.request, { runTokens: RUN_TOKENS, ...options });

describe('a store', { timeout: TIMEOUT }, () => {
  it('takes residuals that are too many for memory, and gives the same bytes', async () => {
    const store = new MemoryBlobStore();
    expect(await extract(files, { store, residentBytes: 1000 })).toEqual(golden.whole);
    expect(store.names).toEqual([]); // nothing was asked to be kept
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('lets an extraction that was stopped in stage %i go on', async (stopped) => {
    const store = new MemoryBlobStore();
    const stop = new AbortController();
    const onProgress = ({ stage }: StreamedProgress): void => {
      if (stage === stopped) stop.abort();
    };
    const stoppedRun = extract(files, { store, commit: 'c1', signal: stop.signal, onProgress });
    await expect(stoppedRun).rejects.toMatchObject({ code: 'interrupted' });
    const { files: counted, reads } = countingFiles(files);
    expect(await extract(counted, { store, commit: 'c1' })).toEqual(golden.whole);
    const stages = Array.from({ length: 2 * LAST + 2 - stopped }, (_, i) => stopped + i);
    const names = touchedTensors(golden, reads);
    expect(stagesOf(names)).toEqual(new Set(stages));
    expect(names.has('model.embed_tokens.weight')).toBe(stopped === 0);
    expect(store.names).toEqual([]);
  });

  it('goes on wherever the process ended between two writes', async () => {
    const request = { prompts: golden.request.prompts, layers: [0, 1], pooling: 'last' } as const;
    const run = (store: BlobStore): Promise<ReadonlyMap<number, Float32Array>> =>
      extractStreamed(files, runtime, request, { store, commit: 'c1', residentBytes: 1000, runTokens: 128 });
    const undisturbed = await run(new MemoryBlobStore());
    let hasEnded = true;
    let last = 0;
    for (; hasEnded; last++) {
      const store = new MemoryBlobStore();
      let writes = 0;
      const ifAlive = (write: () => Promise<void>): Promise<void> =>
        writes++ < last ? write() : Promise.reject(new Error('the process ended'));
      const ending: BlobStore = {
        get: (name) => store.get(name),
        put: (name, bytes) => ifAlive(() => store.put(name, bytes)),
        delete: (name) => ifAlive(() => store.delete(name)),
      };
      hasEnded = await run(ending).then(
        () => false,
        () => true,
      );
      expect(await run(store)).toEqual(undisturbed);
      expect(store.names, `ended after ${last} writes`).toEqual([]);
    }
    expect(last).toBeGreaterThan(20);
  });

  it('never goes on with another checkpoint’s, other prompts’ or another pooling’s residuals', async () => {
    const store = new MemoryBlobStore();
    const stop = new AbortController();
    const onProgress = ({ layer }: StreamedProgress): void => {
      if (layer === 2) stop.abort();
    };
    await extract(files, { store, commit: 'c1', signal: stop.signal, onProgress }).catch(() => undefined);
    const kept = store.names.length;
    expect(kept).toBeGreaterThan(2);
    const layersRun = async (commit: string, changes: object): Promise<number> => {
      const layers = new Set<number>();
      await extractStreamed(
        files,
        runtime,
        { ...golden.request, ...changes },
        {
          ...{ store, commit, runTokens: RUN_TOKENS },
          onProgress: ({ layer }) => void layers.add(layer),
        },
      );
      return layers.size;
    };
    expect(await layersRun('c2', {})).toBe(5);
    expect(await layersRun('c1', { pooling: 'last' })).toBe(5);
    expect(await layersRun('c1', { prompts: golden.request.prompts.slice(1) })).toBe(5);
    expect(store.names.length).toBe(kept);
    expect(await layersRun('c1', {})).toBe(3);
  });

  it('says what is damaged, and begins anew the next time', async () => {
    const store = new MemoryBlobStore();
    const stop = new AbortController();
    const onProgress = ({ layer }: StreamedProgress): void => {
      if (layer === 2) stop.abort();
    };
    await extract(files, { store, commit: 'c1', signal: stop.signal, onProgress }).catch(() => undefined);
    const blob = store.names.find((name) => name.includes('/resid.3.')) ?? '';
    await store.put(blob, new Uint8Array(3));
    await expect(extract(files, { store, commit: 'c1' })).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('damaged') as string,
    });
    expect(await extract(files, { store, commit: 'c1' })).toEqual(golden.whole);
  });
});
