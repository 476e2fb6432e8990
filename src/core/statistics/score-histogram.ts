import { LabError } from '../errors.ts';
import { checkScores } from './scores.ts';
import type { Vector } from '../linalg/vectors.ts';

/** Both classes counted in the same bins. */
export interface ScoreHistogram {
  readonly edges: Float64Array; // [bins + 1], ascending; a bin holds its lower edge, the last one its upper too
  readonly harmful: Uint32Array; // [bins]
  readonly safe: Uint32Array; // [bins]
}

/**
 * Equal bins from the lowest score of either class to the highest (as `numpy.histogram` over both); where all scores are the
 * same, from half below to half above.
 * @throws LabError `bad-request` for no bins, an empty class, or a score that is not finite
 */
export function scoreHistogram(harmful: Vector, safe: Vector, bins = 40): ScoreHistogram {
  checkScores(harmful, 'harmful');
  checkScores(safe, 'safe');
  let low = Infinity;
  let high = -Infinity;
  for (const scores of [harmful, safe]) {
    for (const score of scores) {
      low = Math.min(low, score);
      high = Math.max(high, score);
    }
  }
  if (!Number.isInteger(bins) || bins < 1 || !Number.isFinite(high - low)) {
    throw new LabError(
      'bad-request',
      `a histogram of ${bins} bins from ${low} to ${high}`,
      'Give at least one bin and finite scores.',
    );
  }
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const width = (high - low) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + i * width));
  return { edges, harmful: count(harmful, edges), safe: count(safe, edges) };
}

function count(scores: Vector, edges: Float64Array): Uint32Array {
  const bins = edges.length - 1;
  const [low, high] = [edges[0] as number, edges[bins] as number];
  const counts = new Uint32Array(bins);
  for (const score of scores) {
    let bin = Math.min(bins - 1, Math.floor(((score - low) / (high - low)) * bins));
    if (score < (edges[bin] as number))
      bin--; // the edges decide, not the rounding of the division
    else if (bin < bins - 1 && score >= (edges[bin + 1] as number)) bin++;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}
