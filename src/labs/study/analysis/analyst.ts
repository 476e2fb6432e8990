/** What of a study's analysis takes long: done here, or in threads of their own. */
import type { CheckpointResult } from '../../../formats/study/study-results.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';
import { JobQueue } from '../../jobs/job-queue.ts';
import type { ResolvedStudy } from '../plan/resolved-study.ts';
import type { AnalysisContext } from './analysis-context.ts';
import {
  analysed,
  readCheckpoint,
  readTests,
  type AnalysedCheckpoint,
  type ReadCheckpoint,
} from './checkpoint-analysis.ts';
import type { CheckpointVectors } from './checkpoint-vectors.ts';
import { testJumps, type TestedJump } from './stage-jumps.ts';
import { surfaceRows, type SurfaceFindings } from './surface.ts';
import { matricesOf, type ComparedRows } from './transfer.ts';

export interface Analyst {
  /** What the texts alone give away. */
  surface(): Promise<SurfaceFindings>;
  /** Everything about a checkpoint whose units are at rest. `known`: its result, where it was analysed before; the rest alone is then read. */
  analyse(point: number, commit: string, known: CheckpointResult | null): Promise<AnalysedCheckpoint>;
  /** What changed between the ends of two stages, by one test. */
  stageJumps(test: string, before: CheckpointVectors, after: CheckpointVectors): Promise<readonly TestedJump[]>;
}

/** Threads of their own, which take a while to start. */
export interface AnalystThreads extends Analyst {
  /** Comes before anything is asked. */
  open(study: ResolvedStudy, layer: number): void;
  /** Ends them: what they work on rejects with `interrupted`. */
  close(): void;
}

/** Works in this thread, on one thing at a time, so that no more than one checkpoint lies in memory. */
export class LocalAnalyst implements Analyst {
  readonly #context: AnalysisContext;
  readonly #store: KeyValueStore;
  readonly #ownsValues: boolean;
  readonly #queue = new JobQueue();

  /**
   * `ownsValues`: each time the store gives values of its own, and checkpoints are asked for a few at a time. Then one is read as soon as
   * it is asked for, and what nobody needs any more is let go.
   */
  constructor(context: AnalysisContext, store: KeyValueStore, ownsValues = false) {
    this.#context = context;
    this.#store = store;
    this.#ownsValues = ownsValues;
  }

  surface(): Promise<SurfaceFindings> {
    return this.#queue.add(() => Promise.resolve(surfaceRows(this.#context)));
  }

  async analyse(point: number, commit: string, known: CheckpointResult | null): Promise<AnalysedCheckpoint> {
    const read = (): Promise<ReadCheckpoint> => readCheckpoint(this.#context, this.#store, point, commit, known);
    if (!this.#ownsValues) return this.#queue.add(async () => analysed(this.#context, await read()));
    const ahead = await read();
    return this.#queue.add(() => {
      const found = analysed(this.#context, ahead);
      letGo(ahead, found.rows);
      return Promise.resolve(found);
    });
  }

  stageJumps(test: string, before: CheckpointVectors, after: CheckpointVectors): Promise<readonly TestedJump[]> {
    return this.#queue.add(async () => {
      const index = this.#context.tests.filter(({ name }) => name === test);
      const read = [before, after].map(({ commit }) => readTests(this.#context, this.#store, commit, index));
      const [old = new Map(), fresh = new Map()] = await Promise.all(read);
      return index.flatMap((one) =>
        testJumps(this.#context, one, { ...before, tests: old }, { ...after, tests: fresh }),
      );
    });
  }
}

/**
 * Frees what was read but is not handed on, where a browser can. To its garbage collector these are a few large objects among many
 * small ones: it looks through all of them whenever some megabytes have come, and throws away code that runs only now and then.
 */
function letGo({ training, tests, truth, sweep }: ReadCheckpoint, kept: ComparedRows): void {
  const handedOn = new Set(matricesOf(kept).map(({ values }) => values.buffer));
  const read = [training, ...tests.values(), truth ?? []].flat().map(({ values }) => values.buffer);
  const scores = [...sweep.values()].flat().map(({ scores: { buffer } }) => buffer);
  for (const buffer of new Set([...read, ...scores])) if (!handedOn.has(buffer)) detach(buffer);
}

/** https://tc39.es/ecma262/#sec-arraybuffer.prototype.transfer, newer than TypeScript's library here. */
function detach(buffer: ArrayBufferLike & { readonly transfer?: (length: number) => unknown }): void {
  buffer.transfer?.(0);
}
