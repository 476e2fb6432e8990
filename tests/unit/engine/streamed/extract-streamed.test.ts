import { beforeAll, describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { relativeL2 } from '../../../../src/core/vectors.ts';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint-files.ts';
import { openNodeRuntime } from '../../../../src/engine/runtime.node.ts';
import { MemoryBlobStore } from '../../../../src/engine/streamed/blob-store.ts';
import {
  extractStreamed,
  type StreamedOptions,
  type StreamedProgress,
} from '../../../../src/engine/streamed/extract-streamed.ts';
import { StreamedCheckpoint } from '../../../../src/engine/streamed/streamed-checkpoint.ts';
import { readSafetensorsHeader, type TensorEntry } from '../../../../src/formats/safetensors.ts';
import { unequalPrompts } from '../../../parity/streamed-case.ts';
import { goldenFiles, madeUpFiles, madeUpTensors, memoryFiles } from '../checkpoint-fixtures.ts';
import { writeSafetensors } from '../../../../src/formats/safetensors.ts';
import { countingFiles, type ReadRange } from './counting-files.ts';

const runtime = openNodeRuntime(1);
const RUN_TOKENS = 64; // several batches
const LAST = 4; // layer of the fixture olmo3

let files: CheckpointFiles;
let entries: readonly TensorEntry[]; // of the one file of weights
let prompts: number[][];
let whole: ReadonlyMap<number, Float32Array>;
const request = (): { prompts: number[][]; layers: number[]; pooling: 'mean' } => ({
  prompts,
  layers: [1, LAST],
  pooling: 'mean',
});
const extract = (
  from: CheckpointFiles | StreamedCheckpoint,
  options: StreamedOptions = {},
): Promise<ReadonlyMap<number, Float32Array>> =>
  extractStreamed(from, runtime, request(), { runTokens: RUN_TOKENS, ...options });

beforeAll(async () => {
  files = await goldenFiles('olmo3');
  const { tensors } = await readSafetensorsHeader((await files.open('model.safetensors')) ?? fail());
  entries = [...tensors.values()];
  prompts = unequalPrompts(120);
  whole = await extract(files);
});

/** Names of the tensors that the ranges touch. */
function touched(reads: readonly ReadRange[]): Set<string> {
  const ranges = reads.filter(({ file }) => file === 'model.safetensors');
  const isTouched = (entry: TensorEntry): boolean =>
    ranges.some(({ start, end }) => start < entry.end && end > entry.start);
  return new Set(entries.filter(isTouched).map(({ name }) => name));
}

const layersOf = (names: ReadonlySet<string>): Set<string> =>
  new Set([...names].map((name) => /^model\.layers\.(\d+)\./.exec(name)?.[1] ?? name));

describe('what is fetched', () => {
  it('is the embeddings and the layers up to the largest, each byte once, as planned', async () => {
    const { files: counted, reads } = countingFiles(files);
    const checkpoint = await StreamedCheckpoint.open(counted);
    const small = { ...request(), prompts: [[3, 4, 90]], layers: [0, 2] };
    const plan = await checkpoint.plan(small.prompts, small.layers);
    reads.length = 0;
    let fetched = 0;
    const options = { onProgress: (progress: StreamedProgress) => void (fetched = progress.bytesFetched) };
    await extractStreamed(checkpoint, runtime, small, options);
    expect(reads.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(plan.bytesToFetch);
    expect(fetched).toBe(plan.bytesToFetch);
    expect(reads.length).toBe(plan.requests);
    expect(plan.share).toBeLessThan(0.75);
    expect(layersOf(touched(reads))).toEqual(new Set(['model.embed_tokens.weight', '0', '1', '2']));
  });

  it('is the next layer while one runs', async () => {
    const events: string[] = [];
    const { files: counted } = countingFiles(files, (range) => {
      events.push(...[...layersOf(touched([range]))].map((layer) => `fetch ${layer}`));
    });
    const onProgress = ({ layer, done, total }: StreamedProgress): void => {
      if (done === total) events.push(`ran ${layer}`);
    };
    await extract(counted, { onProgress });
    for (let layer = 0; layer < LAST; layer++) {
      const [fetched, ran] = [events.indexOf(`fetch ${layer + 1}`), events.indexOf(`ran ${layer}`)];
      expect(fetched).toBeGreaterThan(-1);
      expect(fetched).toBeLessThan(ran);
    }
    expect(events.indexOf('fetch 3')).toBeGreaterThan(events.indexOf('ran 1')); // and not the one after it
  });
});

describe('a store', () => {
  it('takes residuals that are too many for memory, and gives the same bytes', async () => {
    const store = new MemoryBlobStore();
    expect(await extract(files, { store, residentBytes: 1000 })).toEqual(whole);
    expect(store.names).toEqual([]); // nothing was asked to be kept
  });

  it.each([0, 1, 2, 3, 4])('lets an extraction that was stopped in layer %i go on', async (stopped) => {
    const store = new MemoryBlobStore();
    const stop = new AbortController();
    const onProgress = ({ layer }: StreamedProgress): void => {
      if (layer === stopped) stop.abort();
    };
    const first = extract(files, { store, commit: 'c1', signal: stop.signal, onProgress });
    await expect(first).rejects.toMatchObject({ code: 'interrupted' });
    const { files: counted, reads } = countingFiles(files);
    expect(await extract(counted, { store, commit: 'c1' })).toEqual(whole);
    const left = Array.from({ length: LAST + 1 - stopped }, (_, i) => String(stopped + i));
    expect(layersOf(touched(reads))).toEqual(
      new Set([...(stopped === 0 ? ['model.embed_tokens.weight'] : []), ...left]),
    );
    expect(store.names).toEqual([]);
  });

  it('goes on wherever the process ended between two writes', async () => {
    let writes = 0;
    for (let last = 0; ; last++) {
      const store = new MemoryBlobStore();
      const ending = {
        get: (name: string) => store.get(name),
        put: (name: string, bytes: Uint8Array) =>
          writes++ < last ? store.put(name, bytes) : Promise.reject(new Error('gone')),
        delete: (name: string) => (writes++ < last ? store.delete(name) : Promise.reject(new Error('gone'))),
      };
      writes = 0;
      const ended = await extract(files, { store: ending, commit: 'c1', residentBytes: 1000 }).then(
        () => false,
        () => true,
      );
      expect(await extract(files, { store, commit: 'c1', residentBytes: 1000 })).toEqual(whole);
      expect(store.names, `ended after ${last} writes`).toEqual([]);
      if (!ended) break;
    }
    expect(writes).toBeGreaterThan(30);
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
        { ...request(), ...changes },
        {
          ...{ store, commit, runTokens: RUN_TOKENS },
          onProgress: ({ layer }) => void layers.add(layer),
        },
      );
      return layers.size;
    };
    expect(await layersRun('c2', {})).toBe(5);
    expect(await layersRun('c1', { pooling: 'last' })).toBe(5);
    expect(await layersRun('c1', { prompts: prompts.slice(1) })).toBe(5);
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
    const blob = store.names.find((name) => name.includes('/resid.1.')) ?? '';
    await store.put(blob, new Uint8Array(3));
    await expect(extract(files, { store, commit: 'c1' })).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('damaged') as string,
    });
    expect(await extract(files, { store, commit: 'c1' })).toEqual(whole);
  });
});

describe('stopping', () => {
  it('takes effect within one run', async () => {
    const stop = new AbortController();
    let runs = 0;
    const onProgress = (): void => {
      runs++;
      stop.abort();
    };
    await expect(extract(files, { signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'interrupted' });
    expect(runs).toBe(1);
  });

  it('does not wait for bytes that do not come', async () => {
    const stop = new AbortController();
    const { files: stalled, reads } = countingFiles(files, ({ start }) => {
      if (start < 5000) return;
      stop.abort();
      return new Promise(() => undefined);
    });
    await expect(extract(stalled, { signal: stop.signal })).rejects.toMatchObject({ code: 'interrupted' });
    expect(reads.length).toBeGreaterThan(0);
  });

  it('starts nothing where it is stopped already', async () => {
    const { files: counted, reads } = countingFiles(files);
    const job = extract(counted, { signal: AbortSignal.abort() });
    await expect(job).rejects.toMatchObject({ code: 'interrupted' });
    expect(touched(reads).size).toBe(0);
  });
});

describe('what can be wrong', () => {
  it('names the file and the tensor that cannot be read', async () => {
    const entry = entries.find(({ name }) => name === 'model.layers.3.mlp.up_proj.weight') ?? fail();
    const { files: broken } = countingFiles(files, ({ start, end }) => {
      if (start <= entry.start && end >= entry.end && start > 1000) {
        throw new LabError('fetch', 'the server answered 503.', 'Try again in a while.');
      }
    });
    await expect(extract(broken)).rejects.toMatchObject({
      code: 'fetch',
      message: expect.stringMatching(
        /model\.safetensors: tensor .*model\.layers\.3\.mlp\.up_proj\.weight.* could not be read/s,
      ) as string,
    });
  });

  it('checks layers, prompts and tokens before a weight is fetched', async () => {
    const { files: counted, reads } = countingFiles(files);
    const run = (changes: object): Promise<unknown> => extractStreamed(counted, runtime, { ...request(), ...changes });
    await expect(run({ layers: [0, 5] })).rejects.toThrow('There is no layer 5.');
    await expect(run({ prompts: [[1], []] })).rejects.toThrow('Prompt 2 has no tokens.');
    await expect(run({ prompts: [[1], [120]] })).rejects.toThrow('Token 120 is outside of the vocabulary of 120.');
    expect([...layersOf(touched(reads))].filter((name) => name !== '0')).toEqual([]);
  });

  it('names a tensor that is missing', async () => {
    const { 'model.layers.1.mlp.up_proj.weight': _, ...rest } = madeUpTensors();
    const made = memoryFiles({ ...madeUpFiles(), 'model.safetensors': writeSafetensors(rest) });
    const job = extractStreamed(made, runtime, { prompts: [[1, 2]], layers: [2], pooling: 'last' });
    await expect(job).rejects.toThrow('model.layers.1.mlp.up_proj.weight');
  });

  it('gives empty arrays for no prompts, and fetches nothing', async () => {
    const { files: counted, reads } = countingFiles(files);
    const pooled = await extractStreamed(counted, runtime, { ...request(), prompts: [] });
    expect(pooled.get(LAST)).toEqual(new Float32Array());
    expect(touched(reads).size).toBe(0);
  });
});

describe('float16 weights', () => {
  it('come near float32, and are not the same', async () => {
    const halves = await extractStreamed(
      files,
      runtime,
      { ...request(), precision: 'float16' },
      { runTokens: RUN_TOKENS },
    );
    const error = relativeL2(halves.get(LAST) ?? fail(), whole.get(LAST) ?? fail());
    expect(error).toBeLessThan(2e-3); // 11 bits of mantissa through five layers
    expect(error).toBeGreaterThan(1e-7);
  });
});

function fail(): never {
  throw new Error('it is not there');
}
