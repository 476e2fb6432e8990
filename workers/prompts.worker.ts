/// <reference lib="webworker" />
import { fileSource } from '../src/sources/blob-source.ts';
import { builtInPromptFiles, fetchPromptSet, fetchRecipes, type BuiltIn } from '../src/sources/built-in.ts';
import type { HubOptions } from '../src/sources/hub/hub-fetch.ts';
import { openPublishedFiles } from '../src/sources/hub/prompt-sets.ts';
import { openOwnPromptSets } from '../src/sources/own-prompt-sets.ts';
import type { HubControl } from '../src/study/locate-checkpoint.ts';
import { PromptLibrary } from '../src/study/prompt-library.ts';
import type { PromptsWorkerApi } from './prompts-api.ts';
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

const library = new PromptLibrary({
  own: openOwnPromptSets(),
  builtInFiles: () => builtInPromptFiles(builtIn),
  builtInSet: (file) => fetchPromptSet(builtIn, file),
  recipes: () => fetchRecipes(builtIn),
  openPublished: (recipe, control) => openPublishedFiles(recipe, hubOptions(control)),
  fileSource: (file) => fileSource(file),
});

const api: PromptsWorkerApi = {
  builtIn: () => wired(library.builtIn()),
  own: () => wired(library.own()),
  published: () => wired(library.published()),
  rows: (ref, query) => wired(library.rows(ref, query)),
  sample: (choice) => wired(library.sample(choice)),
  preview: (choice) => wired(library.preview(choice)),
  decideLabels: (request) => wired(library.decideLabels(request)),
  count: (choice, onProgress) => wired(library.count(choice, onProgress)),
  importFile: (request, onProgress) => wired(library.importFile(request, onProgress)),
  fetchPublished: (request, onProgress) => wired(library.fetchPublished(request, onProgress)),
  rename: (id, name) => wired(library.rename(id, name)),
  remove: (id) => wired(library.remove(id)),
  undo: () => wired(library.undo()),
  exportSet: (ref, format) => wired(library.exportSet(ref, format)),
  duplicates: (ref, other, kind, onProgress) => wired(library.duplicates(ref, other, kind, onProgress)),
  removeDuplicates: (id, kind, onProgress) => wired(library.removeDuplicates(id, kind, onProgress)),
  keepRewrites: (request) => wired(library.keepRewrites(request)),
  interrupt: () => wired(library.interrupt()),
};

exposeWatched(api);
