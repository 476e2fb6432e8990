import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import type { ExtractionClient } from '../../../../src/rpc/clients.ts';
import { Extraction, type ExtractionBrowser } from '../../../../src/state/extraction/extraction.svelte.ts';
import {
  ExtractionForm,
  parseLayers,
  type ExtractionSubject,
} from '../../../../src/state/extraction/extraction-form.svelte.ts';
import type {
  ExtractionJob,
  ExtractionPlan,
  ExtractionProgress,
  ExtractionRequest,
  ResumeWith,
} from '../../../../src/labs/extraction/extraction-messages.ts';
import type { LocalRef } from '../../../../src/labs/models/checkpoint-ref.ts';
import { settle } from '../../../support/fake-steer-client.ts';

const JOB: ExtractionJob = {
  ...{ title: 'OLMo 3 7B', checkpoints: 39, promptSets: ['harm-train'], layers: [15], state: 'running', error: null },
  ...{ failures: [], needsToken: false, needsLocal: null },
};
const PROGRESS: ExtractionProgress = {
  ...{ status: 'running', waiting: null, unitsDone: 0, units: 39, checkpoint: 'a@b', pass: null },
  ...{ secondsLeft: null, failures: [] },
};
const ACCESS = { hubUrl: null, accessToken: null };

interface Run {
  readonly how: ResumeWith | null; // null: a start
  readonly tell: (progress: ExtractionProgress) => void;
  readonly end: (job: ExtractionJob | null) => void;
  readonly fail: (error: LabError) => void;
}

/** A worker whose answers the test gives by hand. */
class FakeExtraction implements ExtractionClient {
  job: ExtractionJob | null = null;
  readonly runs: Run[] = [];
  readonly plans: { request: ExtractionRequest; end: (plan: ExtractionPlan) => void }[] = [];
  readonly asked: string[] = [];

  plan: ExtractionClient['plan'] = (request) => new Promise((end) => this.plans.push({ request, end }));
  current: ExtractionClient['current'] = () => Promise.resolve(this.job);
  start: ExtractionClient['start'] = (_, __, tell) => this.#run(null, tell);
  resumeJob: ExtractionClient['resumeJob'] = (how, tell) => this.#run(how, tell);
  pause: ExtractionClient['pause'] = () => this.#note('pause');
  resume: ExtractionClient['resume'] = () => this.#note('resume');
  cancel: ExtractionClient['cancel'] = () => this.#note('cancel');
  endWorker: ExtractionClient['endWorker'] = () => void this.asked.push('endWorker');

  #run(how: ResumeWith | null, tell: Run['tell']): Promise<ExtractionJob | null> {
    return new Promise((end, fail) => this.runs.push({ how, tell, end, fail }));
  }

  #note(what: string): Promise<void> {
    this.asked.push(what);
    return Promise.resolve();
  }
}

const FOLDER: LocalRef = {
  ...{ kind: 'folder', name: 'mine', handle: {} as FileSystemDirectoryHandle },
  files: [{ path: 'config.json', file: new File(['{}'], 'config.json') }],
};
const REFUSED = new LabError('storage', 'The folder mine may not be read again.', 'Choose it anew.');

function open(job: ExtractionJob | null, allowed: 'granted' | 'when asked' | 'never' = 'granted') {
  const client = new FakeExtraction();
  client.job = job;
  const awake = { count: 0 };
  let stored = 0;
  const browser: ExtractionBrowser = {
    persist: () => Promise.resolve(true),
    mayRead: () => Promise.resolve(allowed === 'granted'),
    reopen: () => (allowed === 'never' ? Promise.reject(REFUSED) : Promise.resolve(FOLDER)),
    keepAwake: () => {
      awake.count++;
      return Promise.resolve(() => {
        awake.count--;
      });
    },
  };
  return {
    client,
    awake,
    stored: () => stored,
    extraction: new Extraction(client, browser, () => {
      stored++;
    }),
  };
}

describe('an extraction of an earlier visit', () => {
  it('goes on by itself, tells how far it is, and ends', async () => {
    const { client, extraction, awake, stored } = open(JOB);
    void extraction.load();
    await settle();
    expect(client.runs[0]?.how).toEqual({ accessToken: null, local: null });
    expect(extraction.busy).toBe(true);
    expect(awake.count).toBe(1);
    const before = stored();
    client.runs[0]?.tell({ ...PROGRESS, unitsDone: 1 });
    client.runs[0]?.tell({ ...PROGRESS, unitsDone: 1 });
    expect(stored()).toBe(before + 1);
    expect(extraction.view).toMatchObject({ kind: 'running', title: 'OLMo 3 7B', progress: { unitsDone: 1 } });
    client.runs[0]?.end({ ...JOB, state: 'done' });
    await settle();
    expect(extraction.view).toMatchObject({ kind: 'done' });
    expect(awake.count).toBe(0);
    expect(client.asked).toContain('endWorker'); // a WASM heap gives nothing back
    await extraction.dismiss();
    expect(extraction.view.kind).toBe('idle');
  });

  it('is held where it lacks its access token, until one is given', async () => {
    const { client, extraction } = open({ ...JOB, needsToken: true });
    await extraction.load();
    expect(extraction.view).toMatchObject({ kind: 'held' });
    expect(client.runs).toEqual([]);
    void extraction.goOn('hf_token');
    await settle();
    expect(client.runs[0]?.how).toEqual({ accessToken: 'hf_token', local: null });
  });

  it('opens its folder again: by itself where that is allowed, else when it is asked to', async () => {
    const needsLocal = { kind: 'folder', name: 'mine', handle: {} as FileSystemDirectoryHandle } as const;
    const job: ExtractionJob = { ...JOB, needsLocal };
    const first = open(job);
    void first.extraction.load();
    await settle();
    expect(first.client.runs[0]?.how?.local).toBe(FOLDER);
    const second = open(job, 'when asked');
    await second.extraction.load();
    expect(second.extraction.view.kind).toBe('held');
    void second.extraction.goOn(null);
    await settle();
    expect(second.client.runs[0]?.how?.local).toBe(FOLDER);
    const third = open(job, 'never');
    await third.extraction.load();
    await third.extraction.goOn(null);
    expect(third.extraction.view).toMatchObject({ kind: 'held', error: { code: 'storage' } });
    expect(third.client.runs).toEqual([]);
  });

  it('waits until what the browser forgot is chosen again', async () => {
    const { client, extraction } = open({ ...JOB, needsLocal: { kind: 'zip', name: 'mine.zip' } });
    await extraction.load();
    expect(extraction.view.kind).toBe('held');
    void extraction.goOn(null, FOLDER);
    await settle();
    expect(client.runs[0]?.how?.local).toBe(FOLDER);
  });

  it.each(['paused', 'failed'] as const)('stays held where it was %s', async (state) => {
    const { client, extraction } = open({ ...JOB, state });
    await extraction.load();
    expect(extraction.view).toMatchObject({ kind: 'held', job: { state } });
    expect(client.runs).toEqual([]);
    await extraction.cancel();
    expect(extraction.view.kind).toBe('idle');
    expect(client.asked).toContain('cancel');
  });

  it('is forgotten by a fresh worker where one had to be ended to cancel it', async () => {
    const { client, extraction } = open(JOB);
    void extraction.load();
    await settle();
    await extraction.cancel();
    client.job = null; // as the fresh worker leaves it
    client.runs[0]?.fail(new LabError('interrupted', 'The extraction worker did not stop.', 'Go on.'));
    await settle();
    expect(client.asked.filter((what) => what === 'cancel')).toHaveLength(2);
    expect(extraction.view.kind).toBe('idle');
  });

  it('is there to go on with where the worker crashes', async () => {
    const { client, extraction } = open(JOB);
    void extraction.load();
    await settle();
    client.runs[0]?.fail(new LabError('device', 'The extraction worker crashed.', 'Resume the extraction.'));
    await settle();
    expect(extraction.view).toMatchObject({ kind: 'held', error: { message: 'The extraction worker crashed.' } });
  });
});

const SUBJECT: ExtractionSubject = {
  ...{ id: 'x', title: 'X', template: 'raw' },
  checkpoints: [{ kind: 'hub', repo: 'a/b', revision: 'main', commit: null }],
};

describe('what is to be extracted', () => {
  it('is planned when that is asked for, and a plan of other choices is dropped', async () => {
    const client = new FakeExtraction();
    const form = new ExtractionForm(client);
    form.open(SUBJECT);
    form.toggle('harm-test.jsonl');
    await form.addOwn(new File(['Hello'], 'own.txt'));
    form.choose({ layers: '3, 5-6', template: 'chat' });
    void form.makePlan(SUBJECT, ACCESS);
    expect(client.plans[0]?.request).toEqual({
      ...{ title: 'X', checkpoints: SUBJECT.checkpoints, template: 'chat', layers: [3, 5, 6], pooling: 'last' },
      ...{ precision: 'float32' },
      promptSets: [
        { kind: 'built-in', file: 'harm-train.jsonl' },
        { kind: 'own', name: 'own.txt', text: 'Hello' },
      ],
    });
    const plan = { sample: 'a/b@main' } as ExtractionPlan;
    client.plans[0]?.end(plan);
    await settle();
    expect(form.planFor(SUBJECT)).toEqual({ kind: 'ready', value: plan });
    expect(form.planFor({ ...SUBJECT, checkpoints: [] }).kind).toBe('idle'); // the ladder was edited
    form.choose({ pooling: 'max' });
    expect(form.planFor(SUBJECT).kind).toBe('idle');
  });

  it('names layers as the study, all, or numbers and ranges', () => {
    expect(['', ' all ', '15', '0, 2 4-6'].map(parseLayers)).toEqual(['study', 'all', [15], [0, 2, 4, 5, 6]]);
    for (const text of ['x', '3-1', '1.5', '-2']) expect(() => parseLayers(text)).toThrow(/is not a layer/);
  });

  it('shows what is wrong with its layers as a plan that failed', async () => {
    const form = new ExtractionForm(new FakeExtraction());
    form.open(SUBJECT);
    form.choose({ layers: 'x' });
    await form.makePlan(SUBJECT, ACCESS);
    expect(form.planFor(SUBJECT)).toMatchObject({ kind: 'failed', error: { code: 'bad-request' } });
  });
});
