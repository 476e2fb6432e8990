/** What changed from the end of one stage to the end of the next, and whether chance would do as much. */
import { projections } from '../../core/matrix.ts';
import { permutationTestOfAurocs, type ClassScores } from '../../core/permutation.ts';
import { cosine } from '../../core/vectors.ts';
import type { StageJump } from '../../formats/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { CheckpointVectors, TestRows } from './checkpoint-analysis.ts';
import { takeScores } from './row-index.ts';

const PERMUTATIONS = 999; // the smallest p is then 0.001

/** The last checkpoint of a stage. */
export interface StageEnd extends CheckpointVectors {
  readonly index: number; // among those that are done
}

/** Of each stage among `done`, which are in the order of training. */
export function stageEnds({ study }: AnalysisContext, done: readonly CheckpointVectors[]): StageEnd[] {
  const stages = done.map(({ point }) => study.points[point]?.point.stage ?? null);
  return done.flatMap((vectors, index) => {
    const stage = stages[index] ?? null;
    return stage !== null && stages[index + 1] !== stage ? [{ ...vectors, index }] : [];
  });
}

interface ReadEnd extends StageEnd {
  readonly tests: TestRows;
}

/** From one stage's end to the next one's, for each direction that the test can try. */
export function testJumps(context: AnalysisContext, test: TestIndex, before: ReadEnd, after: ReadEnd): StageJump[] {
  return context.study.names.flatMap((name, index) => {
    const [old, fresh] = [before.directions[index], after.directions[index]];
    if (old === undefined || fresh === undefined || !test.rows.has(name)) return [];
    const [first, second] = [scoresOf(after, test, name, fresh), scoresOf(before, test, name, old)];
    if (first === null || second === null) return [];
    const pairs = first.harmful.length + first.safe.length;
    const { observed, p } = permutationTestOfAurocs(first, second, context.swaps(pairs, PERMUTATIONS));
    const between = { from: before.index, to: after.index };
    return [{ ...between, direction: name, test: test.name, difference: observed, p, cosine: cosine(old, fresh) }];
  });
}

function scoresOf(
  { tests }: ReadEnd,
  { name: test, rows }: TestIndex,
  name: string,
  direction: Float64Array,
): ClassScores | null {
  const matrix = tests.get(test);
  if (matrix === undefined) return null;
  const scores = projections(matrix, direction);
  return { harmful: takeScores(scores, rows.positives(name)), safe: takeScores(scores, rows.negatives) };
}
