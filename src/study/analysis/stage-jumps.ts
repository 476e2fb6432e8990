/** What changed from the end of one stage to the end of the next, and whether chance would do as much. */
import { projections } from '../../core/matrix.ts';
import { permutationTestOfAurocs, type ClassScores } from '../../core/permutation.ts';
import { cosine } from '../../core/vectors.ts';
import type { StageJump } from '../../formats/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { CheckpointVectors } from './checkpoint-analysis.ts';
import { takeScores } from './row-index.ts';

const PERMUTATIONS = 999; // the smallest p is then 0.001

/** Indices of the last checkpoint of each stage among `done`, in the order of training. */
export function stageEnds({ study }: AnalysisContext, done: readonly CheckpointVectors[]): number[] {
  const stages = done.map(({ point }) => study.points[point]?.point.stage ?? null);
  return stages.flatMap((stage, index) => (stage !== null && stages[index + 1] !== stage ? [index] : []));
}

/** `done`: the checkpoints that are analysed, in the order of training, with the activations of their tests. */
export function stageJumps(context: AnalysisContext, done: readonly CheckpointVectors[]): StageJump[] {
  const ends = stageEnds(context, done);
  return ends.slice(1).flatMap((to, index) => {
    const from = ends[index] ?? 0;
    const [before, after] = [done[from], done[to]];
    if (before === undefined || after === undefined) return [];
    return context.tests.flatMap((test) =>
      testJumps(context, test, before, after).map((jump) => ({ from, to, ...jump })),
    );
  });
}

function testJumps(
  context: AnalysisContext,
  test: TestIndex,
  before: CheckpointVectors,
  after: CheckpointVectors,
): Omit<StageJump, 'from' | 'to'>[] {
  return context.study.names.flatMap((name, index) => {
    const [old, fresh] = [before.directions[index], after.directions[index]];
    if (old === undefined || fresh === undefined || !test.rows.has(name)) return [];
    const [first, second] = [scoresOf(after, test, name, fresh), scoresOf(before, test, name, old)];
    if (first === null || second === null) return [];
    const pairs = first.harmful.length + first.safe.length;
    const { observed, p } = permutationTestOfAurocs(first, second, context.swaps(pairs, PERMUTATIONS));
    return [{ direction: name, test: test.name, difference: observed, p, cosine: cosine(old, fresh) }];
  });
}

function scoresOf(
  { tests }: CheckpointVectors,
  { name: test, rows }: TestIndex,
  name: string,
  direction: Float64Array,
): ClassScores | null {
  const matrix = tests.get(test);
  if (matrix === undefined) return null;
  const scores = projections(matrix, direction);
  return { harmful: takeScores(scores, rows.positives(name)), safe: takeScores(scores, rows.negatives) };
}
