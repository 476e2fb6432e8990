import { LabError } from '../../src/core/errors.ts';
import type { StudyClient } from '../../src/rpc/clients.ts';
import type { SavedStudy, StudyOutline, StudyProgress } from '../../src/labs/study/study-messages.ts';
import type { ProbeDetail, StudyResults } from '../../src/formats/study/study-results.ts';
import { madeUpPlan, madeUpResults } from './made-up-results.ts';

export interface Run {
  readonly request: Parameters<StudyClient['run']>[0];
  readonly progress: (progress: StudyProgress) => void;
  readonly show: (results: StudyResults) => void;
  readonly resolve: (results: StudyResults) => void;
  readonly reject: (error: LabError) => void;
}

export const OUTLINE: StudyOutline = {
  ...{ points: 15, sets: 6, units: 90, unitsStored: 0, prompts: 900, bytesToFetch: null, bytesToStore: 1e6 },
  storage: { used: 1, quota: 1e9 },
  summaries: [],
  shared: [],
};
export const PROGRESS: StudyProgress = {
  ...{ status: 'running', phase: 'extracting', waitingFor: null, unitsDone: 3, units: 90, secondsLeft: 30 },
  underWay: [{ point: 'SFT', set: 'test', done: 1, total: 2 }],
};

/** A study worker whose answers the test gives by hand. */
export class FakeStudy implements StudyClient {
  keptStudy: SavedStudy | null = null;
  readonly runs: Run[] = [];
  readonly said: string[] = [];
  readonly details: { readonly resolve: (detail: ProbeDetail) => void; readonly reject: (error: LabError) => void }[] =
    [];
  outlineCalls = 0;

  builtInPlan: StudyClient['builtInPlan'] = () => Promise.resolve(madeUpPlan);
  readPlan: StudyClient['readPlan'] = (text) =>
    text === 'bad'
      ? Promise.reject(new LabError('format', 'The plan: seed is no whole number.', 'Correct it.'))
      : Promise.resolve({ ...madeUpPlan, name: text });
  outline: StudyClient['outline'] = () => (this.outlineCalls++, Promise.resolve(OUTLINE));
  imported: SavedStudy | null = null; // and kept, as after a reload
  kept: StudyClient['kept'] = () => Promise.resolve(this.imported ?? this.keptStudy);
  ownStudy: StudyClient['ownStudy'] = () => Promise.resolve(this.keptStudy);
  run: StudyClient['run'] = (request, progress, show) =>
    new Promise((resolve, reject) => this.runs.push({ request, progress, show, resolve, reject }));
  pause: StudyClient['pause'] = () => this.#say('pause');
  resume: StudyClient['resume'] = () => this.#say('resume');
  cancel: StudyClient['cancel'] = () => this.#say('cancel');
  detail: StudyClient['detail'] = () => new Promise((resolve, reject) => this.details.push({ resolve, reject }));
  cleared = 0;
  clearUnits: StudyClient['clearUnits'] = () => {
    this.cleared++;
    return Promise.resolve();
  };
  exportResults: StudyClient['exportResults'] = () => Promise.resolve(new Uint8Array([123, 125]));
  exportDirections: StudyClient['exportDirections'] = () =>
    Promise.reject(new LabError('not-found', 'none are kept', 'Run it.'));
  importResults: StudyClient['importResults'] = (file) =>
    file.name === 'bad.json'
      ? Promise.reject(new LabError('format', 'bad.json: points is not a list.', 'Choose another file.'))
      : Promise.resolve({
          ...{ results: madeUpResults(), imported: true, complete: true },
          file: { name: file.name, importedAt: 1 },
        });
  keptImported = 0;
  saveImported: StudyClient['saveImported'] = () => {
    this.keptImported++;
    return Promise.resolve();
  };
  forgetImported: StudyClient['forgetImported'] = () => {
    this.imported = null;
    return Promise.resolve(this.keptStudy);
  };
  silence: (ms: number) => void = () => undefined;
  onSilence: StudyClient['onSilence'] = (heard) => {
    this.silence = heard;
  };

  #say(word: string): Promise<void> {
    this.said.push(word);
    return Promise.resolve();
  }
}
