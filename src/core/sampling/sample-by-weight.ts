import { sumOf } from '../linalg/vectors.ts';

/** Some of many things, each standing for those that were left out. */
export interface WeightedSample {
  readonly places: Uint32Array; // ascending
  readonly weights: Float64Array; // by place: their sum is about that of all
}

/**
 * Systematic sampling with probabilities proportional to weight (Madow 1949), without chance: what weighs more than its share of the
 * sample is always in it, with its own weight; of the rest every so many, each with the weight of those that it stands for.
 * @param weights none negative
 * @param count about how many are taken; all, where there are no more
 */
export function sampleByWeight(weights: Float64Array, count: number): WeightedSample {
  const total = sumOf(weights);
  const share = count < weights.length ? total / count : 0;
  const room = Math.min(weights.length, 2 * count + 1); // at most `count` weigh more than their share
  const [places, taken] = [new Uint32Array(room), new Float64Array(room)];
  let [passed, used] = [0.5, 0]; // of the next one's share
  for (let place = 0; place < weights.length; place++) {
    const weight = weights[place] as number;
    if (weight < share) {
      passed += weight / share;
      if (passed < 1) continue;
      passed -= 1;
    }
    places[used] = place;
    taken[used++] = Math.max(weight, share);
  }
  return { places: places.subarray(0, used), weights: taken.subarray(0, used) };
}
