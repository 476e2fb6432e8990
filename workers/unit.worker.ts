/// <reference lib="webworker" />
import { expose } from 'comlink';
import type { ProviderChoice } from '../src/engine/device-report.ts';
import { openWebRuntime } from '../src/engine/runtime.web.ts';
import { builtInFiles, fetchLadder, type BuiltIn } from '../src/sources/built-in.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { LabError } from '../src/core/errors.ts';
import { findCheckpoint, type Ladder } from '../src/formats/ladder.ts';
import { ResidentExtractor } from '../src/study/run/resident-extractor.ts';
import type { UnitWorkerApi } from './unit-api.ts';
import { wired } from './wired.ts';

const builtIn: BuiltIn = {
  fetch: globalThis.fetch.bind(globalThis),
  baseUrl: new URL(import.meta.env.BASE_URL, new URL('..', location.href)).href,
};

const ladders = new Map<string, Promise<Ladder>>();

function ladderOf(id: string): Promise<Ladder> {
  const known = ladders.get(id) ?? fetchLadder(builtIn, id);
  ladders.set(id, known);
  known.catch(() => ladders.delete(id));
  return known;
}

let provider: ProviderChoice = 'auto';

const extractor = new ResidentExtractor({
  openRuntime: () => openWebRuntime(provider, 1), // several of these workers share the cores
  files: async (source) => {
    if (source.kind === 'hub') {
      throw new LabError('config', `${source.repo} is too large to be held whole.`, 'It is streamed: run it again.');
    }
    const ladder = await ladderOf(source.ladder);
    return builtInFiles(builtIn, ladder, findCheckpoint(ladder, source.revision));
  },
  store: openPersistentStore('study'),
});

const done = Promise.resolve();

const api: UnitWorkerApi = {
  extract: (job, choice, onProgress) => {
    provider = choice;
    return wired(extractor.extract(job, onProgress));
  },
  prefetch: (source) => wired(done.then(() => extractor.prefetch(source))),
  stop: () => wired(done.then(() => extractor.stop())),
};

expose(api);
