/// <reference lib="webworker" />
import { expose, transfer } from 'comlink';
import { LabError } from '../src/core/errors.ts';
import { openPersistentStore } from '../src/sources/indexed-db.ts';
import { AnalysisContext } from '../src/study/analysis/analysis-context.ts';
import { analystAhead, type CheckpointAnalyst } from '../src/study/analysis/checkpoint-analysis.ts';
import { matricesOf } from '../src/study/analysis/transfer.ts';
import type { AnalysisWorkerApi } from './analysis-api.ts';
import { wired } from './wired.ts';

const store = openPersistentStore('study');

let analyst: CheckpointAnalyst | null = null;

const api: AnalysisWorkerApi = {
  open: (study, layer) => {
    analyst = analystAhead(new AnalysisContext(study, layer), store);
    return Promise.resolve();
  },
  analyse: (point, commit, known) => wired(analyse(point, commit, known)),
};

const analyse: CheckpointAnalyst['analyse'] = async (point, commit, known) => {
  if (analyst === null) throw new LabError('bad-request', 'No study was opened.', 'Reload the page.');
  const analysed = await analyst.analyse(point, commit, known);
  return transfer(analysed, matricesOf(analysed.rows).map(({ values }) => values.buffer)); // prettier-ignore
};

expose(api);
