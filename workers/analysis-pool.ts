/** The study worker's side of the workers that analyse for it: checkpoints are dealt out to whichever is free. */
import { wrap, type Remote } from 'comlink';
import { LabError } from '../src/core/errors.ts';
import type { CheckpointResult } from '../src/formats/study-results.ts';
import type { AnalysedCheckpoint, CheckpointAnalyst } from '../src/study/analysis/checkpoint-analysis.ts';
import type { ResolvedStudy } from '../src/study/run/resolved-study.ts';
import type { AnalysisWorkerApi } from './analysis-api.ts';
import { crashOf, unwired } from './wired.ts';

const AT_ONCE = 2; // checkpoints that a worker is given: it reads one while it works on the other
const MOST_WORKERS = 4; // beyond, comparing the checkpoints takes longer than analysing them
const LEAST_WORKERS = 2; // on two cores too, since comparing them keeps a core less than half of the time

interface Thread {
  readonly worker: Worker;
  readonly remote: Remote<AnalysisWorkerApi>;
  readonly crashed: Promise<never>;
}

export class AnalysisPool implements CheckpointAnalyst {
  readonly #threads: readonly Thread[];
  readonly #free: Thread[];
  readonly #waiting: ((thread: Thread) => void)[] = [];
  readonly #closed: Promise<never>;
  #close: (error: LabError) => void = () => undefined;

  /** Where there are many cores, one is left to the comparison of checkpoints, which runs beside them. */
  constructor(study: ResolvedStudy, layer: number) {
    const count = Math.max(LEAST_WORKERS, Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1));
    this.#threads = Array.from({ length: count }, () => startThread(study, layer));
    this.#free = Array.from({ length: AT_ONCE }, () => this.#threads).flat();
    this.#closed = new Promise((_, reject) => (this.#close = reject));
    this.#closed.catch(() => undefined); // heard by the analyses under way, if there are any
  }

  /** Rejects with `interrupted` when the pool is closed first. */
  async analyse(point: number, commit: string, known: CheckpointResult | null): Promise<AnalysedCheckpoint> {
    const thread = await Promise.race([this.#take(), this.#closed]);
    try {
      return await unwired(Promise.race([thread.remote.analyse(point, commit, known), thread.crashed, this.#closed]));
    } finally {
      this.#give(thread);
    }
  }

  close(): void {
    for (const { worker } of this.#threads) worker.terminate();
    this.#close(new LabError('interrupted', 'The study was stopped.', 'Start it again: what is done stays.'));
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

function startThread(study: ResolvedStudy, layer: number): Thread {
  // Vite bundles the worker only when its address is written right here.
  const worker = new Worker(new URL('./analysis.worker.ts', import.meta.url), {
    type: 'module',
    name: 'harmscope-analysis',
  });
  const remote = wrap<AnalysisWorkerApi>(worker);
  const crashed = crashOf(worker, 'A worker of the analysis', 'Start the study again: it goes on.');
  void remote.open(study, layer).catch(() => undefined); // the first analysis says what is wrong
  return { worker, remote, crashed };
}
