/** The page's side of the extraction worker. */
import { proxy } from 'comlink';
import type { ExtractionWorkerApi } from '../../workers/extraction-api.ts';
import { linkWorker } from './worker-link.ts';

/** `ExtractionWorkerApi` whose calls reject with `LabError`. */
export interface ExtractionClient extends ExtractionWorkerApi {
  /** Ends the worker, and frees the memory that a WASM heap never gives back; the next call starts a fresh one. */
  release(): void;
}

const NAME = {
  name: 'The extraction worker',
  nextStep: 'Go on with the extraction: it begins where it was.',
};

export function startExtractionWorker(): Worker {
  // Vite bundles the worker only when its address is written right here.
  return new Worker(new URL('../../workers/extraction.worker.ts', import.meta.url), {
    type: 'module',
    name: 'harmscope-extraction',
  });
}

const EXTRACTING = 'extracting activations';

export function createExtractionClient(start: () => Worker = startExtractionWorker): ExtractionClient {
  const { call, stop, restart } = linkWorker<ExtractionWorkerApi>(start, NAME);
  return {
    plan: (request, access, onWait) =>
      call((remote) => remote.plan(request, access, proxy(onWait)), { doing: 'planning an extraction' }),
    current: () => call((remote) => remote.current()),
    start: (plan, access, onProgress) =>
      call((remote) => remote.start(plan, access, proxy(onProgress)), { doing: EXTRACTING }),
    goOn: (how, onProgress) => call((remote) => remote.goOn(how, proxy(onProgress)), { doing: EXTRACTING }),
    pause: () => call((remote) => remote.pause()),
    resume: () => call((remote) => remote.resume()),
    cancel: () => stop((remote) => remote.cancel()),
    release: restart,
  };
}
