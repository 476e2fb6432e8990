/// <reference lib="webworker" />
import { serve } from '../src/rpc/serve.ts';
import { openWebRuntime } from '../src/engine/device/runtime.web.ts';
import { openPackingStore } from '../src/sources/packs/open-packing-store.ts';
import { ResidentExtractor } from '../src/labs/study/run/resident-extractor.ts';
import { builtInCheckpoint } from './built-in-checkpoints.ts';

serve(
  new ResidentExtractor({
    openRuntime: (provider) => openWebRuntime(provider, 1), // several of these workers share the cores
    files: builtInCheckpoint,
    store: openPackingStore('study'),
  }),
);
