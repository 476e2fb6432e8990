/** The slow parts of a study's analysis, run in this thread or in separate ones. */
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
  /** How well the texts alone predict the labels. */
  surface(): Promise<SurfaceFindings>;
  /** Analyses a checkpoint whose units are all stored. `known`: its earlier result, if any; then only the rest is read. */
  analyse(point: number, commit: string, known: CheckpointResult | null): Promise<AnalysedCheckpoint>;
  /** What changed between the ends of two stages, according to one test. */
  stageJumps(test: string, before: CheckpointVectors, after: CheckpointVectors): Promise<readonly TestedJump[]>;
}

/** An analyst with its own threads, which take a while to start. */
export interface AnalystThreads extends Analyst {
  /** Must be called before any other method. */
  open(study: ResolvedStudy, layer: number): void;
  /** Ends the threads; pending calls reject with `interrupted`. */
  close(): void;
}

/** Works in this thread on one task at a time, so that only one checkpoint is in memory. */
export class LocalAnalyst implements Analyst {
  readonly #context: AnalysisContext;
  readonly #store: KeyValueStore;
  readonly #ownsValues: boolean;
  readonly #queue = new JobQueue();

  /**
   * @param ownsValues whether the store returns a new copy at every read, and only a few checkpoints are requested at a time. Then a
   * checkpoint is read as soon as it is requested, and its memory is freed when it is no longer needed.
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
      freeUnused(ahead, found.rows);
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
 * Frees buffers that were read but are not part of the result, if the browser supports it. Left to the garbage collector, these few
 * large buffers trigger full collections every few megabytes, which also discard rarely used compiled code.
 */
function freeUnused({ training, tests, truth, sweep }: ReadCheckpoint, kept: ComparedRows): void {
  const inUse = new Set(matricesOf(kept).map(({ values }) => values.buffer));
  const read = [training, ...tests.values(), truth ?? []].flat().map(({ values }) => values.buffer);
  const scores = [...sweep.values()].flat().map(({ scores: { buffer } }) => buffer);
  for (const buffer of new Set([...read, ...scores])) if (!inUse.has(buffer)) detach(buffer);
}

/** See https://tc39.es/ecma262/#sec-arraybuffer.prototype.transfer, which this TypeScript library does not declare yet. */
function detach(buffer: ArrayBufferLike & { readonly transfer?: (length: number) => unknown }): void {
  buffer.transfer?.(0);
}
