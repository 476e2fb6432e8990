/** Why a figure of one direction and one test has no numbers. */
import { isolated } from '../core/text/visible-text.ts';
import type { StudyResults } from '../formats/study/study-results.ts';
import { labelOf } from './chart-style.ts';
import type { Figure } from './figure.ts';

interface Choice {
  readonly direction: string;
  readonly test: string;
}

/** The figure with a reason in place of its rows, where it has none; as a table alone where there never will be any. */
export function withReason(figure: Figure, results: StudyResults, { direction, test }: Choice): Figure {
  const { table } = figure;
  if (table.rows.length > 0 || results.checkpoints.length === 0) return figure;
  const isNever =
    figure.id === 'transfer' && results.plan.tests.find(({ name }) => name === test)?.role === 'out-of-distribution';
  const hasNumbers = results.checkpoints.some(({ probes }) =>
    probes.some((row) => row.direction === direction && row.test === test),
  );
  const empty = isNever ? NOT_COMPARED : hasNumbers ? waitsFor(figure.id, results) : noNumbers(direction, test);
  const explained = { ...figure, table: { ...table, empty } };
  return isNever || !hasNumbers ? { ...explained, option: null, height: 0 } : explained;
}

const NOT_COMPARED =
  'Transfer is not computed for out-of-distribution tests. Choose an in-distribution or rewritten test.';

/** What there are too few checkpoints for. */
function waitsFor(figure: string, { checkpoints }: StudyResults): string {
  if (figure === 'stage-jumps')
    return 'This compares the last checkpoints of two stages and is computed at the end of the study.';
  if (figure === 'transfer' && checkpoints.length < 2) return 'Transfer needs two checkpoints; only one is complete.';
  return 'No value could be computed.';
}

const noNumbers = (direction: string, test: string): string =>
  `The test “${isolated(test)}” has no numbers for ${isolated(labelOf(direction))}: it has no prompts in that category, or they were left out.`;
