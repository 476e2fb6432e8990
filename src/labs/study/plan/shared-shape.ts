/** The width that most checkpoints of a study have; a checkpoint of another width cannot be compared with the rest. */
import { asLabError, LabError } from '../../../core/errors.ts';
import { isCheckpointFault } from '../../jobs/checkpoint-faults.ts';
import type { StudyPoint } from './study-points.ts';
import type { ModelShape } from './model-shape.ts';

export interface SharedShape {
  readonly shape: ModelShape | null; // shape of the last checkpoint with the common width; null: no config.json can be read
  readonly unlike: ReadonlyMap<number, LabError>; // by point, why the checkpoint is left out
}

const AT_ONCE = 8; // config.json files fetched in parallel

/** Reads config.json of every checkpoint. Throws if none can be fetched. */
export async function sharedShape(
  points: readonly StudyPoint[],
  shapeOf: (point: StudyPoint) => Promise<ModelShape>,
): Promise<SharedShape> {
  const shapes: (ModelShape | null)[] = [];
  const problems: LabError[] = []; // problems not caused by the checkpoint itself
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
    const problem = `Its residual stream has ${shape.hidden} dimensions, but most checkpoints have ${hidden}.`;
    unlike.set(point, new LabError('config', problem, 'Study it with checkpoints of the same width.'));
  }
  return { shape: shapes.findLast((shape) => shape?.hidden === hidden) ?? null, unlike };
}

/** @throws LabError `bad-request`, when the model does not have the plan's layer */
export function checkPlanLayer(layer: number | 'auto', shape: ModelShape | null): void {
  if (layer === 'auto' || shape === null || layer < shape.layers) return;
  const problem = `The plan’s layer is ${layer}, but the checkpoints have ${shape.layers} layers.`;
  throw new LabError('bad-request', problem, `Choose a layer from 0 to ${shape.layers - 1}.`);
}

/** The most common value; the last one in a tie. */
function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return values.reduce((best, value) => ((counts.get(value) ?? 0) >= (counts.get(best) ?? 0) ? value : best), NaN);
}
