/** The page's side of the library worker. */
import { proxy, type Remote } from 'comlink';
import type { LibraryWorkerApi } from '../../workers/library-api.ts';
import { linkWorker } from './worker-link.ts';

/** `LibraryWorkerApi` whose calls reject with `LabError`. */
export type LibraryClient = LibraryWorkerApi;

const NAME = {
  name: 'The library worker',
  nextStep: 'Start again: a conversion goes on from where it stopped.',
};

export function startLibraryWorker(): Worker {
  // Vite bundles the worker only when its address is written right here.
  return new Worker(new URL('../../workers/library.worker.ts', import.meta.url), {
    type: 'module',
    name: 'harmscope-library',
  });
}

export function createLibraryClient(start: () => Worker = startLibraryWorker): LibraryClient {
  const { call, stop } = linkWorker<LibraryWorkerApi>(start, NAME);
  const queued = <T>(doing: string, job: (remote: Remote<LibraryWorkerApi>) => Promise<T>): Promise<T> =>
    call(job, { doing, queued: true });
  return {
    device: () => call((remote) => remote.device()),
    builtInLadder: (id) => call((remote) => remote.builtInLadder(id)),
    list: () => call((remote) => remote.list()),
    storage: () => call((remote) => remote.storage()),
    remove: (name) => call((remote) => remote.remove(name)),
    ladders: () => call((remote) => remote.ladders()),
    addLadder: (name, text) => call((remote) => remote.addLadder(name, text)),
    refs: (repo, access, onWait) => call((remote) => remote.refs(repo, access, proxy(onWait))),
    pickLadder: (id, access, onWait) => call((remote) => remote.pickLadder(id, access, proxy(onWait))),
    inspect: (address, access, onWait) => call((remote) => remote.inspect(address, access, proxy(onWait))),
    zipKind: (file) => call((remote) => remote.zipKind(file)),
    stopLooking: () => call((remote) => remote.stopLooking()),
    convert: (request, onProgress) =>
      queued('converting a checkpoint', (remote) => remote.convert(request, proxy(onProgress))),
    installPack: (pack, onProgress) =>
      queued('installing a pack', (remote) => remote.installPack(pack, proxy(onProgress))),
    savePack: (name, target, onProgress) =>
      queued('saving a pack', (remote) => remote.savePack(name, target, proxy(onProgress))),
    exportModel: (name, target, onProgress) =>
      queued('exporting a model', (remote) => remote.exportModel(name, target, proxy(onProgress))),
    activations: () => call((remote) => remote.activations()),
    removeActivations: (id) => call((remote) => remote.removeActivations(id)),
    activationsFile: (id) => call((remote) => remote.activationsFile(id)),
    interrupt: () => stop((remote) => remote.interrupt()),
  };
}
