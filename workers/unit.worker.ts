/// <reference lib="webworker" />
import type { ProviderChoice } from '../src/engine/device-report.ts';
import { openWebRuntime } from '../src/engine/runtime.web.ts';
import type { BuiltIn } from '../src/sources/built-in.ts';
import { openPackingStore } from '../src/sources/packs/open-packing-store.ts';
import { ResidentExtractor } from '../src/study/run/resident-extractor.ts';
import { builtInCheckpoints } from './built-in-checkpoints.ts';
import type { UnitWorkerApi } from './unit-api.ts';
import { exposeWatched } from './expose-watched.ts';
import { wired } from './wired.ts';

const builtIn: BuiltIn = {
  fetch: globalThis.fetch.bind(globalThis),
  baseUrl: new URL(import.meta.env.BASE_URL, new URL('..', location.href)).href,
};

let provider: ProviderChoice = 'auto';

const extractor = new ResidentExtractor({
  openRuntime: () => openWebRuntime(provider, 1), // several of these workers share the cores
  files: builtInCheckpoints(builtIn),
  store: openPackingStore('study'),
});

const done = Promise.resolve();

const api: UnitWorkerApi = {
  extract: (job, choice, onProgress) => {
    provider = choice;
    return wired(extractor.extract(job, onProgress));
  },
  prefetch: (source) => wired(done.then(() => extractor.prefetch(source))),
  stop: () => wired(done.then(() => extractor.stop())),
};

exposeWatched(api);
