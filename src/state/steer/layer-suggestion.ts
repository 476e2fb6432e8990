/** The layer to steer at, by how well the general direction separates held-out prompts there. */
import { bestSteeringLayer } from '../../core/probes/best-layer.ts';
import type { DirectionsSummary } from '../../labs/steer/steer-messages.ts';

/** AUROC of the general direction by layer; null before prompts were held out. */
export function generalAurocs({ layers }: DirectionsSummary): readonly number[] | null {
  const aurocs = layers.map((directions) => directions.find(({ name }) => name === 'general')?.auroc ?? null);
  return aurocs.every((auroc) => auroc !== null) ? aurocs : null;
}

/** Fewer held-out prompts than this are separated perfectly at many layers. */
const LEAST_HELD_OUT = 64;

/** The layer with the highest AUROC that is not among the last fifth; null before enough prompts were held out. */
export function suggestedLayer(directions: DirectionsSummary): number | null {
  const aurocs = generalAurocs(directions);
  const heldOut = directions.read - directions.prompts;
  return aurocs === null || heldOut < LEAST_HELD_OUT ? null : bestSteeringLayer(aurocs);
}
