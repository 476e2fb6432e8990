/// <reference lib="webworker" />
import { inspectDevice } from '../src/engine/inspect-device.ts';
import { openWebRuntime } from '../src/engine/runtime.web.ts';
import { fetchPromptFile, type BuiltIn } from '../src/sources/built-in.ts';
import { openDescribedStore } from '../src/sources/described-store.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { deleteOpfsBlobs, openOpfsBlobs } from '../src/sources/opfs-blobs.ts';
import { waitForNetwork } from '../src/sources/wait-for-network.ts';
import { aboutActivations, type ActivationAbout } from '../src/study/activation-library.ts';
import type { ActivationStore } from '../src/study/activation-store.ts';
import { ExtractionLab } from '../src/study/extraction-lab.ts';
import { openCheckpoints } from './checkpoint-thread.ts';
import type { ExtractionWorkerApi } from './extraction-api.ts';
import { exposeWatched } from './expose-watched.ts';
import { wired } from './wired.ts';

const LOCK = 'harmscope-extraction'; // held by the tab that extracts
const UNFINISHED = 'extraction'; // folder of blobs

const builtIn: BuiltIn = {
  fetch: globalThis.fetch.bind(globalThis),
  baseUrl: new URL(import.meta.env.BASE_URL, new URL('..', location.href)).href,
};

const shelf = openDescribedStore<ActivationAbout>('activations');

const activations = (collection: string): ActivationStore => ({
  get: (key) => shelf.get(key),
  has: (key) => shelf.has(key),
  set: (key, value) => shelf.set(key, value, aboutActivations(value, collection, Date.now())),
});

/** The lock goes with the tab, however it ends; one that waits for it then gets its turn. */
async function exclusively<T>(job: () => Promise<T>, onElsewhere: () => void): Promise<T> {
  const { held = [] } = await navigator.locks.query();
  if (held.some(({ name }) => name === LOCK)) onElsewhere();
  return navigator.locks.request(LOCK, job);
}

const lab = new ExtractionLab({
  jobs: openPersistentStore('extraction-jobs'),
  activations,
  unfinished: { open: () => openOpfsBlobs(UNFINISHED), clear: () => deleteOpfsBlobs(UNFINISHED) },
  openRuntime: (threads) => openWebRuntime('auto', threads),
  openCheckpoints,
  promptFile: (file) => fetchPromptFile(builtIn, file),
  inspectDevice,
  exclusively,
  waitFor: waitForNetwork,
});

const api: ExtractionWorkerApi = {
  plan: (request, access, onWait) => wired(lab.plan(request, access, onWait)),
  current: () => wired(lab.current()),
  start: (plan, access, onProgress) => wired(lab.start(plan, access, onProgress)),
  goOn: (how, onProgress) => wired(lab.goOn(how, onProgress)),
  pause: () => wired(lab.pause()),
  resume: () => wired(lab.resume()),
  cancel: () => wired(lab.cancel()),
};

exposeWatched(api);
