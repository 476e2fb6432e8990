/// <reference lib="webworker" />
import { transfer } from 'comlink';
import { LabError } from '../src/core/errors.ts';
import { openPackingStore } from '../src/sources/packs/open-packing-store.ts';
import { AnalysisContext } from '../src/study/analysis/analysis-context.ts';
import { LocalAnalyst, type Analyst } from '../src/study/analysis/analyst.ts';
import { matricesOf } from '../src/study/analysis/transfer.ts';
import type { AnalysisWorkerApi } from './analysis-api.ts';
import { exposeWatched } from './expose-watched.ts';
import { wired } from './wired.ts';

const store = openPackingStore('study');

let opened: Analyst | null = null;

function ask<T>(job: (analyst: Analyst) => Promise<T>): Promise<T> {
  const none = new LabError('bad-request', 'No study was opened.', 'Reload the page.');
  return wired(opened === null ? Promise.reject(none) : job(opened));
}

const api: AnalysisWorkerApi = {
  open: (study, layer) => {
    opened = new LocalAnalyst(new AnalysisContext(study, layer), store, true);
    return Promise.resolve();
  },
  surface: () => ask((analyst) => analyst.surface()),
  analyse: async (point, commit, known) => {
    const analysed = await ask((analyst) => analyst.analyse(point, commit, known));
    return transfer(analysed, matricesOf(analysed.rows).map(({ values }) => values.buffer)); // prettier-ignore
  },
  stageJumps: (test, before, after) => ask((analyst) => analyst.stageJumps(test, before, after)),
};

exposeWatched(api);
