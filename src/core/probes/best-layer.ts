/** Which layer to read or steer at, by how well it separates held-out prompts. */

/** After half of the layers: layer 15 of 32, as in the original study. */
const STUDY_DEPTH = 0.5;

/**
 * The layer with the highest AUROC; among ties, the one nearest to the original study's depth. Null if there is none.
 * @param end only the layers before it
 */
export function bestLayer(aurocs: readonly number[], end = aurocs.length): number | null {
  const considered = aurocs.slice(0, end);
  const highest = considered.reduce((most, value) => (value > most ? value : most), -Infinity); // NaN is never greater
  const distance = (layer: number): number => Math.abs((layer + 1) / aurocs.length - STUDY_DEPTH);
  const best = considered.flatMap((value, layer) => (value === highest ? [layer] : []));
  return best.reduce<number | null>((nearest, layer) => (nearest === null || distance(layer) < distance(nearest) ? layer : nearest), null); // prettier-ignore
}

/** Layers, from the first, that leave a push enough layers to act: Arditi et al. (arXiv 2406.11717) leave out the last fifth. */
export const steerableLayers = (layers: number): number => Math.ceil(0.8 * layers);

/** The best layer to steer at. Null if there is none. */
export const bestSteeringLayer = (aurocs: readonly number[]): number | null =>
  bestLayer(aurocs, steerableLayers(aurocs.length));
