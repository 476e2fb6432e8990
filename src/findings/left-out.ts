/** What a study left out, and why: checkpoints, and parts of what was found at one. */
import { directionLabel } from '../core/categories.ts';
import type { LeftOut, StudyResults } from '../formats/study/study-results.ts';

/** One of them for a reader. */
export interface LeftOutLine {
  readonly where: string; // a checkpoint's label, or the whole study
  readonly text: string;
}

/** Checkpoints that were left out first, then parts of those that are measured. */
export function leftOutLines(results: StudyResults): LeftOutLine[] {
  const { points, checkpoints, failures, leftOut = [] } = results;
  const label = (point: number): string => points[point]?.label ?? `Checkpoint ${point + 1}`;
  return [
    ...failures.map(({ point, message, nextStep }) => ({ where: label(point), text: `${message} ${nextStep}`.trim() })),
    ...checkpoints.flatMap(({ point, leftOut: parts = [] }) =>
      parts.map((part) => ({ where: label(point), text: partText(part) })),
    ),
    ...leftOut.map((part) => ({ where: 'All checkpoints', text: partText(part) })),
  ];
}

function partText({ what, direction, test, reason }: LeftOut): string {
  const of = direction === null ? '' : ` of ${directionLabel(direction)}`;
  const on = test === null ? '' : ` on “${test}”`;
  return `without ${what}${of}${on}: ${reason.replace(/\.$/, '')}.`;
}
