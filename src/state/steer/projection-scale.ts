import type { DirectionAtLayer } from '../../labs/steer/steer-messages.ts';

/**
 * A diverging scale for projections `a·d/‖d‖` on one direction at one layer: neutral halfway between the mean of the safe
 * prompts and that of the harmful ones, ends half as far again beyond them.
 */
export interface ProjectionScale {
  readonly low: number;
  readonly high: number;
  readonly safeMean: number;
  readonly harmfulMean: number;
  readonly ticks: readonly number[];
}

/** The ends lie this many half-distances from the middle: means at two thirds, room beyond them. */
const REACH = 1.5;

/** Tints below this share of the scale's half are left blank: a neutral token should look neutral. */
const NEUTRAL = 0.04;

export interface Tint {
  readonly side: 'safe' | 'harmful';
  readonly strength: number; // 0 to 1, in steps of 1/20: fewer different styles to compute
}

export function projectionScale({ safeMean, harmfulMean }: DirectionAtLayer): ProjectionScale {
  const middle = (safeMean + harmfulMean) / 2;
  const half = (Math.abs(harmfulMean - safeMean) / 2) * REACH;
  const low = middle - half;
  const high = middle + half;
  return { low, high, safeMean, harmfulMean, ticks: niceTicks(low, high, 5) };
}

/** The place of a value along the scale: 0 at its low end, 1 at its high end, beyond them outside. */
function placeOnScale(scale: ProjectionScale, value: number): number {
  return scale.high === scale.low ? 0.5 : (value - scale.low) / (scale.high - scale.low);
}

/** Where a value lies between the two means: 0 at the safe one, 1 at the harmful one. */
export function placeBetweenMeans(scale: ProjectionScale, value: number): number {
  return (value - scale.safeMean) / (scale.harmfulMean - scale.safeMean);
}

/** The tint of a value, or null where it is neutral or not a number. */
export function tintOf(scale: ProjectionScale, value: number): Tint | null {
  const signed = 2 * placeOnScale(scale, value) - 1;
  const strength = Math.round(Math.min(1, Math.abs(signed)) * 20) / 20;
  if (!(Math.abs(signed) > NEUTRAL)) return null;
  return { side: signed > 0 ? 'harmful' : 'safe', strength };
}

/** At most `count` round numbers inside [low, high], evenly spaced by 1, 2 or 5 times a power of ten. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [];
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= count) ?? 10 * power;
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) ticks.push(Number((k * step).toPrecision(6)));
  return ticks;
}
