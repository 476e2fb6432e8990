/** The study worker's side of its analysis workers: slow tasks go to whichever worker is free. */
import { LabError } from '../src/core/errors.ts';
import type { CheckpointResult } from '../src/formats/study/study-results.ts';
import type { AnalystThreads } from '../src/labs/study/analysis/analyst.ts';
import type { AnalysedCheckpoint } from '../src/labs/study/analysis/checkpoint-analysis.ts';
import type { CheckpointVectors } from '../src/labs/study/analysis/checkpoint-vectors.ts';
import type { TestedJump } from '../src/labs/study/analysis/stage-jumps.ts';
import type { SurfaceFindings } from '../src/labs/study/analysis/surface.ts';
import type { OnSilence } from '../src/labs/study/run/watched-progress.ts';
import type { ResolvedStudy } from '../src/labs/study/plan/resolved-study.ts';
import type { Remote } from '../src/rpc/remote.ts';
import { startThread, type Thread as RpcThread } from '../src/rpc/thread.ts';
import type { ThreadName } from '../src/threads/thread-end.ts';
import type { AnalysisServer } from './analysis.worker.ts';

const ANALYSING = 'analysing a checkpoint';
const AT_ONCE = 2; // tasks per worker: it reads one checkpoint while it analyses another
const MOST_WORKERS = 4; // with more, comparing the checkpoints takes longer than analysing them
const LEAST_WORKERS = 2; // on two cores too, since comparing checkpoints uses less than half of a core

type Thread = RpcThread<AnalysisServer>;

const NAME: ThreadName = {
  name: 'An analysis worker',
  nextStep: 'Run the study again: it resumes where it stopped.',
};
const stopped = (): LabError => new LabError('interrupted', 'The study was stopped.', 'Start it again: completed checkpoints are saved.'); // prettier-ignore

let heardBy: OnSilence = () => undefined; // listener of the newest run, since threads outlive a run

const KEPT_MS = 60_000; // if the study runs again soon, its threads have compiled their code already
let kept: { readonly threads: readonly Thread[]; readonly timer: ReturnType<typeof setTimeout> } | null = null;

/** Reuses the idle threads of the previous run if they are still alive, or starts new ones. */
function startThreads(count: number): readonly Thread[] {
  const before = kept;
  kept = null;
  if (before !== null) {
    clearTimeout(before.timer);
    if (!before.threads.some(({ watched }) => watched.isOver)) return before.threads;
    endThreads(before.threads);
  }
  return Array.from({ length: count }, startAnalysisThread);
}

function keepThreads(threads: readonly Thread[]): void {
  const timer = setTimeout(() => {
    kept = null;
    endThreads(threads);
  }, KEPT_MS);
  kept = { threads, timer };
}

function endThreads(threads: readonly Thread[]): void {
  for (const { watched } of threads) watched.end(stopped());
}

export class AnalysisPool implements AnalystThreads {
  readonly #threads: readonly Thread[];
  readonly #free: Thread[];
  readonly #waiting: ((thread: Thread) => void)[] = [];
  readonly #closed: Promise<never>;
  #close: (error: LabError) => void = () => undefined;
  #isClosed = false;
  #hasFailed = false;

  /** With enough cores, leaves one for the comparison of checkpoints, which runs at the same time. */
  constructor(onSilence: OnSilence) {
    heardBy = onSilence;
    const count = Math.max(LEAST_WORKERS, Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1));
    this.#threads = startThreads(count);
    this.#free = Array.from({ length: AT_ONCE }, () => this.#threads).flat();
    this.#closed = new Promise((_, reject) => (this.#close = reject));
    this.#closed.catch(() => undefined); // pending analyses, if any, handle it
  }

  open(study: ResolvedStudy, layer: number): void {
    for (const { remote } of this.#threads) void remote.open(study, layer).catch(() => undefined); // the first analysis reports what is wrong
  }

  surface(): Promise<SurfaceFindings> {
    return this.#ask((remote) => remote.surface());
  }

  analyse(point: number, commit: string, known: CheckpointResult | null): Promise<AnalysedCheckpoint> {
    return this.#ask((remote) => remote.analyse(point, commit, known));
  }

  stageJumps(test: string, before: CheckpointVectors, after: CheckpointVectors): Promise<readonly TestedJump[]> {
    return this.#ask((remote) => remote.stageJumps(test, before, after));
  }

  /** Keeps idle threads for a while; ends busy ones together with their tasks. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const isIdle = this.#free.length === AT_ONCE * this.#threads.length;
    this.#close(stopped());
    if (isIdle && !this.#hasFailed && kept === null) keepThreads(this.#threads);
    else endThreads(this.#threads);
  }

  /** Runs a job on a free thread. Rejects with `interrupted` if the pool is closed first. */
  async #ask<T>(job: (remote: Remote<AnalysisServer>) => Promise<T>): Promise<T> {
    const thread = await Promise.race([this.#take(), this.#closed]);
    try {
      return await thread.watched.during(Promise.race([job(thread.remote), this.#closed]), ANALYSING);
    } catch (error) {
      this.#hasFailed = true; // the thread may have crashed, or still be busy
      throw error;
    } finally {
      this.#give(thread);
    }
  }

  #take(): Promise<Thread> {
    const thread = this.#free.pop();
    return thread === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(thread);
  }

  #give(thread: Thread): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(thread);
    else next(thread);
  }
}

function startAnalysisThread(): Thread {
  const thread = startThread<AnalysisServer>(startAnalysisWorker, NAME, (ms) => heardBy(thread, ms));
  return thread;
}

function startAnalysisWorker(): Worker {
  // Vite bundles the worker only if its address is written here.
  return new Worker(new URL('./analysis.worker.ts', import.meta.url), { type: 'module', name: 'harmscope-analysis' });
}
