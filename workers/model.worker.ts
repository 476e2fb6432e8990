/// <reference lib="webworker" />
import { expose } from 'comlink';
import { toWire } from '../src/core/errors.ts';
import { inspectDevice, openWebRuntime } from '../src/engine/runtime.web.ts';
import { builtInFiles, fetchLadder, fetchPromptSets, type BuiltIn } from '../src/sources/built-in.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { SteerLab } from '../src/study/steer-lab.ts';
import type { ModelWorkerApi } from './api.ts';

const THREADS = 1; // a model of a million parameters: 1,570 tokens a second with one thread, 1,100 with two

const builtIn: BuiltIn = {
  fetch: globalThis.fetch.bind(globalThis),
  baseUrl: new URL(import.meta.env.BASE_URL, new URL('..', location.href)).href,
};

const lab = new SteerLab({
  inspectDevice,
  openRuntime: (choice) => openWebRuntime(choice, THREADS),
  fetchLadder: (id) => fetchLadder(builtIn, id),
  checkpointFiles: (ladder, checkpoint, options) => builtInFiles(builtIn, ladder, checkpoint, options),
  fetchPromptSets: (signal) => fetchPromptSets(builtIn, signal),
  store: openPersistentStore('directions'),
});

/** Comlink clones only name, message and stack of an Error, so errors leave as plain data. */
async function wired<T>(job: Promise<T>): Promise<T> {
  try {
    return await job;
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the wire's form of an error is a plain object
    throw toWire(error);
  }
}

const api: ModelWorkerApi = {
  device: () => wired(lab.device()),
  ladder: (id) => wired(lab.ladder(id)),
  open: (request, onProgress) => wired(lab.open(request, onProgress)),
  directions: (onProgress) => wired(lab.directions(onProgress)),
  answer: (request, onBatch) => wired(lab.answer(request, onBatch)),
  steer: (settings) => wired(lab.steer(settings)),
  interrupt: () => wired(lab.interrupt()),
  release: () => wired(lab.release()),
  exportDirections: () => wired(lab.exportDirections()),
};

expose(api);
