/** Directions of one checkpoint scored on the activations of another, for every pair; grows checkpoint by checkpoint. */
import { auroc } from '../../core/auroc.ts';
import { withProducts } from '../../core/matrix-products.ts';
import type { Matrix } from '../../core/matrix.ts';
import type { TransferMatrix } from '../../formats/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { CheckpointVectors } from './checkpoint-analysis.ts';
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
    testsOf: (vectors: CheckpointVectors) => Promise<ReadonlyMap<string, Matrix>>,
  ): Promise<void> {
    this.#score([...before, added], added.point, added.tests);
    for (const activations of before) this.#score([added], activations.point, await testsOf(activations));
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
  #score(from: readonly CheckpointVectors[], to: number, tests: ReadonlyMap<string, Matrix>): void {
    for (const { name: test, rows } of this.#tests) {
      const matrix = tests.get(test);
      if (matrix === undefined) continue;
      withProducts(matrix, ({ multiply }) => {
        for (const { point, directions } of from) {
          for (const [index, name] of this.#context.study.names.entries()) {
            const direction = directions[index];
            if (direction === undefined || !rows.has(name)) continue;
            const scores = multiply(direction);
            const value = auroc(takeScores(scores, rows.positives(name)), takeScores(scores, rows.negatives));
            this.#aurocs.set(keyOf(name, test, point, to), value);
          }
        }
      });
    }
  }
}

const keyOf = (name: string, test: string, from: number, to: number): string => JSON.stringify([name, test, from, to]);
