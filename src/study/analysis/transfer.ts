/** Directions of one checkpoint scored on the activations of another, for every pair; grows checkpoint by checkpoint. */
import { auroc } from '../../core/auroc.ts';
import { withProducts } from '../../core/matrix-products.ts';
import { takeRows, type Matrix } from '../../core/matrix.ts';
import { GENERAL, type TransferMatrix } from '../../formats/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { CheckpointVectors, TestRows } from './checkpoint-analysis.ts';

/** A test's activations by class: a category's direction is tried on the rows of that category alone, and on those without the concept. */
export interface ClassRows {
  readonly negatives: Matrix;
  readonly positives: ReadonlyMap<string, Matrix>; // by category
}

/** What a checkpoint's activations are compared by: those of `comparedTests`, by test. */
export type ComparedRows = ReadonlyMap<string, ClassRows>;

/** Splits the activations of a checkpoint's tests by class: copies of their own. */
export function comparedRows({ comparedTests }: AnalysisContext, tests: TestRows): ComparedRows {
  return new Map(
    comparedTests.flatMap(({ name, rows }): [string, ClassRows][] => {
      const matrix = tests.get(name);
      if (matrix === undefined || !rows.has(GENERAL)) return [];
      const positives = rows.categories.map((category) => [category, takeRows(matrix, rows.positives(category))] as const); // prettier-ignore
      return [[name, { negatives: takeRows(matrix, rows.negatives), positives: new Map(positives) }]];
    }),
  );
}

/** All matrices of them. */
export const matricesOf = (rows: ComparedRows): Matrix[] =>
  [...rows.values()].flatMap(({ negatives, positives }) => [negatives, ...positives.values()]);

export class TransferTable {
  readonly #context: AnalysisContext;
  readonly #tests: readonly TestIndex[];
  readonly #aurocs = new Map<string, Float64Array>(); // by name and test, [the direction's point, the activations' point]

  constructor(context: AnalysisContext) {
    this.#context = context;
    this.#tests = context.comparedTests;
  }

  /** Fills in a checkpoint's row and column against those that came before. */
  async add(
    added: CheckpointVectors,
    before: readonly CheckpointVectors[],
    rowsOf: (checkpoint: CheckpointVectors) => Promise<ComparedRows> | ComparedRows,
  ): Promise<void> {
    this.#score([...before, added], added.point, await rowsOf(added));
    for (const other of before) this.#score([added], other.point, await rowsOf(other));
  }

  /** [direction's checkpoint][activations' checkpoint] of each test that has the direction's category. */
  matrices(name: string, points: readonly number[]): TransferMatrix[] {
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

  /** All directions of some checkpoints on the activations of one. AUROC is the same for d and d/‖d‖. */
  #score(from: readonly CheckpointVectors[], to: number, tests: ComparedRows): void {
    for (const [test, { negatives, positives }] of tests) {
      const tried = from.flatMap(({ point, directions }) =>
        this.#context.study.names.flatMap((name, index) => {
          const direction = directions[index];
          const isTried = direction !== undefined && (name === GENERAL || positives.has(name));
          return isTried ? [{ name, point, direction }] : [];
        }),
      );
      const safe = scoresOf(negatives, tried);
      const harmful = tried.map((): Float64Array[] => []);
      for (const [category, rows] of positives) {
        const places = tried.flatMap(({ name }, place) => (name === GENERAL || name === category ? [place] : []));
        const scores = scoresOf(rows, places.map((place) => tried[place] as Tried)); // prettier-ignore
        for (const [index, place] of places.entries()) harmful[place]?.push(scores[index] as Float64Array);
      }
      for (const [place, { name, point }] of tried.entries()) {
        const value = auroc(joined(harmful[place] ?? []), safe[place] ?? new Float64Array());
        this.#of(name, test)[this.#place(point, to)] = value;
      }
    }
  }

  #of(name: string, test: string): Float64Array {
    const key = `${name}/${test}`;
    const known = this.#aurocs.get(key) ?? new Float64Array(this.#context.study.points.length ** 2).fill(NaN);
    this.#aurocs.set(key, known);
    return known;
  }

  #place(from: number, to: number): number {
    return from * this.#context.study.points.length + to;
  }
}

interface Tried {
  readonly name: string;
  readonly point: number;
  readonly direction: Float64Array;
}

/** [tried][rows] */
function scoresOf(rows: Matrix, tried: readonly Tried[]): Float64Array[] {
  return withProducts(rows, ({ multiplyAll }) => multiplyAll(tried.map(({ direction }) => direction)));
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
