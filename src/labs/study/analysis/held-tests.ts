/** The rows of all tests of a checkpoint, in the kernels' memory. */
import { HeldClasses } from '../../../core/kernels/kernel-classes.ts';
import type { KernelHeap } from '../../../core/kernels/kernels.ts';
import { GENERAL } from '../../../formats/study/study-results.ts';
import type { TestIndex } from './analysis-context.ts';
import { Pieces } from './pieces.ts';
import type { StackedRows } from './study-rows.ts';

/** Activations by test. */
export type TestRows = ReadonlyMap<string, StackedRows>;

/** The same in the kernels' memory, of the tests that have both classes. */
export type HeldTests = ReadonlyMap<string, HeldClasses>;

/** Holds tests until what was allocated is taken back; without those whose activations are no numbers, which the pieces name. */
export function holdTests(
  kernels: KernelHeap,
  index: readonly TestIndex[],
  tests: TestRows,
  pieces = new Pieces(),
): HeldTests {
  return new Map(
    index.flatMap(({ name, rows }): [string, HeldClasses][] => {
      const stack = tests.get(name);
      if (stack === undefined || !rows.has(GENERAL)) return [];
      const piece = { what: 'everything', direction: null, test: name };
      const held = pieces.try(piece, null, () => new HeldClasses(kernels, stack, rows.classes));
      return held === null ? [] : [[name, held]];
    }),
  );
}
