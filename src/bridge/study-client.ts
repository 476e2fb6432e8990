/** The page's side of the study worker. */
import { proxy } from 'comlink';
import type { StudyWorkerApi } from '../../workers/study-api.ts';
import { linkWorker } from './worker-link.ts';

/** `StudyWorkerApi` whose calls reject with `LabError`. */
export interface StudyClient extends StudyWorkerApi {
  /** Hears for how long the worker has not answered, in milliseconds; 0 once it does again. One at a time listens. */
  onSilence(heard: (ms: number) => void): void;
}

const NAME = {
  name: 'The study worker',
  nextStep: 'Press “Go on”: what was measured is kept, and the study goes on from there.',
};

export function startStudyWorker(): Worker {
  // Vite bundles the worker only when its address is written right here.
  return new Worker(new URL('../../workers/study.worker.ts', import.meta.url), {
    type: 'module',
    name: 'harmscope-study',
  });
}

export function createStudyClient(start: () => Worker = startStudyWorker): StudyClient {
  let heard: (ms: number) => void = () => undefined;
  const { call, stop } = linkWorker<StudyWorkerApi>(start, NAME, undefined, (ms) => heard(ms));
  return {
    builtInPlan: () => call((remote) => remote.builtInPlan()),
    readPlan: (text, file) => call((remote) => remote.readPlan(text, file)),
    outline: (plan) => call((remote) => remote.outline(plan)),
    kept: () => call((remote) => remote.kept()),
    ownStudy: () => call((remote) => remote.ownStudy()),
    run: (request, onProgress, onResults) =>
      call((remote) => remote.run(request, proxy(onProgress), proxy(onResults)), {
        doing: 'running the study',
        queued: true,
      }),
    pause: () => call((remote) => remote.pause()),
    resume: () => call((remote) => remote.resume()),
    cancel: () => stop((remote) => remote.cancel()),
    detail: (request) => call((remote) => remote.detail(request)),
    clearUnits: () => call((remote) => remote.clearUnits()),
    exportResults: (results) => call((remote) => remote.exportResults(results)),
    exportDirections: (plan) => call((remote) => remote.exportDirections(plan)),
    importResults: (file) => call((remote) => remote.importResults(file)),
    keepImported: () => call((remote) => remote.keepImported()),
    forgetImported: () => call((remote) => remote.forgetImported()),
    onSilence: (listener) => {
      heard = listener;
    },
  };
}
