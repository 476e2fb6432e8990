/// <reference lib="webworker" />
import { serve } from '../src/rpc/serve.ts';
import { inspectDevice } from '../src/engine/device/inspect-device.ts';
import { openWebRuntime } from '../src/engine/device/runtime.web.ts';
import { fetchPromptFile } from '../src/sources/built-in.ts';
import { openDescribedStore } from '../src/sources/described-store.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { deleteOpfsBlobs, openOpfsBlobs } from '../src/sources/opfs-blobs.ts';
import { waitForNetwork } from '../src/sources/wait-for-network.ts';
import { aboutActivations, type ActivationAbout } from '../src/labs/extraction/activation-library.ts';
import type { ActivationStore } from '../src/labs/extraction/activation-store.ts';
import { ExtractionLab } from '../src/labs/extraction/extraction-lab.ts';
import { openCheckpoints } from './checkpoint-thread.ts';
import { builtIn } from './site.ts';

const LOCK = 'harmscope-extraction'; // held by the tab that runs the extraction
const UNFINISHED = 'extraction'; // folder of blobs

const stored = openDescribedStore<ActivationAbout>('activations');

const activations = (collection: string): ActivationStore => ({
  get: (key) => stored.get(key),
  has: (key) => stored.has(key),
  set: (key, value) => stored.set(key, value, aboutActivations(value, collection, Date.now())),
});

/** Runs a job under a lock, which is released when the tab closes or crashes; a waiting tab then gets its turn. */
async function exclusively<T>(job: () => Promise<T>, onElsewhere: () => void): Promise<T> {
  const { held = [] } = await navigator.locks.query();
  if (held.some(({ name }) => name === LOCK)) onElsewhere();
  return navigator.locks.request(LOCK, job);
}

serve(
  new ExtractionLab({
    jobs: openPersistentStore('extraction-jobs'),
    activations,
    unfinished: { open: () => openOpfsBlobs(UNFINISHED), clear: () => deleteOpfsBlobs(UNFINISHED) },
    openRuntime: (threads) => openWebRuntime('auto', threads),
    openCheckpoints,
    promptFile: (file) => fetchPromptFile(builtIn, file),
    inspectDevice,
    exclusively,
    waitFor: waitForNetwork,
  }),
);
