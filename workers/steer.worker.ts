/// <reference lib="webworker" />
import { serve } from '../src/rpc/serve.ts';
import { openWebRuntime } from '../src/engine/device/runtime.web.ts';
import { warmUp } from '../src/engine/device/warm-up.ts';
import { builtInFiles, fetchLadder, fetchPromptSets } from '../src/sources/built-in.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { openOwnPromptSets } from '../src/sources/own-prompt-sets.ts';
import { OpfsModels } from '../src/sources/opfs-models.ts';
import { SteerLab } from '../src/labs/steer/steer-lab.ts';
import { ALL_THREADS, builtIn } from './site.ts';

/** A model of a million parameters writes 1,570 tokens a second with one thread, 1,100 with two; a large one gains by each. */
const SMALL_MODEL_BYTES = 100e6;

const storedModels = (): Promise<OpfsModels> => OpfsModels.open(openPersistentStore('model-usage'));

serve(
  new SteerLab({
    openRuntime: async (choice, weightBytes) => {
      const runtime = await openWebRuntime(choice, weightBytes < SMALL_MODEL_BYTES ? 1 : ALL_THREADS);
      void warmUp(runtime); // fetches and compiles ONNX Runtime while the model's files are read
      return runtime;
    },
    fetchLadder: (id) => fetchLadder(builtIn, id),
    checkpointFiles: (ladder, checkpoint, options) => builtInFiles(builtIn, ladder, checkpoint, options),
    storedModel: async (name) => (await storedModels()).find(name),
    touchStored: async (name) => (await storedModels()).touch(name),
    promptSets: { builtIn: (files) => fetchPromptSets(builtIn, files), own: (id) => openOwnPromptSets().get(id) },
    store: openPersistentStore('directions'),
  }),
);
