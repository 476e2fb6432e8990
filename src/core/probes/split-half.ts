/**
 * How sure a direction is that was computed from a sample, from the cosine r between the directions of its two halves. By the
 * Spearman–Brown formula (1910), two halves that agree to r make a whole whose reliability is 2r / (1 + r); its square root is the
 * correlation with the true score, which here estimates the cosine with the direction that unlimited prompts would give.
 */
export function certaintyFromHalves(r: number): number {
  return r <= 0 ? 0 : Math.sqrt((2 * r) / (1 + r));
}

/** From this certainty up, about 8° from the limit, more prompts change little. */
export const SETTLED_CERTAINTY = 0.99;
