import { describe, expect, test } from 'vitest';
import { Study } from '../../../../src/state/study/study.svelte.ts';
import type { OwnTurn, StudyTabs, TabMessage } from '../../../../src/state/study/study-tabs.ts';
import { madeUpPlan, madeUpResults } from '../../../support/made-up-results.ts';
import { INTERRUPTED, last, settle } from '../../../support/fake-steer-client.ts';
import { FakeStudy, PROGRESS } from '../../../support/fake-study-client.ts';

describe('two tabs of one browser', () => {
  /** A lock as Web Locks are one, and a channel between tabs. */
  class FakeBrowser {
    readonly #ears = new Set<(from: StudyTabs, message: TabMessage) => void>();
    #holder: AbortController | null = null;
    #queue: (() => void)[] = [];

    open(): StudyTabs {
      const hold = async (work: OwnTurn): Promise<void> => {
        const mine = new AbortController();
        this.#holder = mine;
        await work(mine.signal);
        if (this.#holder === mine) this.#free();
      };
      const tabs: StudyTabs = {
        tryRun: async (work) => {
          if (this.#holder !== null) return false;
          await hold(work);
          return true;
        },
        runInTurn: (work, signal) =>
          new Promise((done) => {
            const begin = (): void => void hold(work).then(done);
            if (this.#holder === null) begin();
            else {
              this.#queue.push(begin);
              signal.addEventListener('abort', () => (this.#queue = this.#queue.filter((next) => next !== begin)));
            }
          }),
        takeOver: async (work) => {
          const before = this.#holder;
          const mine = hold(work);
          before?.abort();
          await mine;
        },
        tell: (message) => this.#ears.forEach((heard) => heard(tabs, message)),
        listen: (heard) => {
          const ear = (from: StudyTabs, message: TabMessage): void => {
            if (from !== tabs) heard(message);
          };
          this.#ears.add(ear);
          return () => this.#ears.delete(ear);
        },
      };
      return tabs;
    }

    /** As when the tab that holds it is closed. */
    close(): void {
      this.#free();
    }

    #free(): void {
      this.#holder = null;
      this.#queue.shift()?.();
    }
  }

  let browser: FakeBrowser;
  const open = async (): Promise<{ tab: Study; worker: FakeStudy }> => {
    const worker = new FakeStudy();
    const tab = new Study(worker, {
      persist: () => Promise.resolve(true),
      download: () => undefined,
      drawn: () => Promise.resolve(),
      provider: () => 'wasm',
      access: () => ({ hubUrl: null, accessToken: null }),
      tabs: browser.open(),
    });
    await tab.load();
    await settle();
    return { tab, worker };
  };
  const OTHER = { ...madeUpPlan, seed: 77 };
  const two = async (plan = madeUpPlan) => {
    browser = new FakeBrowser();
    const [first, second] = [await open(), await open()];
    void first.tab.run();
    await settle();
    second.tab.setPlan(plan);
    void second.tab.run();
    await settle();
    return { first, second };
  };

  test('the second one watches, and has nothing left to do where the first one ends', async () => {
    const { first, second } = await two();
    expect([first.worker.runs.length, second.worker.runs.length]).toEqual([1, 0]);
    expect(second.tab.job).toEqual({ kind: 'elsewhere', progress: null, isOther: false });
    last(first.worker.runs).progress(PROGRESS);
    await settle();
    expect(second.tab.job).toEqual({ kind: 'elsewhere', progress: PROGRESS, isOther: false });
    const results = madeUpResults();
    second.worker.keptStudy = { results, imported: false, complete: false };
    last(first.worker.runs).show(results);
    await settle();
    expect(second.tab.results).toEqual(results);
    second.worker.keptStudy = { results, imported: false, complete: true };
    last(first.worker.runs).resolve(results);
    await settle();
    expect(second.tab.job.kind).toBe('done');
    expect(second.worker.runs).toEqual([]);
  });

  test('the second one goes on where the first one is closed, not where its visitor stopped it', async () => {
    const closed = await two();
    browser.close();
    await settle();
    expect([closed.second.tab.job.kind, closed.second.worker.runs.length]).toEqual(['running', 1]);
    const stopped = await two();
    last(stopped.first.worker.runs).reject(INTERRUPTED);
    await settle();
    expect([stopped.first.tab.job.kind, stopped.second.tab.job.kind]).toEqual(['stopped', 'stopped']);
    expect(stopped.second.worker.runs).toEqual([]);
  });

  test('the second one takes over when it is asked to, and the first one watches', async () => {
    const { first, second } = await two();
    void second.tab.takeOver();
    await settle();
    expect(first.worker.said).toEqual(['cancel']);
    last(first.worker.runs).reject(INTERRUPTED);
    await settle();
    expect([first.tab.job.kind, second.tab.job.kind]).toEqual(['elsewhere', 'running']);
    last(second.worker.runs).resolve(madeUpResults());
    first.worker.keptStudy = { results: madeUpResults(), imported: false, complete: true };
    await settle();
    expect([first.tab.job.kind, second.tab.job.kind]).toEqual(['done', 'done']);
  });

  test('one that waits with a plan of its own runs it when the other one is stopped, ends or is closed', async () => {
    const stopped = await two(OTHER);
    last(stopped.first.worker.runs).progress(PROGRESS);
    await settle();
    expect(stopped.second.tab.job).toEqual({ kind: 'elsewhere', progress: PROGRESS, isOther: true });
    last(stopped.first.worker.runs).reject(INTERRUPTED);
    await settle();
    expect([stopped.first.tab.job.kind, stopped.second.tab.job.kind]).toEqual(['stopped', 'running']);
    expect(last(stopped.second.worker.runs).request.plan).toEqual(OTHER);

    const done = await two(OTHER);
    done.second.worker.keptStudy = { results: madeUpResults(), imported: false, complete: true };
    last(done.first.worker.runs).resolve(madeUpResults());
    await settle();
    expect(done.second.tab.job.kind).toBe('running');

    const closed = await two(OTHER);
    browser.close();
    await settle();
    expect(closed.second.tab.job.kind).toBe('running');
  });

  test('one that waits for a paused one tells its plan from what this browser keeps', async () => {
    browser = new FakeBrowser();
    const [first, second] = [await open(), await open()];
    void first.tab.run();
    await settle();
    second.worker.keptStudy = { results: madeUpResults([1]), imported: false, complete: false };
    second.tab.setPlan(OTHER);
    void second.tab.run();
    await settle();
    expect(second.tab.job).toEqual({ kind: 'elsewhere', progress: null, isOther: true });
  });

  test('a third one with the stopped plan stops with it, though another plan runs now', async () => {
    const { first, second } = await two(OTHER);
    const third = await open();
    void third.tab.run();
    await settle();
    last(first.worker.runs).reject(INTERRUPTED);
    await settle();
    expect([second.tab.job.kind, third.tab.job.kind]).toEqual(['running', 'stopped']);
    last(second.worker.runs).resolve(madeUpResults());
    await settle();
    expect(third.worker.runs).toEqual([]);
  });

  test('one that waits no longer has no turn, and its plan can be changed again', async () => {
    const { first, second } = await two(OTHER);
    second.tab.setPlan({ ...OTHER, seed: 78 }); // not while it waits
    expect(second.tab.plan).toEqual(OTHER);
    second.tab.leave();
    expect(second.tab.job.kind).toBe('idle');
    last(first.worker.runs).resolve(madeUpResults());
    await settle();
    expect(second.worker.runs).toEqual([]);
    second.tab.setPlan({ ...OTHER, seed: 78 });
    expect(second.tab.plan?.seed).toBe(78);
  });

  test('one that waits shows this browser’s own results, and imported ones end its waiting', async () => {
    const { first, second } = await two();
    second.worker.imported = { results: madeUpResults(), imported: true, complete: true }; // by a third one
    second.worker.keptStudy = { results: madeUpResults([1]), imported: false, complete: false };
    last(first.worker.runs).show(madeUpResults([1]));
    await settle();
    expect(second.tab.imported).toBe(false);
    await second.tab.importFile(new File([], 'good.json'));
    expect([second.tab.job.kind, second.tab.imported]).toEqual(['idle', true]);
    browser.close();
    await settle();
    expect(second.worker.runs).toEqual([]);
  });
});
