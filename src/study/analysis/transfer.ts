/** Directions of one checkpoint scored on the activations of another, for every pair; grows checkpoint by checkpoint. */
import { auroc } from '../../core/auroc.ts';
import { withProducts } from '../../core/matrix-products.ts';
import type { TransferMatrix } from '../../formats/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { CheckpointVectors, TestRows } from './checkpoint-analysis.ts';
import { takeScores } from './row-index.ts';

export class TransferTable {
  readonly #context: AnalysisContext;
  readonly #tests: readonly TestIndex[];
  readonly #aurocs = new Map<string, number>(); // by name, test, the direction's point and the activations'

  constructor(context: AnalysisContext) {
    this.#context = context;
    this.#tests = context.comparedTests;
  }

  /** Fills in a checkpoint's row and column against those that came before. */
  async add(
    added: CheckpointVectors,
    before: readonly CheckpointVectors[],
    testsOf: (point: number) => Promise<TestRows> | TestRows,
  ): Promise<void> {
    this.#score([...before, added], added.point, await testsOf(added.point));
    for (const { point } of before) this.#score([added], point, await testsOf(point));
  }

  /** [direction's checkpoint][activations' checkpoint] of each test that has the direction's category. */
  matrices(name: string, points: readonly number[]): TransferMatrix[] {
    return this.#tests
      .filter(({ rows }) => rows.has(name))
      .map(({ name: test }) => ({
        test,
        auroc: points.map((from) => points.map((to) => this.#aurocs.get(keyOf(name, test, from, to)) ?? NaN)),
      }));
  }

  /** All directions of some checkpoints on the activations of one. AUROC is the same for d and d/‖d‖. */
  #score(from: readonly CheckpointVectors[], to: number, tests: TestRows): void {
    const { names } = this.#context.study;
    for (const { name: test, rows } of this.#tests) {
      const matrix = tests.get(test);
      if (matrix === undefined) continue;
      const tried = from.flatMap(({ point, directions }) =>
        directions.flatMap((direction, index) => {
          const name = names[index] ?? '';
          return rows.has(name) ? [{ name, point, direction }] : [];
        }),
      );
      const scores = withProducts(matrix, ({ multiplyAll }) => multiplyAll(tried.map(({ direction }) => direction)));
      for (const [place, { name, point }] of tried.entries()) {
        const ofAll = scores[place] ?? new Float64Array();
        const value = auroc(takeScores(ofAll, rows.positives(name)), takeScores(ofAll, rows.negatives));
        this.#aurocs.set(keyOf(name, test, point, to), value);
      }
    }
  }
}

const keyOf = (name: string, test: string, from: number, to: number): string => JSON.stringify([name, test, from, to]);
