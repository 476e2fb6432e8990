import { expose } from 'comlink';
import { measureStreamed, type StreamedJob, type StreamedReport } from '../../../bench/parts/streamed-job.ts';
import { klDivergence, top1Agreement } from '../../../src/core/statistics/divergence.ts';
import type { Pooling } from '../../../src/core/probes/pooling.ts';
import type { Provider } from '../../../src/engine/device/device-report.ts';
import type { Precision } from '../../../src/engine/graph/precisions.ts';
import { OlmoModel } from '../../../src/engine/run/model.ts';
import { extractResiduals } from '../../../src/engine/run/residuals.ts';
import type { Runtime } from '../../../src/engine/device/runtime.ts';
import { inspectDevice } from '../../../src/engine/device/inspect-device.ts';
import { openWebRuntime } from '../../../src/engine/device/runtime.web.ts';
import { extractStreamed } from '../../../src/engine/streamed/extract-streamed.ts';
import type { StreamedOptions } from '../../../src/engine/streamed/streamed-request.ts';
import { openOpfsBlobs } from '../../../src/sources/opfs-blobs.ts';
import { checkGoldenCase, type GoldenReport, type GoldenScope } from '../../parity/golden-case.ts';
import { streamedDeviations, unequalPrompts, type LayerDeviation } from '../../parity/streamed-case.ts';
import { hubReads, hubResiduals, type HubTarget } from './hub-reads.ts';
import { servedFiles } from './served-files.ts';

/** All on WASM; on SwiftShader a token takes some 100 dispatches, of 5 ms and more each. */
const SCOPES: Readonly<Record<Provider, GoldenScope>> = {
  wasm: { generatedTokens: 24, alone: 'all' },
  webgpu: { generatedTokens: 4, alone: 'first and last' },
};

let opened: Promise<Runtime> | null = null;
const runtimeOf = (provider: Provider, threads = 1): Promise<Runtime> => (opened ??= openWebRuntime(provider, threads));

async function lastLogits(model: OlmoModel, prompts: readonly (readonly number[])[]): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (const ids of prompts) {
    const { logits } = await model.forward({ ids: [ids], cache: null, logits: 'last', residuals: [] });
    all.push(logits ?? new Float32Array());
  }
  return all;
}

/** What the engine's tests call in the worker, through `window.engine`. */
/** What bench/browser.ts and bench/precision-browser.ts ask for. */
interface SpeedRequest {
  readonly rows: number;
  readonly steps: number;
  readonly prompts: number;
  readonly precision?: Precision; // float32 by default
}

const api = {
  ...hubReads,

  /** See `hubResiduals`. */
  async hubResiduals(target: HubTarget, ids: readonly number[]): Promise<number[][]> {
    return hubResiduals(await runtimeOf('wasm'), target, ids);
  },

  /** Whether threads and WebGPU are to be had here, and on what. */
  async surroundings(): Promise<{ crossOriginIsolated: boolean; adapter: string | null }> {
    const gpu = navigator.gpu as GPU | undefined; // absent outside secure contexts and in older browsers
    const adapter = (await gpu?.requestAdapter()) ?? null;
    const { vendor = '', architecture = '' } = adapter?.info ?? {};
    return { crossOriginIsolated, adapter: adapter === null ? null : `${vendor} ${architecture}`.trim() };
  },

  inspectDevice,

  /** Takes JSPI away, as in a browser that lacks it; before the first runtime. */
  removeJspi(): void {
    Reflect.deleteProperty(WebAssembly, 'Suspending');
    Reflect.deleteProperty(WebAssembly, 'promising');
  },

  /** Deviations of a golden case; `checkpoint` is where its weights lie, by default beside the golden. */
  async golden(name: string, provider: Provider, checkpoint?: string, threads?: number): Promise<GoldenReport> {
    const golden = servedFiles(`fixtures/golden/${name}`);
    const files = checkpoint === undefined ? golden : servedFiles(checkpoint);
    return checkGoldenCase(golden, files, await runtimeOf(provider, threads), SCOPES[provider]);
  },

  /** Mean logit KL in nats and top-1 agreement of a precision against float32, at the last position of prompts. */
  async precision(
    folder: string,
    provider: Provider,
    precision: Precision,
    prompts: readonly (readonly number[])[],
  ): Promise<{ kl: number; top1: number }> {
    const runtime = await runtimeOf(provider);
    const files = servedFiles(folder);
    const [reference, quantised] = [
      await OlmoModel.open(files, runtime, { precision: 'float32' }),
      await OlmoModel.open(files, runtime, { precision }),
    ];
    const expected = await lastLogits(reference, prompts);
    const actual = await lastLogits(quantised, prompts);
    await Promise.all([reference.dispose(), quantised.dispose()]);
    const pairs = expected.map((logits, index) => [logits, actual[index] ?? new Float32Array()] as const);
    const mean = (score: (p: Float32Array, q: Float32Array) => number): number =>
      pairs.reduce((sum, [p, q]) => sum + score(p, q), 0) / pairs.length;
    return { kl: mean(klDivergence), top1: mean((p, q) => top1Agreement(p, q, p.length)) };
  },

  /** Opens a checkpoint, runs it once and puts it away, `times` times; then collects garbage. */
  async loadAndRelease(folder: string, provider: Provider, times: number): Promise<void> {
    const runtime = await runtimeOf(provider);
    for (let round = 0; round < times; round++) {
      const model = await OlmoModel.open(servedFiles(folder), runtime, { precision: 'float32' });
      await lastLogits(model, [[1, 2, 3]]);
      await model.dispose();
    }
    (globalThis as { gc?: () => void }).gc?.(); // what is still reachable stays, and shows
  },

  /** Milliseconds a step of one token a row takes, and of reading many short prompts at once, for bench/browser.ts. */
  async speed(
    folder: string,
    provider: Provider,
    { rows, steps, prompts, precision = 'float32' }: SpeedRequest,
  ): Promise<{ loadMs: number; stepMs: number; promptsPerSecond: number }> {
    const runtime = await runtimeOf(provider);
    const loadStart = performance.now();
    const model = await OlmoModel.open(servedFiles(folder), runtime, { precision });
    const loadMs = performance.now() - loadStart;
    const ids = Array.from({ length: rows }, () => [5]);
    const cache = model.createCache(rows, 128);
    await model.forward({ ids, cache, logits: 'last', residuals: [3] });
    const start = performance.now();
    for (let step = 0; step < steps; step++) await model.forward({ ids, cache, logits: 'last', residuals: [3] });
    const stepMs = (performance.now() - start) / steps;
    cache.dispose();
    const texts = Array.from({ length: prompts }, (_, index) =>
      Array.from({ length: 20 }, (_, i) => 5 + ((index + i) % 90)),
    );
    const layers = Array.from({ length: model.config.layers }, (_, layer) => layer);
    const extractionStart = performance.now();
    await extractResiduals(model, { prompts: texts, layers, pooling: 'last' });
    const promptsPerSecond = (prompts * 1000) / (performance.now() - extractionStart);
    await model.dispose();
    return { loadMs, stepMs, promptsPerSecond };
  },

  /** How far a streamed extraction lies from a resident one, layer by layer; `options` as in src/engine/streamed. */
  async streamed(
    folder: string,
    provider: Provider,
    pooling: Pooling,
    options: Pick<StreamedOptions, 'runTokens' | 'residentBytes'>,
  ): Promise<readonly LayerDeviation[]> {
    const store = await openOpfsBlobs('streamed');
    return streamedDeviations(servedFiles(folder), await runtimeOf(provider), pooling, { ...options, store });
  },

  /**
   * Streams a checkpoint with a store in OPFS, and gives layer 3 [prompts, hidden] with how many stages ran. With `stopAt` it stops
   * for ever in that stage, so that the page can be ended there.
   */
  async streamedOnward(folder: string, stopAt: number | null): Promise<{ values: Float32Array; stages: number }> {
    const stages = new Set<number>();
    const request = { prompts: unequalPrompts(120), layers: [1, 3], pooling: 'mean' } as const;
    const pooled = await extractStreamed(servedFiles(folder), await runtimeOf('wasm'), request, {
      ...{ store: await openOpfsBlobs('streamed'), commit: 'c1', runTokens: 64 },
      onProgress: ({ stage }) => void stages.add(stage),
      beforeRun: () => (stopAt !== null && stages.has(stopAt) ? new Promise(() => undefined) : Promise.resolve()),
    });
    return { values: pooled.get(3) ?? new Float32Array(), stages: stages.size };
  },

  /** Names of the blobs that the store holds. */
  async keptBlobs(): Promise<string[]> {
    const root = await navigator.storage.getDirectory();
    const names: string[] = [];
    for await (const name of (await root.getDirectoryHandle('streamed', { create: true })).keys()) names.push(name);
    return names;
  },

  /** What a blob holds after it was written, written over, and deleted. */
  async blobRoundTrip(
    bytes: Uint8Array,
  ): Promise<{ first: Uint8Array | null; second: Uint8Array | null; gone: boolean }> {
    const store = await openOpfsBlobs('round-trip');
    await store.put('a/b c', bytes);
    const first = await store.get('a/b c');
    await store.put('a/b c', bytes.subarray(1));
    const second = await store.get('a/b c');
    await store.delete('a/b c');
    await store.delete('a/b c');
    return { first, second, gone: (await store.get('a/b c')) === null };
  },

  /** Layers of a checkpoint of the 7B shape with made-up weights, for bench/streamed.ts. */
  async streamedBench(job: StreamedJob, threads: number): Promise<StreamedReport> {
    return measureStreamed(await runtimeOf('wasm', threads), job);
  },
};

export type EnginePageApi = typeof api;

expose(api);
