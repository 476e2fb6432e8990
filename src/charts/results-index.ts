/** Rows of the results, by name. */
import type {
  CheckpointResult,
  ControlKind,
  ControlRow,
  LadderPoint,
  ProbeKind,
  ProbeRow,
  StudyResults,
} from '../formats/study/study-results.ts';
import type { TestRole } from '../formats/study/study-plan.ts';
import { shownText } from '../core/text/visible-text.ts';
import { compact, wholeNumber } from './numbers.ts';
import { STAGE_MARKS } from './training-axis.ts';

/** By point of the plan: what `read` finds at a checkpoint that is done, else null. */
export function byPoint<T>(
  results: StudyResults,
  read: (checkpoint: CheckpointResult, index: number) => T | null,
): (T | null)[] {
  return results.points.map((_, point) => {
    const index = results.checkpoints.findIndex((checkpoint) => checkpoint.point === point);
    const checkpoint = results.checkpoints[index];
    return checkpoint === undefined ? null : read(checkpoint, index);
  });
}

export function probeRow(
  { probes }: CheckpointResult,
  probe: ProbeKind,
  direction: string,
  test: string,
): ProbeRow | null {
  return probes.find((row) => row.probe === probe && row.direction === direction && row.test === test) ?? null;
}

/** The controls on truth have one test, whatever is asked for. */
export function controlRow({ controls }: CheckpointResult, control: ControlKind, test: string): ControlRow | null {
  const rows = controls.filter((row) => row.control === control);
  const isOnTruth = control === 'truth' || control === 'concept-on-truth';
  return rows.find((row) => isOnTruth || row.test === test) ?? null;
}

export function testsOf({ plan }: StudyResults): { readonly name: string; readonly role: TestRole }[] {
  return plan.tests.map(({ name, role }) => ({ name, role }));
}

/** “stage1-step100: Pretraining, step 100, 205k tokens” */
export function pointText({ label, stage, step, tokens }: LadderPoint): string {
  const name = shownText(label);
  const parts = [
    stage === null ? null : STAGE_MARKS[stage],
    step === null ? null : `step ${wholeNumber(step)}`,
    tokens === null ? null : `${compact(tokens)} tokens`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? name : `${name}: ${parts.join(', ')}`;
}

/** The point of a checkpoint that is done, by its index among those. */
export function pointAt(results: StudyResults, checkpoint: number): LadderPoint {
  const point = results.points[results.checkpoints[checkpoint]?.point ?? -1];
  return point ?? { label: `checkpoint ${checkpoint + 1}`, stage: null, step: null, tokens: null };
}
