/** The layer to steer at, by how well the general direction separates held-out prompts there. */
import { bestLayer } from '../../core/probes/best-layer.ts';
import type { DirectionsSummary } from '../../labs/steer/steer-messages.ts';

/** AUROC of the general direction by layer; null before prompts were held out. */
export function generalAurocs({ layers }: DirectionsSummary): readonly number[] | null {
  const aurocs = layers.map((directions) => directions.find(({ name }) => name === 'general')?.auroc ?? null);
  return aurocs.every((auroc) => auroc !== null) ? aurocs : null;
}

/** The layer with the highest AUROC, of equal ones the one nearest to half of the depth; null before there are any. */
export function suggestedLayer(directions: DirectionsSummary): number | null {
  const aurocs = generalAurocs(directions);
  return aurocs === null ? null : bestLayer(aurocs);
}
