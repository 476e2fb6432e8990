import type { StudyOutline } from '../study-messages.ts';
import { jobFor, studyPurpose } from '../run/missing-units.ts';
import type { ModelShape } from './model-shape.ts';
import type { ResolvedStudy } from './resolved-study.ts';
import { checkPlanLayer } from './shared-shape.ts';
import { summariseSet } from './study-sets.ts';
import { unitBytes } from './unit-bytes.ts';

export interface OutlineInputs {
  readonly layer: number | null; // null: not chosen yet
  readonly stored: ReadonlySet<string>; // keys of what this browser stores
  readonly shape: ModelShape | null; // null: not known before the study runs
  readonly storage: StudyOutline['storage'];
}

/** What a study will take, and how much of it is stored already. @throws LabError `bad-request`, for a layer that the models lack */
export function outlineOf(study: ResolvedStudy, { layer, stored, shape, storage }: OutlineInputs): StudyOutline {
  const { plan, points } = study;
  checkPlanLayer(plan.layer, shape);
  const purpose = studyPurpose(study, layer ?? 0);
  const missing = points.map((point) => {
    if (layer === null || point.commit === null) return purpose.sets.length;
    return jobFor(study, point, point.commit, purpose, stored).units.length;
  });
  const units = points.length * purpose.sets.length;
  const bytes = points.map((point, index) => (missing[index] === 0 ? 0 : point.bytes));
  return {
    points: points.length,
    sets: purpose.sets.length,
    summaries: [...study.sets.values()].map(summariseSet),
    shared: study.shared,
    units,
    unitsStored: units - missing.reduce((sum, count) => sum + count, 0),
    prompts: purpose.sets.reduce((sum, name) => sum + (study.sets.get(name)?.prompts.length ?? 0), 0),
    bytesToFetch: bytes.includes(null) ? null : bytes.reduce<number>((sum, part) => sum + (part ?? 0), 0),
    bytesToStore: shape === null ? null : points.length * unitBytes(study, shape),
    storage,
  };
}
