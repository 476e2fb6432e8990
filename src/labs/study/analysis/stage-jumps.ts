/** What changed from the end of one stage to the end of the next, tested against chance. */
import { groupsOf } from '../../../core/group-by.ts';
import { sharedHeap } from '../../../core/kernels/kernels.ts';
import {
  permutationTestsOfAurocs,
  type ClassScores,
  type PermutationTest,
} from '../../../core/statistics/permutation.ts';
import { cosine } from '../../../core/linalg/vectors.ts';
import type { StageJump } from '../../../formats/study/study-results.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import type { CheckpointVectors } from './checkpoint-vectors.ts';
import { holdTests, type TestRows } from './held-tests.ts';

const PERMUTATIONS = 999; // gives a smallest p of 0.001

/** The change of one direction, without the positions of the two checkpoints. */
export type TestedJump = Omit<StageJump, 'from' | 'to'>;

/** Pairs of consecutive stage ends. `stages`: the stage of each checkpoint, in training order. */
export function stageSteps(stages: readonly (string | null)[]): { readonly from: number; readonly to: number }[] {
  const ends = stages.flatMap((stage, place) => (stage !== null && stages[place + 1] !== stage ? [place] : []));
  return ends.slice(1).map((to, place) => ({ from: ends[place] as number, to }));
}

interface ReadEnd extends CheckpointVectors {
  readonly tests: TestRows;
}

/** The change from one stage's end to the next, for each direction that the test covers. */
export function testJumps(context: AnalysisContext, test: TestIndex, before: ReadEnd, after: ReadEnd): TestedJump[] {
  const directionOf = ({ directions }: CheckpointVectors, name: string): Float64Array | null =>
    directions[context.study.names.indexOf(name)] ?? null;
  const isUsable = (name: string): boolean => [before, after].every((end) => directionOf(end, name) !== null);
  const names = context.study.names.filter((name) => test.rows.has(name) && isUsable(name));
  if (names.length === 0) return [];
  const [first, second] = [scoresOf(context, after, test, names), scoresOf(context, before, test, names)];
  if (first.length === 0 || second.length === 0) return [];
  const scored = names.map((name, place) => ({ name, probes: [first[place] as ClassScores, second[place] as ClassScores] as const })); // prettier-ignore
  const tests = new Map<string, PermutationTest>();
  for (const group of groupsOf(scored, ({ probes: [{ harmful, safe }] }) => harmful.length + safe.length)) {
    const [{ probes }] = group as [(typeof scored)[number]];
    const swaps = context.swaps(probes[0].harmful.length + probes[0].safe.length, PERMUTATIONS);
    const found = permutationTestsOfAurocs(group.map((one) => one.probes), swaps); // prettier-ignore
    for (const [place, { name }] of group.entries()) tests.set(name, found[place] as PermutationTest);
  }
  return names.map((name): TestedJump => {
    const { observed, p } = tests.get(name) as PermutationTest;
    const [old, fresh] = [before, after].map((end) => directionOf(end, name)) as [Float64Array, Float64Array];
    return { direction: name, test: test.name, difference: observed, p, cosine: cosine(old, fresh) };
  });
}

/** The scores on each direction [names]. Empty if the test has none. */
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
