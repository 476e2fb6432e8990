/// <reference lib="webworker" />
import { expose } from 'comlink';
import { LabError } from '../src/core/errors.ts';
import { requireJson } from '../src/engine/checkpoint-files.ts';
import { parseConfig } from '../src/engine/config.ts';
import { contextLengthOf } from '../src/engine/context-length.ts';
import { OlmoTokenizer } from '../src/engine/tokenizer.ts';
import { inspectDevice } from '../src/engine/inspect-device.ts';
import { fetchLadder, fetchPromptSet, type BuiltIn } from '../src/sources/built-in.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { openOwnPromptSets } from '../src/sources/own-prompt-sets.ts';
import { StudyLab } from '../src/study/study-lab.ts';
import type { StudyWorkerApi } from './study-api.ts';
import { builtInCheckpoints } from './built-in-checkpoints.ts';
import { unitPool } from './unit-pool.ts';
import { wired } from './wired.ts';

const builtIn: BuiltIn = {
  fetch: globalThis.fetch.bind(globalThis),
  baseUrl: new URL(import.meta.env.BASE_URL, new URL('..', location.href)).href,
};

const ownSets = openOwnPromptSets();
const checkpointFiles = builtInCheckpoints(builtIn);

const lab = new StudyLab({
  fetchLadder: (id) => fetchLadder(builtIn, id),
  readSet: async (source) => {
    if (source.kind === 'built-in') return fetchPromptSet(builtIn, source.file);
    if (source.kind === 'own') return (await ownSets.get(source.id)).prompts;
    const nextStep = 'Import the file on the Prompts page, and choose it from there.';
    throw new LabError('not-found', `A page cannot read ${source.path} by itself.`, nextStep);
  },
  store: openPersistentStore('study'),
  extractors: async ({ provider }) => {
    const device = await inspectDevice();
    const usesGpu = (provider === 'auto' ? device.auto : provider) === 'webgpu';
    return unitPool(provider, usesGpu);
  },
  shape: async ({ source }) => {
    const files = await checkpointFiles(source);
    const config = parseConfig(await requireJson(files, 'config.json'), `config.json of ${files.label}`);
    return { layers: config.layers, hidden: config.hiddenSize, room: contextLengthOf(config) };
  },
  tokenizer: async ({ source }) => OlmoTokenizer.open(await checkpointFiles(source)),
  pin: ({ source }) => Promise.resolve(source.revision),
  storage: async () => {
    const { usage, quota } = await navigator.storage.estimate();
    return usage === undefined || quota === undefined ? null : { used: usage, quota };
  },
});

const done = Promise.resolve();

const api: StudyWorkerApi = {
  builtInPlan: () => wired(lab.builtInPlan()),
  readPlan: (text, file) => wired(done.then(() => lab.readPlan(text, file))),
  outline: (plan) => wired(lab.outline(plan)),
  kept: () => wired(lab.kept()),
  run: (request, onProgress, onResults) => wired(lab.run(request, onProgress, onResults)),
  pause: () => wired(done.then(() => lab.pause())),
  resume: () => wired(done.then(() => lab.resume())),
  cancel: () => wired(done.then(() => lab.cancel())),
  detail: (request) => wired(lab.detail(request)),
  exportResults: (results) => wired(done.then(() => lab.exportResults(results))),
  exportDirections: (plan) => wired(lab.exportDirections(plan)),
  importResults: (file) => wired(lab.importResults(file)),
  forgetImported: () => wired(lab.forgetImported()),
};

expose(api);
