/** What changed from the end of one stage to the end of the next, and whether chance would do as much. */
import { sharedHeap } from '../../core/kernels.ts';
import { permutationTestOfAurocs, type ClassScores } from '../../core/permutation.ts';
import { cosine } from '../../core/vectors.ts';
import type { StageJump } from '../../formats/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import { holdTests, type CheckpointVectors, type TestRows } from './checkpoint-analysis.ts';

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
  const names = context.study.names.filter((name) => test.rows.has(name));
  const [first, second] = [scoresOf(context, after, test, names), scoresOf(context, before, test, names)];
  return names.flatMap((name, place) => {
    const [ofFirst, ofSecond] = [first[place], second[place]];
    const [old, fresh] = [before, after].map(({ directions }) => directions[context.study.names.indexOf(name)]);
    if (ofFirst === undefined || ofSecond === undefined || old === undefined || fresh === undefined) return [];
    const pairs = ofFirst.harmful.length + ofFirst.safe.length;
    const { observed, p } = permutationTestOfAurocs(ofFirst, ofSecond, context.swaps(pairs, PERMUTATIONS));
    const between = { from: before.index, to: after.index };
    return [{ ...between, direction: name, test: test.name, difference: observed, p, cosine: cosine(old, fresh) }];
  });
}

/** Of each direction [names]. Empty where the test has none. */
function scoresOf(
  { study }: AnalysisContext,
  { tests, directions }: ReadEnd,
  test: TestIndex,
  names: readonly string[],
): ClassScores[] {
  const kernels = sharedHeap();
  return kernels.scoped(() => {
    const held = holdTests(kernels, [test], tests).get(test.name);
    const tried = names.map((name) => {
      const weights = directions[study.names.indexOf(name)] ?? new Float64Array();
      return { probe: { weights, intercept: 0 }, harmful: test.rows.range(name) };
    });
    return (held?.scores(tried) ?? []).map(([harmful, safe]) => ({ harmful, safe }));
  });
}
