/** The study worker's side of the workers that analyse for it: whatever takes long is dealt out to whichever is free. */
import { LabError } from '../src/core/errors.ts';
import type { CheckpointResult } from '../src/formats/study/study-results.ts';
import type { AnalystThreads } from '../src/labs/study/analysis/analyst.ts';
import type { AnalysedCheckpoint } from '../src/labs/study/analysis/checkpoint-analysis.ts';
import type { CheckpointVectors } from '../src/labs/study/analysis/checkpoint-vectors.ts';
import type { TestedJump } from '../src/labs/study/analysis/stage-jumps.ts';
import type { SurfaceFindings } from '../src/labs/study/analysis/surface.ts';
import type { OnSilence } from '../src/labs/study/run/heard-progress.ts';
import type { ResolvedStudy } from '../src/labs/study/plan/resolved-study.ts';
import type { Remote } from '../src/rpc/remote.ts';
import { startThread, type Thread as RpcThread } from '../src/rpc/thread.ts';
import type { ThreadName } from '../src/threads/thread-end.ts';
import type { AnalysisServer } from './analysis.worker.ts';

const ANALYSING = 'analysing a checkpoint';
const AT_ONCE = 2; // that a worker is given: it reads a checkpoint while it works on another
const MOST_WORKERS = 4; // beyond, comparing the checkpoints takes longer than analysing them
const LEAST_WORKERS = 2; // on two cores too, since comparing them keeps a core less than half of the time

type Thread = RpcThread<AnalysisServer>;

const NAME: ThreadName = {
  name: 'A worker of the analysis',
  nextStep: 'Run the study again: it resumes where it was.',
};
const stopped = (): LabError => new LabError('interrupted', 'The study was stopped.', 'Start it again: what is done stays.'); // prettier-ignore

let heardBy: OnSilence = () => undefined; // the newest run; threads outlast theirs

const KEPT_MS = 60_000; // a study that is run again soon finds threads whose code is compiled already
let kept: { readonly threads: readonly Thread[]; readonly timer: ReturnType<typeof setTimeout> } | null = null;

/** Those of the run before, where they were kept and live. */
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

  /** Where there are many cores, one is left to the comparison of checkpoints, which runs beside them. */
  constructor(onSilence: OnSilence) {
    heardBy = onSilence;
    const count = Math.max(LEAST_WORKERS, Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1));
    this.#threads = startThreads(count);
    this.#free = Array.from({ length: AT_ONCE }, () => this.#threads).flat();
    this.#closed = new Promise((_, reject) => (this.#close = reject));
    this.#closed.catch(() => undefined); // heard by the analyses under way, if there are any
  }

  open(study: ResolvedStudy, layer: number): void {
    for (const { remote } of this.#threads) void remote.open(study, layer).catch(() => undefined); // the first analysis says what is wrong
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

  /** Idle threads are kept for a while; what is under way ends with its thread. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const isIdle = this.#free.length === AT_ONCE * this.#threads.length;
    this.#close(stopped());
    if (isIdle && !this.#hasFailed && kept === null) keepThreads(this.#threads);
    else endThreads(this.#threads);
  }

  /** Rejects with `interrupted` when the pool is closed first. */
  async #ask<T>(job: (remote: Remote<AnalysisServer>) => Promise<T>): Promise<T> {
    const thread = await Promise.race([this.#take(), this.#closed]);
    try {
      return await thread.watched.during(Promise.race([job(thread.remote), this.#closed]), ANALYSING);
    } catch (error) {
      this.#hasFailed = true; // the thread may have crashed, or still be at work
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
  // Vite bundles the worker only when its address is written right here.
  return new Worker(new URL('./analysis.worker.ts', import.meta.url), { type: 'module', name: 'harmscope-analysis' });
}
