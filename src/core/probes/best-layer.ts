/** Which layer to read or steer at, by how well it separates held-out prompts. */
/** After half of the layers: layer 15 of 32, as in the original study. */
const STUDY_DEPTH = 0.5;

/** The layer with the highest AUROC; among ties, the one nearest to the original study's depth. Null if there is none. */
export function bestLayer(aurocs: readonly number[]): number | null {
  const highest = aurocs.reduce((most, value) => (value > most ? value : most), -Infinity); // NaN is never greater
  const distance = (layer: number): number => Math.abs((layer + 1) / aurocs.length - STUDY_DEPTH);
  const best = aurocs.flatMap((value, layer) => (value === highest ? [layer] : []));
  return best.reduce<number | null>((nearest, layer) => (nearest === null || distance(layer) < distance(nearest) ? layer : nearest), null); // prettier-ignore
}
