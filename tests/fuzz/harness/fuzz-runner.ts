/** Starts threads that try readers, and stops those that do not come to an end. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FuzzJob } from './fuzz-thread.ts';
import type { FuzzTarget } from './target.ts';
import { inputOf, shownInput, type FoundFault, type FuzzOptions, type TargetReport } from './run-target.ts';

const HANG_MS = 15_000; // one input for so long hangs; what takes less than that and too long is told by its thread
const LOOK_MS = 250;
const HEAP_MB = 2048; // of a thread, so that what eats memory is a fault of its reader and not the end of the run

export interface RunnerOptions {
  readonly targets?: string; // the file that lists them
  readonly hangMs?: number;
}

export class FuzzRunner {
  readonly #targets: string;
  readonly #hangMs: number;
  #thread: Worker | null = null;
  readonly #run = new Int32Array(new SharedArrayBuffer(4));
  readonly #since = new BigInt64Array(new SharedArrayBuffer(8)); // ms since 1970; 0: at rest

  constructor({ targets = join(import.meta.dirname, '../targets.ts'), hangMs = HANG_MS }: RunnerOptions = {}) {
    this.#targets = targets;
    this.#hangMs = hangMs;
  }

  /** Tries one reader. Never fails: what goes wrong is in the report. */
  async try(name: string, options: FuzzOptions): Promise<TargetReport> {
    const thread = (this.#thread ??= this.#start());
    const start = performance.now();
    Atomics.store(this.#since, 0, 0n);
    const ended = new AbortController();
    const watch = setInterval(() => {
      const since = Atomics.load(this.#since, 0);
      if (since !== 0n && Date.now() - Number(since) > this.#hangMs) void thread.terminate();
    }, LOOK_MS);
    try {
      const { signal } = ended;
      const report = once(thread, 'message', { signal }).then(([message]) => message as TargetReport);
      const exit = once(thread, 'exit', { signal }).then(() => null); // `once` throws what the thread throws
      thread.postMessage({ name, ...options } satisfies FuzzJob);
      const done = await Promise.race([report, exit]);
      if (done !== null) return done;
      return await this.#stopped(name, options, start, {
        kind: 'hang',
        message: `takes more than ${this.#hangMs / 1000} s`,
      });
    } catch (error) {
      return await this.#stopped(name, options, start, { kind: 'crash', message: String(error) });
    } finally {
      clearInterval(watch);
      ended.abort();
    }
  }

  async end(): Promise<void> {
    await this.#thread?.terminate();
    this.#thread = null;
  }

  #start(): Worker {
    return new Worker(join(import.meta.dirname, 'start-thread.js'), {
      workerData: { shared: [this.#run, this.#since], targets: this.#targets },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
  }

  /** The report of a reader whose thread is gone; the next one gets another thread. */
  async #stopped(
    name: string,
    options: FuzzOptions,
    start: number,
    fault: Pick<FoundFault, 'kind' | 'message'>,
  ): Promise<TargetReport> {
    await this.end();
    const seconds = (performance.now() - start) / 1000;
    const run = Atomics.load(this.#run, 0);
    const { TARGETS } = (await import(this.#targets)) as { readonly TARGETS: readonly FuzzTarget[] }; // not before it is needed: it takes a while
    const target = TARGETS.find((known) => known.name === name);
    const input = target === undefined ? '' : shownInput(await inputOf(target, options.seed, run));
    const found: FoundFault = { ...fault, where: '', run, times: 1, input };
    return { name, runs: run + 1, seconds, slowest: this.#hangMs, read: 0, faults: [found] };
  }
}

/** A report's faults as a reader may want them. */
export function faultLines({ name, faults }: TargetReport, seed: number): string[] {
  return faults.map(({ kind, message, where, run, times, input }) => {
    const again = `npm run fuzz -- --only ${name} --seed ${seed} --runs ${run + 1}`;
    return `${name}: ${kind} (${times} times)${where === '' ? '' : ` at ${where}`}: ${message}\n  input: ${input}\n  again: ${again}`;
  });
}
