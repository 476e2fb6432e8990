import { LabError } from '../errors.ts';
import type { Vector } from '../linalg/vectors.ts';

/**
 * Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, numpy's `linear`).
 * @param values [n], in any order
 * @param probabilities each from 0 to 1
 * @throws LabError `bad-request` for no values, for NaN among them, and for a probability out of range
 */
export function quantiles(values: Vector, probabilities: readonly number[]): number[] {
  if (values.length === 0) throw new LabError('bad-request', 'quantiles of no values', 'Give at least one value.');
  const sorted = new Float64Array(values).sort(); // NaN comes last
  if (Number.isNaN(sorted[sorted.length - 1])) {
    throw new LabError('bad-request', 'quantiles of values with NaN among them', 'Check the scores.');
  }
  return probabilities.map((probability) => quantileOf(sorted.length, probability, (rank) => sorted[rank] as number));
}

/** One quantile of so many values. @param at the value of a rank, from 0; asked for in ascending order */
export function quantileOf(count: number, probability: number, at: (rank: number) => number): number {
  if (!(probability >= 0 && probability <= 1)) {
    throw new LabError('bad-request', `quantile ${probability} is not from 0 to 1`, 'Give a share, such as 0.975.');
  }
  const position = probability * (count - 1);
  const index = Math.floor(position);
  const low = at(index);
  const high = at(Math.min(index + 1, count - 1));
  return low === high ? low : low + (position - index) * (high - low); // equal infinities have no difference
}

/** The middle `level` of the values, as [low, high]: an equal share lies below and above. @throws LabError as `quantiles` */
export function percentileInterval(values: Vector, level = 0.95): [number, number] {
  const [low = NaN, high = NaN] = quantiles(values, [(1 - level) / 2, (1 + level) / 2]);
  return [low, high];
}

/** What a range about a value is called: its 95 % interval, or, of a control that was repeated, where the middle of the repeats lies. */
export const rangeName = (repeats = 1): string =>
  repeats > 1 ? `2.5 to 97.5 % of ${repeats} repeats` : '95 % interval';
