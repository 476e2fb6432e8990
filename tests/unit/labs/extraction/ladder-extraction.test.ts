import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import { extractResiduals } from '../../../../src/engine/run/residuals.ts';
import { MemoryBlobStore } from '../../../../src/engine/streamed/blob-store.ts';
import { OlmoTokenizer } from '../../../../src/engine/tokens/tokenizer.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import {
  activationKey,
  type ActivationInputs,
  type StoredActivations,
} from '../../../../src/labs/extraction/activation-store.ts';
import { encodePrompt } from '../../../../src/labs/steer/category-directions.ts';
import {
  LadderExtraction,
  type LadderDependencies,
  type LadderProgress,
} from '../../../../src/labs/extraction/ladder-extraction.ts';
import type {
  LadderCheckpointSource,
  LadderPlan,
  LadderPromptSet,
} from '../../../../src/labs/extraction/ladder-units.ts';
import { writeSafetensors } from '../../../../src/formats/bytes/safetensors.ts';
import { madeUpFiles, madeUpTensors, memoryFiles, openModel } from '../../../support/checkpoint-fixtures.ts';
import { countingFiles, type ReadRange } from '../../../support/counting-files.ts';

const runtime = openNodeRuntime(1);
const SETS: readonly LadderPromptSet[] = [
  { name: 'train', digest: 'd1', template: 'raw', texts: ['How do I bake bread?', 'Hello', 'What is a lake, then?'] },
  { name: 'chat', digest: 'd2', template: 'chat', texts: ['Tell me a story.'] },
];
const LAYERS = [0, 2];

/** Three checkpoints of other weights each; `reads` tells what is read of them, and may fail. */
function ladder(onRead: (checkpoint: number, range: ReadRange) => void | Promise<void> = () => undefined): {
  plan: LadderPlan;
  reads: ReadRange[][];
} {
  const counted = [1, 2, 3].map((seed, index) =>
    countingFiles(memoryFiles(madeUpFiles(undefined, seed), `step${seed}`), (range) => onRead(index, range)),
  );
  const checkpoints = counted.map(({ files }, index): LadderCheckpointSource => {
    return { label: files.label, resolve: () => Promise.resolve({ commit: `c${index}`, files }) };
  });
  return {
    plan: { checkpoints, promptSets: SETS, layers: LAYERS, pooling: 'mean', precision: 'float32' },
    reads: counted.map(({ reads }) => reads),
  };
}

function nanTensors(): ReturnType<typeof madeUpTensors> {
  const tensors = madeUpTensors();
  tensors['model.layers.0.mlp.up_proj.weight']?.data.fill(NaN, 0, 1);
  return tensors;
}

class MapStore {
  readonly values = new Map<string, unknown>();
  get(key: string): Promise<unknown> {
    return Promise.resolve(this.values.get(key));
  }
  set(key: string, value: unknown): Promise<void> {
    this.values.set(key, value);
    return Promise.resolve();
  }
}

const keyOf = (commit: string, set: LadderPromptSet | undefined, layer: number): string => {
  const { digest = '', template = 'raw' } = set ?? {};
  const site = `resid_post.${layer}` as const;
  const inputs: ActivationInputs = {
    ...{ commit, promptDigest: digest, site, template },
    ...{ pooling: 'mean', precision: 'float32' },
  };
  return activationKey(inputs);
};
const ALL_KEYS = [0, 1, 2].flatMap((index) =>
  SETS.flatMap((set) => LAYERS.map((layer) => keyOf(`c${index}`, set, layer))),
);

function start(
  plan: LadderPlan,
  dependencies: Partial<LadderDependencies> = {},
): { job: LadderExtraction; store: MapStore; seen: LadderProgress[] } {
  const store = new MapStore();
  const seen: LadderProgress[] = [];
  const onProgress = (progress: LadderProgress): void => void seen.push(progress);
  const job = new LadderExtraction(plan, { runtime, activations: store, onProgress, ...dependencies });
  return { job, store, seen };
}

const isWeights = ({ file, start }: ReadRange): boolean => file === 'model.safetensors' && start > 8;
const offline = (): never => {
  throw new LabError('fetch', 'model.safetensors could not be fetched.', 'Check the connection and try again.');
};

const TIMEOUT = 60_000; // ms; dozens of extractions, on a machine that may be busy

describe('a ladder extraction', { timeout: TIMEOUT }, () => {
  it('stores what resident extractions give, unit by unit', async () => {
    const { plan } = ladder();
    const { job, store } = start(plan);
    expect(await job.run()).toEqual([]);
    expect([...store.values.keys()].sort()).toEqual([...ALL_KEYS].sort());
    const files = memoryFiles(madeUpFiles(undefined, 2), 'step2');
    const tokenizer = await OlmoTokenizer.open(files);
    const model = await openModel(files);
    for (const set of SETS) {
      const prompts = set.texts.map((text) => encodePrompt(tokenizer, text, set.template));
      const resident = await extractResiduals(model, { prompts, layers: LAYERS, pooling: 'mean' });
      for (const layer of LAYERS) {
        const stored = store.values.get(keyOf('c1', set, layer)) as StoredActivations;
        expect(stored).toMatchObject({ checkpoint: 'step2', promptSet: set.name, rows: set.texts.length, hidden: 32 });
        expect(relativeL2(stored.values, resident.get(layer) ?? new Float32Array())).toBeLessThan(1e-6);
      }
    }
    await model.dispose();
  });

  it('reads no weight of what the store has, and computes a lost unit alone', async () => {
    const first = start(ladder().plan);
    await first.job.run();
    const whole = new Map(first.store.values);
    const { plan, reads } = ladder();
    const second = start(plan, { activations: first.store });
    await second.job.run();
    expect(reads.flat().filter(isWeights)).toEqual([]);
    first.store.values.delete(keyOf('c1', SETS[1], 2));
    await start(plan, { activations: first.store }).job.run();
    expect(reads.map((ranges) => ranges.some(isWeights))).toEqual([false, true, false]);
    expect([...first.store.values.keys()].sort()).toEqual([...whole.keys()].sort());
    for (const [key, value] of whole) {
      const [was, is] = [value as StoredActivations, first.store.values.get(key) as StoredActivations];
      expect(relativeL2(is.values, was.values)).toBeLessThan(1e-6);
    }
  });

  it('waits for a source that is out of reach, says what for, and goes on by itself', async () => {
    let failures = 0;
    const { plan } = ladder((checkpoint, range) => {
      if (checkpoint === 1 && isWeights(range) && failures < 3) {
        failures++;
        offline();
      }
    });
    const delays: number[] = [];
    const { job, store, seen } = start(plan, {
      waitFor: ({ delayMs }) => {
        delays.push(delayMs);
        return Promise.resolve();
      },
    });
    expect(await job.run()).toEqual([]);
    expect(failures).toBe(3);
    expect(Math.max(...delays)).toBeGreaterThanOrEqual(1000);
    expect([...store.values.keys()].sort()).toEqual([...ALL_KEYS].sort());
    expect(seen.at(-1)).toMatchObject({ status: 'running', waiting: null, unitsDone: 6, units: 6 });
  });

  it('shows the read that it waits for', async () => {
    let failures = 0;
    const { plan } = ladder((checkpoint, range) => {
      if (checkpoint === 0 && isWeights(range) && failures++ < 2) offline();
    });
    const { job, seen } = start(plan, { waitFor: () => Promise.resolve() });
    await job.run();
    const waiting = seen.filter(({ status }) => status === 'waiting');
    expect(waiting.map(({ waiting }) => waiting?.attempt)).toContain(1);
    expect(waiting[0]?.waiting?.error.message).toContain('model.safetensors could not be fetched');
    expect(waiting[0]?.checkpoint).toBe('step1');
  });

  it.each([
    ['that cannot be read', { 'config.json': '{"model_type":"llama"}' }, { code: 'config' }],
    [
      'with a weight that is NaN',
      { 'model.safetensors': writeSafetensors(nanTensors()) },
      { code: 'format', message: expect.stringMatching(/prompt 1 at layer 0/) as string },
    ],
  ])('leaves a checkpoint out %s, and says which', async (_, change, error) => {
    const { plan } = ladder();
    const broken = memoryFiles({ ...madeUpFiles(), ...change }, 'broken');
    const checkpoints = plan.checkpoints.map((checkpoint, index) =>
      index === 1 ? { label: 'broken', resolve: () => Promise.resolve({ commit: 'cx', files: broken }) } : checkpoint,
    );
    const { job, store, seen } = start({ ...plan, checkpoints });
    const failures = await job.run();
    expect(failures).toMatchObject([{ checkpoint: 'broken', error }]);
    expect([...store.values.keys()].sort()).toEqual(ALL_KEYS.filter((key) => !key.includes('/c1/')).sort());
    expect(seen.at(-1)?.failures.length).toBe(1);
  });

  it('ends where the store is full, with what was stored whole', async () => {
    const { plan } = ladder();
    const full = new MapStore();
    full.set = (key, value) =>
      full.values.size < 3
        ? MapStore.prototype.set.call(full, key, value)
        : Promise.reject(new LabError('storage', 'The disk is full.', 'Free some space.'));
    const { job } = start(plan, { activations: full });
    await expect(job.run()).rejects.toMatchObject({ code: 'storage' });
    expect(full.values.size).toBe(3);
  });

  it('goes on in the middle of a checkpoint after it was cancelled', async () => {
    const unfinished = new MemoryBlobStore();
    const activations = new MapStore();
    const first: LadderExtraction = new LadderExtraction(ladder().plan, {
      ...{ runtime, activations, unfinished },
      onProgress: ({ checkpoint, pass }) => {
        if (checkpoint === 'step2' && pass?.stage === 3) first.cancel();
      },
    });
    await expect(first.run()).rejects.toMatchObject({ code: 'interrupted' });
    expect(activations.values.size).toBe(4);
    const { plan, reads } = ladder();
    const stages = new Set<string>();
    const second = new LadderExtraction(plan, {
      ...{ runtime, activations, unfinished },
      onProgress: ({ checkpoint, pass }) => {
        if (pass !== null) stages.add(`${checkpoint ?? ''} ${pass.stage}`);
      },
    });
    await second.run();
    expect([...stages].filter((stage) => stage.startsWith('step2'))).toEqual(['step2 4', 'step2 5']);
    expect(reads[0]?.filter(isWeights)).toEqual([]);
    expect([...activations.values.keys()].sort()).toEqual([...ALL_KEYS].sort());
    expect(unfinished.names).toEqual([]);
  });

  it('holds still while it is paused', async () => {
    const { plan } = ladder();
    const seen: LadderProgress[] = [];
    const job: LadderExtraction = new LadderExtraction(plan, {
      ...{ runtime, activations: new MapStore() },
      onProgress: (progress) => {
        seen.push(progress);
        if (progress.pass?.stage === 1 && seen.every(({ status }) => status !== 'paused')) job.pause();
      },
    });
    const done = job.run();
    await expect.poll(() => seen.at(-1)?.status, { timeout: TIMEOUT }).toBe('paused');
    await new Promise((resolve) => setTimeout(resolve, 100)); // in which it would do much; a run under way may still end
    expect(seen.at(-1)).toMatchObject({ status: 'paused', pass: { stage: 1 } });
    job.resume();
    expect(await done).toEqual([]);
    expect(seen.at(-1)).toMatchObject({ status: 'running', unitsDone: 6 });
  });

  it('can be cancelled while it is paused, and while it waits', async () => {
    const paused = start(ladder().plan);
    paused.job.pause();
    const run = paused.job.run();
    paused.job.cancel();
    await expect(run).rejects.toMatchObject({ code: 'interrupted' });
    const { plan } = ladder((_, range) => {
      if (isWeights(range)) offline();
    });
    const { job, seen } = start(plan); // with the real delay
    const waiting = job.run();
    await expect.poll(() => seen.at(-1)?.status, { timeout: TIMEOUT }).toBe('waiting');
    job.cancel();
    await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('fetches the next checkpoint’s first weights while the last layer runs', async () => {
    const events: string[] = [];
    const { plan } = ladder((checkpoint, range) => {
      if (isWeights(range)) events.push(`read ${checkpoint}`);
    });
    const { job } = start(plan, {
      onProgress: ({ unitsDone, pass }) => {
        if (pass !== null) events.push(`done ${unitsDone}`);
      },
    });
    await job.run();
    expect(events.indexOf('read 1')).toBeGreaterThan(-1);
    expect(events.indexOf('read 1')).toBeLessThan(events.indexOf('done 2'));
  });

  it('tells the time that is left from what was done, waiting left out', async () => {
    let now = 0;
    const { plan } = ladder();
    const { job, seen } = start(plan, { now: () => (now += 10) });
    await job.run();
    const known = seen.filter(({ secondsLeft }) => secondsLeft !== null);
    expect(seen[0]?.secondsLeft).toBeGreaterThan(0);
    expect(known.at(-1)?.secondsLeft).toBe(0);
    expect(known[0]?.secondsLeft ?? 0).toBeGreaterThan(known.at(-2)?.secondsLeft ?? Infinity);
  });
});
