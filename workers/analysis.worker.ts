/// <reference lib="webworker" />
import { expose } from 'comlink';
import { LabError } from '../src/core/errors.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { AnalysisContext } from '../src/study/analysis/analysis-context.ts';
import { analystHere, type CheckpointAnalyst } from '../src/study/analysis/checkpoint-analysis.ts';
import type { AnalysisWorkerApi } from './analysis-api.ts';
import { wired } from './wired.ts';

const store = openPersistentStore('study');

let analyst: CheckpointAnalyst | null = null;

const api: AnalysisWorkerApi = {
  open: (study, layer) => {
    analyst = analystHere(new AnalysisContext(study, layer), store);
    return Promise.resolve();
  },
  analyse: (point, commit) =>
    wired(
      analyst?.analyse(point, commit) ??
        Promise.reject(new LabError('bad-request', 'No study was opened.', 'Reload the page.')),
    ),
};

expose(api);
