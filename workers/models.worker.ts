/// <reference lib="webworker" />
import { serve } from '../src/rpc/serve.ts';
import { inspectDevice } from '../src/engine/device/inspect-device.ts';
import { chosenFolder, fileSource } from '../src/sources/blob-source.ts';
import { fetchHubLadders, fetchLadder } from '../src/sources/built-in.ts';
import { makeExportFolder } from '../src/sources/export-folder.ts';
import { openHubCheckpoint } from '../src/sources/hub/hub-repo.ts';
import { listRefs } from '../src/sources/hub/refs.ts';
import { openDescribedStore } from '../src/sources/described-store.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { modelFolderName, OpfsModels } from '../src/sources/opfs-models.ts';
import { openPackTarget } from '../src/sources/pack-target.ts';
import { ActivationLibrary, type ActivationAbout } from '../src/labs/extraction/activation-library.ts';
import type { CheckpointSources } from '../src/labs/models/open-checkpoint-files.ts';
import { ModelLibrary } from '../src/labs/models/model-library.ts';
import { ModelLookups } from '../src/labs/models/model-lookups.ts';
import { builtIn, hubOptions } from './site.ts';

/** Memory in GiB, at most 8, which only some browsers report: https://www.w3.org/TR/device-memory/ */
const { deviceMemory } = navigator as { readonly deviceMemory?: number };

const places: CheckpointSources = {
  openHub: (repo, revision, control) => openHubCheckpoint({ ...hubOptions(control), repo, revision }),
  folderFiles: chosenFolder,
  fileSource,
};

const library = new ModelLibrary({
  ...places,
  models: () => OpfsModels.open(openPersistentStore('model-usage')),
  unfinished: openPersistentStore('begun-models'),
  folderName: modelFolderName,
  packTarget: openPackTarget,
  exportFolder: makeExportFolder,
});

const lookups = new ModelLookups({
  ...places,
  fetchLadder: (id) => fetchLadder(builtIn, id),
  listRefs: (repo, control) => listRefs({ ...hubOptions(control), repo }),
  hubLadders: () => fetchHubLadders(builtIn),
  inspectDevice,
  memoryBytes: deviceMemory === undefined ? null : deviceMemory * 2 ** 30,
});

serve(library, lookups, new ActivationLibrary(openDescribedStore<ActivationAbout>('activations')));
