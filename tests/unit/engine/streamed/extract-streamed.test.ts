import { beforeAll, describe, expect, it } from 'vitest';
import { POOLINGS } from '../../../../src/core/probes/pooling.ts';
import { LabError } from '../../../../src/core/errors.ts';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { extractStreamed } from '../../../../src/engine/streamed/extract-streamed.ts';
import type { StreamedProgress } from '../../../../src/engine/streamed/streamed-request.ts';
import type { StreamedOptions } from '../../../../src/engine/streamed/streamed-request.ts';
import { StreamedCheckpoint } from '../../../../src/engine/streamed/streamed-checkpoint.ts';
import { madeUpFiles, madeUpTensors, memoryFiles } from '../../../support/checkpoint-fixtures.ts';
import { writeSafetensors } from '../../../../src/formats/bytes/safetensors.ts';
import { countingFiles, type ReadRange } from '../../../support/counting-files.ts';
import {
  LAST,
  layersOf,
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
const touched = (reads: readonly ReadRange[]): Set<string> => touchedTensors(golden, reads);

it('gives the same where all prompts begin alike, which is computed once', { timeout: TIMEOUT }, async () => {
  const prompts = [
    [3, 4, 90, 7, 21],
    [3, 4, 90, 7],
    [3, 4, 90, 50, 60, 70, 2],
    [3, 4, 90],
  ];
  for (const pooling of POOLINGS) {
    const layers = [0, LAST];
    const together = await extractStreamed(files, runtime, { prompts, layers, pooling });
    for (const [index, ids] of prompts.entries()) {
      const alone = await extractStreamed(files, runtime, { prompts: [ids], layers, pooling });
      for (const layer of layers) {
        const expected = alone.get(layer) ?? new Float32Array();
        const row = together.get(layer)?.subarray(index * expected.length, (index + 1) * expected.length);
        expect(relativeL2(row ?? new Float32Array(), expected)).toBeLessThan(1e-5);
      }
    }
  }
});

describe('what is fetched', { timeout: TIMEOUT }, () => {
  it('is the embeddings and the layers up to the largest, as planned', async () => {
    const { files: counted, reads } = countingFiles(files);
    const checkpoint = await StreamedCheckpoint.open(counted);
    const small = { ...golden.request, prompts: [[3, 4, 90]], layers: [0, 2] };
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

  it('is the next half of a layer while one runs', async () => {
    const events: string[] = [];
    const { files: counted } = countingFiles(files, (range) => {
      events.push(...[...stagesOf(touched([range]))].map((stage) => `fetch ${stage}`));
    });
    const onProgress = ({ stage, done, total }: StreamedProgress): void => {
      if (done === total) events.push(`ran ${stage}`);
    };
    await extract(counted, { onProgress });
    for (let stage = 1; stage < 2 * LAST + 1; stage++) {
      const fetched = events.indexOf(`fetch ${stage + 1}`);
      expect(fetched).toBeGreaterThan(events.indexOf(`ran ${stage - 1}`)); // not the one after it
      expect(fetched).toBeLessThan(events.indexOf(`ran ${stage}`));
    }
  });
});

describe('stopping', { timeout: TIMEOUT }, () => {
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

describe('what can be wrong', { timeout: TIMEOUT }, () => {
  it('names the file and the tensor that cannot be read', async () => {
    const entry = golden.entries.find(({ name }) => name === 'model.layers.3.mlp.up_proj.weight') ?? fail();
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
    const run = (changes: object): Promise<unknown> =>
      extractStreamed(counted, runtime, { ...golden.request, ...changes });
    await expect(run({ layers: [0, 5] })).rejects.toThrow('There is no layer 5.');
    await expect(run({ prompts: [[1], []] })).rejects.toThrow('Prompt 2 has no tokens.');
    await expect(run({ prompts: [[1], [120]] })).rejects.toThrow('Token 120 is outside of the vocabulary of 120.');
    expect([...layersOf(touched(reads))].filter((name) => name !== '0')).toEqual([]);
  });

  it('names a tensor that is missing', async () => {
    const rest = Object.entries(madeUpTensors()).filter(([name]) => name !== 'model.layers.1.mlp.up_proj.weight');
    const weights = writeSafetensors(Object.fromEntries(rest));
    const made = memoryFiles({ ...madeUpFiles(), 'model.safetensors': weights });
    const job = extractStreamed(made, runtime, { prompts: [[1, 2]], layers: [2], pooling: 'last' });
    await expect(job).rejects.toThrow('model.layers.1.mlp.up_proj.weight');
  });

  it('gives empty arrays for no prompts, and fetches nothing', async () => {
    const { files: counted, reads } = countingFiles(files);
    const pooled = await extractStreamed(counted, runtime, { ...golden.request, prompts: [] });
    expect(pooled.get(LAST)).toEqual(new Float32Array());
    expect(touched(reads).size).toBe(0);
  });
});

describe('float16 weights', { timeout: TIMEOUT }, () => {
  it('come near float32, and are not the same', async () => {
    const halves = await extractStreamed(
      files,
      runtime,
      { ...golden.request, precision: 'float16' },
      { runTokens: RUN_TOKENS },
    );
    const error = relativeL2(halves.get(LAST) ?? fail(), golden.whole.get(LAST) ?? fail());
    expect(error).toBeLessThan(2e-3); // 11 bits of mantissa through five layers
    expect(error).toBeGreaterThan(1e-7);
  });
});

function fail(): never {
  throw new Error('it is not there');
}
