import { beforeEach, describe, expect, test } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { Study, type StudySurroundings } from '../../../../src/state/study/study.svelte.ts';
import { madeUpDetail, madeUpPlan, madeUpResults } from '../../../support/made-up-results.ts';
import { INTERRUPTED, last, settle } from '../../../support/fake-steer-client.ts';
import { FakeStudy, OUTLINE, PROGRESS } from '../../../support/fake-study-client.ts';

let client: FakeStudy;
let study: Study;
let downloads: string[];
let drawing: () => Promise<void>;

beforeEach(() => {
  client = new FakeStudy();
  downloads = [];
  drawing = () => Promise.resolve();
  study = new Study(client, surroundings());
});

const surroundings = (): StudySurroundings => ({
  persist: () => Promise.resolve(false),
  drawn: () => drawing(),
  download: (file) => void downloads.push(file.name),
  provider: () => 'wasm',
  access: () => ({ hubUrl: null, accessToken: null }),
});

const TARGET = { point: 2, probe: 'projection', direction: 'general', test: 'held out' } as const;

describe('a first visit', () => {
  test('has the built-in plan, what it comes to, and no results', async () => {
    await study.load();
    await settle();
    expect(study.results).toBeNull();
    expect(study.plan).toEqual(madeUpPlan);
    expect(study.outline).toEqual({ kind: 'ready', value: OUTLINE });
    await study.load(); // another page opens
    expect(client.outlineCalls).toBe(1);
  });

  test('runs, shows what is there so far, and then all of it', async () => {
    await study.load();
    const running = study.run();
    await settle();
    expect(study.running).toBe(true);
    void study.run(); // one at a time
    await settle();
    expect(client.runs).toHaveLength(1);
    const run = last(client.runs);
    expect(run.request).toEqual({
      plan: madeUpPlan,
      provider: 'wasm',
      access: { hubUrl: null, accessToken: null },
    });
    run.progress(PROGRESS);
    expect(study.job).toMatchObject({ kind: 'running', progress: PROGRESS });
    run.show(madeUpResults([5, 6]));
    expect(study.results?.checkpoints).toHaveLength(13);
    run.resolve(madeUpResults());
    await running;
    expect(study.job.kind).toBe('done');
    expect(study.results?.checkpoints).toHaveLength(15);
    expect(study.canGoOn).toBe(false);
    run.show(madeUpResults([0])); // told before the end, heard after it
    expect(study.canGoOn).toBe(false);
    expect(study.results?.checkpoints.length).toBeGreaterThan(1);
    expect(study.storageNote).toContain('did not grant persistent storage');
  });
});

describe('what a study runs on', () => {
  test('is what Steer runs on, until something else is chosen', async () => {
    await study.load();
    expect(study.provider).toBe('wasm');
    study.runOn('webgpu');
    expect(study.provider).toBe('webgpu');
    void study.run();
    await settle();
    expect(last(client.runs).request.provider).toBe('webgpu');
  });
});

describe('a study under way', () => {
  test('pauses, goes on and stops; what is measured stays, and it can go on', async () => {
    await study.load();
    const running = study.run();
    await settle();
    last(client.runs).show(madeUpResults([1, 2]));
    await study.pause();
    await study.resume();
    await study.cancel();
    expect(client.said).toEqual(['pause', 'resume', 'cancel']);
    expect(study.job).toMatchObject({ asked: 'stop' });
    last(client.runs).reject(INTERRUPTED);
    await running;
    expect(study.job.kind).toBe('stopped');
    expect(study.results?.checkpoints).toHaveLength(13);
    expect(study.canGoOn).toBe(true);
  });

  test('that is stopped before it has begun does not begin', async () => {
    await study.load();
    const running = study.run();
    void study.cancel();
    await running;
    expect(client.runs).toHaveLength(0);
    expect(study.job.kind).toBe('stopped');
  });

  test('that does not hear of a pause says so until it is paused, and for how long it has not answered', async () => {
    await study.load();
    void study.run();
    await settle();
    last(client.runs).progress(PROGRESS);
    void study.pause();
    client.silence(25_000); // its worker hangs
    expect(study.job).toMatchObject({ asked: 'pause', progress: { status: 'running' } });
    expect(study.silentMs).toBe(25_000);
    client.silence(0);
    last(client.runs).progress({ ...PROGRESS, silentMs: 40_000 }); // one of its worker's threads does
    expect(study.job).toMatchObject({ asked: 'pause' });
    expect(study.silentMs).toBe(40_000);
    last(client.runs).progress({ ...PROGRESS, status: 'paused' });
    expect(study.job).toMatchObject({ asked: null });
    expect(study.silentMs).toBe(0);
  });

  test('of an earlier visit goes on with its own plan', async () => {
    const plan = { ...madeUpPlan, seed: 9 };
    client.keptStudy = { results: { ...madeUpResults([3]), plan }, imported: false, complete: false };
    await study.load();
    expect(study.canGoOn).toBe(true);
    void study.run();
    await settle();
    expect(last(client.runs).request.plan.seed).toBe(9);
    study.setPlan(madeUpPlan); // not while it runs
    expect(study.plan?.seed).toBe(9);
  });

  test('that fails says why', async () => {
    await study.load();
    const running = study.run();
    await settle();
    const error = new LabError('storage', 'no room for unit 3', 'Free some space.');
    last(client.runs).reject(error);
    await running;
    expect(study.job).toEqual({ kind: 'failed', error });
  });
});

describe('imported results', () => {
  test('are shown, and what lies behind them is elsewhere', async () => {
    await study.load();
    await study.importFile(new File([], 'good.json'));
    expect(study.imported).toBe(true);
    await study.look(TARGET);
    expect(study.behind).toMatchObject({ answer: { kind: 'elsewhere' } });
    expect(client.details).toHaveLength(0);
    await study.forgetImported();
    expect(study.results).toBeNull();
    expect(study.behind).toBeNull();
  });

  test('leave this browser’s own plan as it is, before and after a reload', async () => {
    const plan = { ...madeUpPlan, seed: 9 };
    client.keptStudy = { results: { ...madeUpResults([3]), plan }, imported: false, complete: false };
    await study.load();
    void study.run();
    await settle();
    last(client.runs).reject(INTERRUPTED);
    await settle();
    await study.importFile(new File([], 'good.json'));
    expect(study.shown).toMatchObject({ value: { file: { name: 'good.json' } } });
    expect(study.job.kind).toBe('idle'); // “Stopped” is not said of what was imported
    expect(study.canGoOn).toBe(false);
    expect(study.plan?.seed).toBe(9);

    client.imported = { results: madeUpResults(), imported: true, complete: true };
    const reloaded = new Study(client, surroundings());
    await reloaded.load();
    expect(reloaded.imported).toBe(true);
    expect(reloaded.plan?.seed).toBe(9);
    await reloaded.forgetImported();
    expect([reloaded.plan?.seed, reloaded.results?.plan.seed, reloaded.canGoOn]).toEqual([9, 9, true]);
  });

  test('hide a plan that is chosen meanwhile, and say so', async () => {
    await study.load();
    await study.importFile(new File([], 'good.json'));
    expect(study.form.isOpen).toBe(false);
    study.setPlan({ ...madeUpPlan, seed: 4 });
    expect(study.form.isOpen).toBe(true);
    await study.forgetImported();
    expect(study.plan?.seed).toBe(4);
  });

  test('are kept only once they were drawn', async () => {
    await study.load();
    let finish: () => void = () => undefined;
    drawing = () => new Promise((resolve) => (finish = resolve));
    const importing = study.importFile(new File([], 'good.json'));
    await settle();
    expect(study.imported).toBe(true);
    expect(client.keptImported).toBe(0);
    finish();
    await importing;
    expect(client.keptImported).toBe(1);
  });

  test.each([
    ['a figure fails on', () => study.cannotDraw()],
    ['are put away again before', () => void study.forgetImported()],
  ])('that %s are not kept', async (_, meanwhile) => {
    await study.load();
    drawing = async () => {
      meanwhile();
      await settle();
    };
    await study.importFile(new File([], 'bad-to-draw.json'));
    expect(client.keptImported).toBe(0);
    drawing = () => Promise.resolve();
    await study.importFile(new File([], 'good.json')); // a later file has its own chance
    expect(client.keptImported).toBe(1);
  });

  test('that cannot be read take nothing away', async () => {
    client.keptStudy = { results: madeUpResults(), imported: false, complete: true };
    await study.load();
    await study.importFile(new File([], 'bad.json'));
    expect(study.fileError?.message).toContain('points is not a list');
    expect(study.results).toBe(client.keptStudy.results);
  });
});

test('only the latest look behind a number is shown', async () => {
  client.keptStudy = { results: madeUpResults(), imported: false, complete: true };
  await study.load();
  void study.look(TARGET);
  void study.look({ ...TARGET, point: 3 });
  client.details[1]?.resolve(madeUpDetail(3, 'projection', 'general', 'held out'));
  client.details[0]?.resolve(madeUpDetail(2, 'projection', 'general', 'held out'));
  await settle();
  expect(study.behind).toMatchObject({ target: { point: 3 }, answer: { kind: 'ready', value: { point: 3 } } });
  study.closeDetail();
  expect(study.behind).toBeNull();
});

test('a plan that somebody wrote is checked, and kept out where it is wrong', async () => {
  await study.load();
  await study.readPlan('mine', 'The plan');
  expect(study.plan?.name).toBe('mine');
  await expect(study.readPlan('bad', 'The plan')).rejects.toMatchObject({ code: 'format' });
  expect(study.plan?.name).toBe('mine');
});

test('results leave as a file; what cannot be made says so', async () => {
  client.keptStudy = { results: madeUpResults(), imported: false, complete: true };
  await study.load();
  await study.exportResults();
  await study.exportDirections();
  expect(downloads).toEqual(['harmscope-results.json']);
  expect(study.fileError?.code).toBe('not-found');
});
