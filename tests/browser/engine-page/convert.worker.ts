import { expose } from 'comlink';
import { madeUpCheckpoint, SHAPES } from '../../../bench/parts/made-up-checkpoint.ts';
import { measureResident, type ResidentJob, type ResidentReport } from '../../../bench/parts/resident-job.ts';
import type { Provider } from '../../../src/engine/device/device-report.ts';
import { convertCheckpoint, type ConvertOptions } from '../../../src/engine/convert/convert.ts';
import { openConverted } from '../../../src/engine/convert/open-converted.ts';
import { openWebRuntime } from '../../../src/engine/device/runtime.web.ts';
import { sha256 } from '../../../src/sources/http-source.ts';
import { openPersistentStore } from '../../../src/sources/indexed-db.ts';
import { OpfsModels, type ModelListing } from '../../../src/sources/opfs-models.ts';
import type { StorageReport } from '../../../src/sources/storage-report.ts';
import { checkGoldenCase, type GoldenReport, type GoldenScope } from '../../parity/golden-case.ts';
import { servedFiles } from './served-files.ts';

const models = OpfsModels.open(openPersistentStore('model-usage'));

let readShare = 0;

/** Conversions into OPFS, through `window.converter`. */
const api = {
  /** Converts a served folder into the model of that name; resolves to the milliseconds it took. */
  async convert(folder: string, name: string, options: ConvertOptions): Promise<number> {
    const start = performance.now();
    readShare = 0;
    await convertCheckpoint(servedFiles(folder), options, await (await models).folder(name), {
      onProgress: ({ phase, doneBytes, totalBytes }) => {
        if (phase === 'weights') readShare = doneBytes / totalBytes;
      },
    });
    return performance.now() - start;
  },

  /** How much of the weights the conversion under way has read, 0 to 1. */
  share: (): number => readShare,

  /** Converts a made-up checkpoint of a true shape, for bench/convert-browser.ts; resolves to the milliseconds it took. */
  async convertMadeUp(shape: keyof typeof SHAPES, name: string, options: ConvertOptions): Promise<number> {
    const start = performance.now();
    const store = await (await models).folder(name);
    await convertCheckpoint(madeUpCheckpoint(SHAPES[shape], `made-up ${shape}`), options, store);
    return performance.now() - start;
  },

  /** Opens a model and generates; resolves to the milliseconds of opening and of one token. */
  async speed(name: string, provider: Provider, threads: number): Promise<{ openMs: number; tokenMs: number }> {
    const runtime = await openWebRuntime(provider, threads);
    const start = performance.now();
    const model = await openConverted(await (await models).folder(name), runtime, { check: 'sizes' });
    const openMs = performance.now() - start;
    const cache = model.createCache(1, 64);
    await model.forward({ ids: [[1, 2, 3, 4]], cache, logits: 'last', residuals: [] });
    const steps = 8;
    const decodeStart = performance.now();
    for (let i = 0; i < steps; i++) await model.forward({ ids: [[i]], cache, logits: 'last', residuals: [] });
    const tokenMs = (performance.now() - decodeStart) / steps;
    cache.dispose();
    await model.dispose();
    return { openMs, tokenMs };
  },

  /** A kept model against a bare decoder, for bench/resident.ts. */
  async residentBench(name: string, job: ResidentJob, threads: number): Promise<ResidentReport> {
    return measureResident(await (await models).folder(name), await openWebRuntime('wasm', threads), job);
  },

  /** SHA-256 of every file of a model. */
  async digests(name: string): Promise<Record<string, string>> {
    const folder = await (await models).folder(name);
    const digests: Record<string, string> = {};
    for (const file of [...(await folder.list())].sort()) {
      const source = await folder.open(file);
      if (source !== null)
        digests[file] = await sha256((await source.slice(0, source.byteLength)) as Uint8Array<ArrayBuffer>);
    }
    return digests;
  },

  /** A golden case with its weights from a converted model. */
  async golden(golden: string, name: string, provider: Provider, scope: GoldenScope): Promise<GoldenReport> {
    const runtime = await openWebRuntime(provider, 1);
    const folder = await (await models).folder(name);
    return checkGoldenCase(servedFiles(`fixtures/golden/${golden}`), folder, runtime, scope, () =>
      openConverted(folder, runtime),
    );
  },

  /** The message with which opening a model fails; null where it opens. */
  async openFailure(name: string): Promise<string | null> {
    const runtime = await openWebRuntime('wasm', 1);
    const opened = openConverted(await (await models).folder(name), runtime);
    return opened.then(
      async (model) => {
        await model.dispose();
        return null;
      },
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  },

  /** Takes JSPI away, as in a browser that lacks it; before the first runtime. */
  removeJspi(): void {
    Reflect.deleteProperty(WebAssembly, 'Suspending');
    Reflect.deleteProperty(WebAssembly, 'promising');
  },

  list: async (): Promise<readonly ModelListing[]> => (await models).list(),
  touch: async (name: string): Promise<void> => (await models).touch(name),
  remove: async (name: string): Promise<void> => (await models).delete(name),
  report: async (): Promise<StorageReport> => (await models).report(),
};

export type ConvertPageApi = typeof api;

expose(api);
