/** Scores the directions of each checkpoint on the activations of every other; extended checkpoint by checkpoint. */
import { KernelHeap } from '../../../core/kernels/kernels.ts';
import type { Matrix } from '../../../core/linalg/matrix.ts';
import type { TransferMatrix } from '../../../formats/study/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { CheckpointVectors } from './checkpoint-vectors.ts';
import { holdTests, type HeldTests, type TestRows } from './held-tests.ts'; // prettier-ignore

/** A checkpoint's activations on `comparedTests`, by test. */
export type ComparedRows = TestRows;

/** Selects the tests that are compared. */
export function comparedRows({ comparedTests }: AnalysisContext, tests: TestRows): ComparedRows {
  return new Map([...tests].filter(([test]) => comparedTests.some(({ name }) => name === test)));
}

/** All matrices in `rows`. */
export const matricesOf = (rows: ComparedRows): Matrix[] => [...rows.values()].flat();

/** Limit for activations kept in memory between checkpoints; beyond it, they are read again. */
const HELD_BYTES = 400e6;

const MOST_PENDING = 8; // checkpoints; more would delay a page that shows partial results

export class TransferTable {
  readonly #context: AnalysisContext;
  readonly #tests: readonly TestIndex[];
  readonly #aurocs = new Map<string, Float64Array>(); // by name and test, [point of the direction, point of the activations]
  readonly #kernels = new KernelHeap();
  readonly #held = new Map<number, HeldTests>(); // by point
  #settled: readonly CheckpointVectors[] = []; // compared with each other, on the activations in memory
  #pending: CheckpointVectors[] = []; // not compared yet: several at once take less time
  #heldBytes = 0;

  constructor(context: AnalysisContext) {
    this.#context = context;
    this.#tests = context.comparedTests;
  }

  /** Adds a checkpoint. `read` fetches activations of earlier checkpoints that are not in memory. */
  async add(
    { vectors, rows }: ComparedCheckpoint,
    before: readonly CheckpointVectors[],
    read: (checkpoint: CheckpointVectors) => Promise<ComparedRows>,
  ): Promise<void> {
    const bytes = matricesOf(rows).reduce((sum, { values }) => sum + values.byteLength, 0);
    if (this.#heldBytes + bytes <= HELD_BYTES) {
      this.#heldBytes += bytes;
      this.#held.set(vectors.point, this.#hold(rows));
    } else this.#scoreRows([...before, vectors], vectors, rows);
    for (const other of before) if (!this.#held.has(other.point)) this.#scoreRows([vectors], other, await read(other));
    this.#pending.push(vectors);
    if (this.#pending.length === MOST_PENDING) this.#settle();
  }

  /** Compares the pending checkpoints with all others, on the activations in memory. */
  #settle(): void {
    const [old, fresh] = [[...this.#settled], this.#pending];
    this.#pending = [];
    this.#settled = [...this.#settled, ...fresh];
    for (const [from, onto] of [
      [fresh, old],
      [this.#settled, fresh],
    ] as const) {
      for (const { point } of onto) {
        const held = this.#held.get(point);
        if (held !== undefined) this.#scoreHeld(from, point, held);
      }
    }
  }

  /** [direction's checkpoint][activations' checkpoint] of each test that has the direction's category. */
  matrices(name: string, points: readonly number[]): TransferMatrix[] {
    if (this.#pending.length > 0) this.#settle();
    return this.#tests
      .filter(({ rows }) => rows.has(name))
      .map(({ name: test }) => ({
        test,
        values: this.#of(name, test),
      }))
      .map(({ test, values }) => ({
        test,
        auroc: points.map((from) => points.map((to) => values[this.#place(from, to)] ?? NaN)),
      }));
  }

  /** Scores all directions of some checkpoints on activations that are not in memory. */
  #scoreRows(from: readonly CheckpointVectors[], { point }: CheckpointVectors, rows: ComparedRows): void {
    this.#kernels.scoped(() => {
      this.#scoreHeld(from, point, this.#hold(rows));
    });
  }

  /** Scores a category's direction on the rows of that category, and `general` on the rows of all, each against the negative rows. */
  #scoreHeld(from: readonly CheckpointVectors[], to: number, tests: HeldTests): void {
    const { names } = this.#context.study;
    for (const { name: test, rows } of this.#tests) {
      const held = tests.get(test);
      const tried = names.flatMap((name, index) => {
        const pointing = from.filter(({ directions }) => directions[index] !== null);
        return rows.has(name) && pointing.length > 0 ? [{ name, index, pointing }] : [];
      });
      const aurocs = held?.aurocs(
        tried.map(({ name, index, pointing }) => ({
          directions: pointing.map(({ directions }) => directions[index] as Float64Array),
          harmful: rows.range(name),
        })),
      );
      for (const [place, { name, pointing }] of tried.entries()) {
        const values = this.#of(name, test);
        for (const [at, { point }] of pointing.entries()) values[this.#place(point, to)] = aurocs?.[place]?.[at] ?? NaN;
      }
    }
  }

  #hold(rows: ComparedRows): HeldTests {
    const held = holdTests(this.#kernels, this.#tests, rows);
    for (const test of held.values()) test.centre();
    return held;
  }

  #of(name: string, test: string): Float64Array {
    const key = JSON.stringify([name, test]); // both may contain any character
    const known = this.#aurocs.get(key) ?? new Float64Array(this.#context.study.points.length ** 2).fill(NaN);
    this.#aurocs.set(key, known);
    return known;
  }

  #place(from: number, to: number): number {
    return from * this.#context.study.points.length + to;
  }
}

/** What comparing checkpoints takes of each of them. */
export interface ComparedCheckpoint {
  readonly vectors: CheckpointVectors;
  readonly rows: ComparedRows;
}
