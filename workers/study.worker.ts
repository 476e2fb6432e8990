/// <reference lib="webworker" />
import { serve } from '../src/rpc/serve.ts';
import { LabError } from '../src/core/errors.ts';
import { remember } from '../src/core/memoise.ts';
import { requireJson, type CheckpointFiles } from '../src/engine/checkpoint/checkpoint-files.ts';
import { parseConfig } from '../src/engine/checkpoint/config.ts';
import { contextLengthOf } from '../src/engine/checkpoint/context-length.ts';
import type { ProviderChoice } from '../src/engine/device/device-report.ts';
import { OlmoTokenizer } from '../src/engine/tokens/tokenizer.ts';
import { inspectDevice } from '../src/engine/device/inspect-device.ts';
import { openWebRuntime } from '../src/engine/device/runtime.web.ts';
import type { BlobStore } from '../src/engine/streamed/blob-store.ts';
import { fetchLadder, fetchPromptSet } from '../src/sources/built-in.ts';
import type { Prompt } from '../src/formats/prompts/prompt-set.ts';
import { worksInMemory } from '../src/sources/indexed-db.ts';
import { openPackingStore } from '../src/sources/packs/open-packing-store.ts';
import { openOpfsBlobs } from '../src/sources/opfs-blobs.ts';
import { openOwnPromptSets } from '../src/sources/own-prompt-sets.ts';
import { waitForNetwork } from '../src/sources/wait-for-network.ts';
import { ResidentExtractor } from '../src/labs/study/run/resident-extractor.ts';
import { StreamedExtractor } from '../src/labs/study/run/streamed-extractor.ts';
import type { LadderRef } from '../src/labs/models/checkpoint-ref.ts';
import { StudyLab } from '../src/labs/study/study-lab.ts';
import { AnalysisPool } from './analysis-pool.ts';
import { builtInCheckpoint } from './built-in-checkpoints.ts';
import { HubCheckpoints } from './hub-checkpoints.ts';
import { unitPool } from './extractor-pool.ts';
import { ALL_THREADS, builtIn } from './site.ts';

const ownSets = openOwnPromptSets();
const store = openPackingStore('study');
const hub = new HubCheckpoints();

const filesOf = async (source: LadderRef): Promise<CheckpointFiles> =>
  source.kind === 'hub' ? (await hub.open(source)).files : builtInCheckpoint(source);

const UNFINISHED = 'study'; // folder of blobs: what a restart goes on from in the middle of a checkpoint

const streamed = (provider: ProviderChoice, unfinished: BlobStore): StreamedExtractor =>
  new StreamedExtractor({
    openRuntime: () => openWebRuntime(provider, ALL_THREADS),
    files: async (source) => (await hub.open(source)).files,
    store,
    unfinished,
    waitFor: waitForNetwork,
  });

const resident = (provider: ProviderChoice): ResidentExtractor =>
  new ResidentExtractor(
    { openRuntime: (choice) => openWebRuntime(choice, ALL_THREADS), files: builtInCheckpoint, store },
    provider,
  );

const builtInSets = new Map<string, Promise<readonly Prompt[]>>(); // by file

/** The lab's own sets stay as they are: each is read once. */
function builtInSet(file: string): Promise<readonly Prompt[]> {
  return remember(builtInSets, file, () => {
    const read = fetchPromptSet(builtIn, file);
    read.catch(() => builtInSets.delete(file)); // another try may get it
    return read;
  });
}

serve(
  new StudyLab({
    fetchLadder: (id) => fetchLadder(builtIn, id),
    readSet: async (source) => {
      if (source.kind === 'built-in') return builtInSet(source.file);
      if (source.kind === 'own') return (await ownSets.get(source.id)).prompts;
      const nextStep = 'Import the file on the Prompts page, and choose it from there.';
      throw new LabError('not-found', `The page cannot read ${source.path} from your disk.`, nextStep);
    },
    store,
    extractors: async ({ plan, provider }, onSilence) => {
      if (plan.ladder.kind === 'hub') return [streamed(provider, await openOpfsBlobs(UNFINISHED))];
      if (worksInMemory()) return [resident(provider)]; // other threads would not see what it keeps
      const device = await inspectDevice();
      const usesGpu = (provider === 'auto' ? device.auto : provider) === 'webgpu';
      return unitPool(provider, usesGpu, onSilence);
    },
    analysts: (onSilence) => (worksInMemory() ? null : new AnalysisPool(onSilence)),
    shape: async ({ source }) => {
      const files = await filesOf(source);
      const config = parseConfig(await requireJson(files, 'config.json'), `config.json of ${files.label}`);
      return { layers: config.layers, hidden: config.hiddenSize, room: contextLengthOf(config) };
    },
    tokenizer: async ({ source }) => OlmoTokenizer.open(await filesOf(source)),
    useHub: (access) => hub.use(access),
    pin: async ({ source }) => (await hub.open(source)).commit,
    storage: async () => {
      const { usage, quota } = await navigator.storage.estimate();
      return usage === undefined || quota === undefined ? null : { used: usage, quota };
    },
  }),
);
