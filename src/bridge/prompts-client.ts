/** The page's side of the prompts worker. */
import { proxy, type Remote } from 'comlink';
import type { PromptsWorkerApi } from '../../workers/prompts-api.ts';
import { linkWorker } from './worker-link.ts';

/** `PromptsWorkerApi` whose calls reject with `LabError`. */
export type PromptsClient = PromptsWorkerApi;

const NAME = {
  name: 'The prompts worker',
  nextStep: 'Start again: the sets that were there are there still.',
};

export function startPromptsWorker(): Worker {
  // Vite bundles the worker only when its address is written right here.
  return new Worker(new URL('../../workers/prompts.worker.ts', import.meta.url), {
    type: 'module',
    name: 'harmscope-prompts',
  });
}

export function createPromptsClient(start: () => Worker = startPromptsWorker): PromptsClient {
  const { call, stop } = linkWorker<PromptsWorkerApi>(start, NAME);
  const queued = <T>(doing: string, job: (remote: Remote<PromptsWorkerApi>) => Promise<T>): Promise<T> =>
    call(job, { doing, queued: true });
  return {
    builtIn: () => call((remote) => remote.builtIn()),
    own: () => call((remote) => remote.own()),
    published: () => call((remote) => remote.published()),
    rows: (ref, query) => call((remote) => remote.rows(ref, query)),
    sample: (choice) => call((remote) => remote.sample(choice)),
    preview: (choice) => call((remote) => remote.preview(choice)),
    decideLabels: (request) => call((remote) => remote.decideLabels(request)),
    count: (choice, onProgress) =>
      call((remote) => remote.count(choice, proxy(onProgress)), { doing: 'counting a table’s rows' }),
    importFile: (request, onProgress) =>
      queued('importing a table', (remote) => remote.importFile(request, proxy(onProgress))),
    fetchPublished: (request, onProgress) =>
      queued('fetching a prompt set', (remote) => remote.fetchPublished(request, proxy(onProgress))),
    rename: (id, name) => call((remote) => remote.rename(id, name)),
    remove: (id) => call((remote) => remote.remove(id)),
    undo: () => call((remote) => remote.undo()),
    exportSet: (ref, format) => call((remote) => remote.exportSet(ref, format)),
    duplicates: (ref, other, kind, onProgress) =>
      call((remote) => remote.duplicates(ref, other, kind, proxy(onProgress)), { doing: 'looking for duplicates' }),
    removeDuplicates: (id, kind, onProgress) =>
      queued('removing duplicates', (remote) => remote.removeDuplicates(id, kind, proxy(onProgress))),
    keepRewrites: (request) => call((remote) => remote.keepRewrites(request)),
    interrupt: () => stop((remote) => remote.interrupt()),
  };
}
