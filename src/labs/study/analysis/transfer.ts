/** Directions of one checkpoint scored on the activations of another, for every pair; grows checkpoint by checkpoint. */
import { KernelHeap } from '../../../core/kernels/kernels.ts';
import type { Matrix } from '../../../core/linalg/matrix.ts';
import type { TransferMatrix } from '../../../formats/study/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { CheckpointVectors } from './checkpoint-vectors.ts';
import { holdTests, type HeldTests, type TestRows } from './held-tests.ts'; // prettier-ignore

/** What a checkpoint's activations are compared by: those of `comparedTests`, by test. */
export type ComparedRows = TestRows;

/** Of the activations of a checkpoint's tests. */
export function comparedRows({ comparedTests }: AnalysisContext, tests: TestRows): ComparedRows {
  return new Map([...tests].filter(([test]) => comparedTests.some(({ name }) => name === test)));
}

/** All matrices of them. */
export const matricesOf = (rows: ComparedRows): Matrix[] => [...rows.values()].flat();

/** Activations that are held between checkpoints; beyond, they are read again. */
const HELD_BYTES = 400e6;

const MOST_PENDING = 8; // checkpoints; a page that shows what there is so far waits for them

export class TransferTable {
  readonly #context: AnalysisContext;
  readonly #tests: readonly TestIndex[];
  readonly #aurocs = new Map<string, Float64Array>(); // by name and test, [the direction's point, the activations' point]
  readonly #kernels = new KernelHeap();
  readonly #held = new Map<number, HeldTests>(); // by point
  #settled: readonly CheckpointVectors[] = []; // compared with each other, on what is held
  #pending: CheckpointVectors[] = []; // not yet: several at once take less time
  #heldBytes = 0;

  constructor(context: AnalysisContext) {
    this.#context = context;
    this.#tests = context.comparedTests;
  }

  /** Takes a checkpoint in. `read`: what is not held of those that came before. */
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

  /** Compares those that are pending with all, on what is held. */
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

  /** All directions of some checkpoints on activations that are not held. */
  #scoreRows(from: readonly CheckpointVectors[], { point }: CheckpointVectors, rows: ComparedRows): void {
    this.#kernels.scoped(() => {
      this.#scoreHeld(from, point, this.#hold(rows));
    });
  }

  /** A category's direction is tried on the rows of that category alone, `general` on those of all, against those without the concept. */
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
    const key = JSON.stringify([name, test]); // both may hold any sign
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
