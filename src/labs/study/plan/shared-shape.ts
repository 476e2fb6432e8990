/** What the checkpoints of a study have in common: of another width, one cannot be compared with the rest. */
import { asLabError, LabError } from '../../../core/errors.ts';
import { isCheckpointFault } from '../../jobs/checkpoint-faults.ts';
import type { StudyPoint } from './study-points.ts';
import type { ModelShape } from './model-shape.ts';

export interface SharedShape {
  readonly shape: ModelShape | null; // of the last checkpoint that is like most; null: no config.json can be read
  readonly unlike: ReadonlyMap<number, LabError>; // by point: why it is left out
}

const AT_ONCE = 8; // config.json files that are asked for

/** From config.json of every checkpoint. Throws where none is within reach. */
export async function sharedShape(
  points: readonly StudyPoint[],
  shapeOf: (point: StudyPoint) => Promise<ModelShape>,
): Promise<SharedShape> {
  const shapes: (ModelShape | null)[] = [];
  const problems: LabError[] = []; // that are no checkpoint's own fault
  const read = async (point: StudyPoint): Promise<ModelShape | null> => {
    try {
      return await shapeOf(point);
    } catch (thrown) {
      const error = asLabError(thrown);
      if (!isCheckpointFault(error)) problems.push(error);
      return null; // told when its turn comes
    }
  };
  for (let first = 0; first < points.length; first += AT_ONCE) {
    for (const shape of await Promise.all(points.slice(first, first + AT_ONCE).map(read))) shapes.push(shape);
  }
  const [problem] = problems;
  if (problem !== undefined && shapes.every((shape) => shape === null)) throw problem;
  const hidden = mostCommon(shapes.flatMap((shape) => (shape === null ? [] : [shape.hidden])));
  const unlike = new Map<number, LabError>();
  for (const [point, shape] of shapes.entries()) {
    if (shape === null || shape.hidden === hidden) continue;
    const problem = `Its residual stream has ${shape.hidden} dimensions; that of most checkpoints has ${hidden}.`;
    unlike.set(point, new LabError('config', problem, 'Study it with checkpoints of the same width.'));
  }
  return { shape: shapes.findLast((shape) => shape?.hidden === hidden) ?? null, unlike };
}

/** Throws `bad-request` where the plan's layer is none of the model's. */
export function checkPlanLayer(layer: number | 'auto', shape: ModelShape | null): void {
  if (layer === 'auto' || shape === null || layer < shape.layers) return;
  const problem = `The plan’s layer is ${layer}, and the checkpoints have ${shape.layers} layers.`;
  throw new LabError('bad-request', problem, `Choose one from 0 to ${shape.layers - 1}.`);
}

/** Of equally common ones the last. */
function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return values.reduce((best, value) => ((counts.get(value) ?? 0) >= (counts.get(best) ?? 0) ? value : best), NaN);
}
