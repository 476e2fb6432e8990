/// <reference lib="webworker" />
import { openWebRuntime } from '../src/engine/runtime.web.ts';
import { builtInFiles, fetchLadder, fetchPromptSets, type BuiltIn } from '../src/sources/built-in.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { OpfsModels } from '../src/sources/opfs-models.ts';
import { SteerLab } from '../src/study/steer-lab.ts';
import type { ModelWorkerApi } from './api.ts';
import { exposeWatched } from './expose-watched.ts';
import { wired } from './wired.ts';

/** A model of a million parameters writes 1,570 tokens a second with one thread, 1,100 with two; a large one gains by each. */
const SMALL_MODEL_BYTES = 100e6;
const ALL_THREADS = Infinity; // as many as the page may use

const builtIn: BuiltIn = {
  fetch: globalThis.fetch.bind(globalThis),
  baseUrl: new URL(import.meta.env.BASE_URL, new URL('..', location.href)).href,
};

const storedModels = (): Promise<OpfsModels> => OpfsModels.open(openPersistentStore('model-usage'));

const lab = new SteerLab({
  openRuntime: (choice, weightBytes) => openWebRuntime(choice, weightBytes < SMALL_MODEL_BYTES ? 1 : ALL_THREADS),
  fetchLadder: (id) => fetchLadder(builtIn, id),
  checkpointFiles: (ladder, checkpoint, options) => builtInFiles(builtIn, ladder, checkpoint, options),
  storedModel: async (name) => (await storedModels()).find(name),
  touchStored: async (name) => (await storedModels()).touch(name),
  fetchPromptSets: (signal) => fetchPromptSets(builtIn, signal),
  store: openPersistentStore('directions'),
});

const api: ModelWorkerApi = {
  open: (request, onProgress) => wired(lab.open(request, onProgress)),
  directions: (onProgress) => wired(lab.directions(onProgress)),
  answer: (request, onBatch) => wired(lab.answer(request, onBatch)),
  rewrite: (request, onRewrite) => wired(lab.rewrite(request, onRewrite)),
  steer: (settings) => wired(lab.steer(settings)),
  interrupt: () => wired(lab.interrupt()),
  release: () => wired(lab.release()),
  exportDirections: () => wired(lab.exportDirections()),
};

exposeWatched(api);
