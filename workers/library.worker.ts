/// <reference lib="webworker" />
import { inspectDevice } from '../src/engine/inspect-device.ts';
import { chosenFolder, fileSource } from '../src/sources/blob-source.ts';
import { fetchHubLadders, fetchLadder, type BuiltIn } from '../src/sources/built-in.ts';
import { makeExportFolder } from '../src/sources/export-folder.ts';
import type { HubOptions } from '../src/sources/hub/hub-fetch.ts';
import { openHubCheckpoint } from '../src/sources/hub/hub-repo.ts';
import { listRefs } from '../src/sources/hub/refs.ts';
import { openDescribedStore } from '../src/sources/described-store.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { modelFolderName, OpfsModels } from '../src/sources/opfs-models.ts';
import { openPackTarget } from '../src/sources/pack-target.ts';
import type { HubControl } from '../src/study/locate-checkpoint.ts';
import { ActivationLibrary, type ActivationAbout } from '../src/study/activation-library.ts';
import { summariseLadder } from '../src/study/ladder-summary.ts';
import { ModelLibrary } from '../src/study/model-library.ts';
import type { LibraryWorkerApi } from './library-api.ts';
import { exposeWatched } from './expose-watched.ts';
import { wired } from './wired.ts';

const builtIn: BuiltIn = {
  fetch: globalThis.fetch.bind(globalThis),
  baseUrl: new URL(import.meta.env.BASE_URL, new URL('..', location.href)).href,
};

const hubOptions = ({ access, signal, onWait }: HubControl): HubOptions => ({
  fetch: builtIn.fetch,
  ...(access.hubUrl !== null && { hubUrl: access.hubUrl }),
  ...(access.accessToken !== null && { accessToken: access.accessToken }),
  signal,
  onWait,
});

/** https://www.w3.org/TR/device-memory/: GiB, at most 8, in some browsers. */
const { deviceMemory } = navigator as { readonly deviceMemory?: number };

const library = new ModelLibrary({
  shelf: () => OpfsModels.open(openPersistentStore('model-usage')),
  begun: openPersistentStore('begun-models'),
  folderName: modelFolderName,
  openHub: (repo, revision, control) => openHubCheckpoint({ ...hubOptions(control), repo, revision }),
  listRefs: (repo, control) => listRefs({ ...hubOptions(control), repo }),
  folderFiles: chosenFolder,
  fileSource,
  hubLadders: () => fetchHubLadders(builtIn),
  packTarget: openPackTarget,
  exportFolder: makeExportFolder,
  inspectDevice,
  memoryBytes: deviceMemory === undefined ? null : deviceMemory * 2 ** 30,
});

const activations = new ActivationLibrary(openDescribedStore<ActivationAbout>('activations'));

const api: LibraryWorkerApi = {
  device: () => wired(inspectDevice()),
  builtInLadder: (id) => wired(fetchLadder(builtIn, id).then(summariseLadder)),
  list: () => wired(library.list()),
  storage: () => wired(library.storage()),
  remove: (name) => wired(library.remove(name)),
  ladders: () => wired(library.ladders()),
  addLadder: (name, text) => wired(library.addLadder(name, text)),
  refs: (repo, access, onWait) => wired(library.refs(repo, access, onWait)),
  pickLadder: (id, access, onWait) => wired(library.pickLadder(id, access, onWait)),
  inspect: (address, access, onWait) => wired(library.inspect(address, access, onWait)),
  zipKind: (file) => wired(library.zipKind(file)),
  stopLooking: () => wired(library.stopLooking()),
  convert: (request, onProgress) => wired(library.convert(request, onProgress)),
  installPack: (pack, onProgress) => wired(library.installPack(pack, onProgress)),
  savePack: (name, target, onProgress) => wired(library.savePack(name, target, onProgress)),
  exportModel: (name, target, onProgress) => wired(library.exportModel(name, target, onProgress)),
  activations: () => wired(activations.list()),
  removeActivations: (id) => wired(activations.remove(id)),
  activationsFile: (id) => wired(activations.file(id)),
  interrupt: () => wired(library.interrupt()),
};

exposeWatched(api);
