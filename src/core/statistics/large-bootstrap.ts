/**
 * Resamples of more prompts than fit into 16 bits, or of so many that their counts would fill the memory: each is drawn anew from a seed
 * of its own whenever it is needed. It takes some ten times as long as counts that are held.
 */
import type { HeldPlacements } from '../kernels/kernel-scores.ts';
import type { KernelHeap } from '../kernels/kernels.ts';
import { createRandom, type Random } from '../sampling/random.ts';

/** A seed for each resample. */
export function drawSeeds(count: number, random: Random): Uint32Array {
  const seeds = new Uint32Array(count);
  for (let i = 0; i < count; i++) seeds[i] = Math.floor(random() * 2 ** 32);
  return seeds;
}

/** Doubled wins of the positives in each resample [seeds], which is drawn from its seed: the negatives first. */
export function wideWins(kernels: KernelHeap, held: HeldPlacements, seeds: Uint32Array): Float64Array {
  const { positives, negatives } = held;
  const [order, below, upTo] = [
    kernels.u32(held.order, negatives),
    kernels.u32(held.below, positives),
    kernels.u32(held.upTo, positives),
  ];
  const drawn = new Uint32Array(negatives); // how often each was
  const lower = new Uint32Array(negatives + 1); // drawn ones among so many of the lowest
  const wins = new Float64Array(seeds.length); // they pass 2³²
  for (let resample = 0; resample < seeds.length; resample++) {
    const random = createRandom(seeds[resample] as number);
    count(drawn, random);
    accumulate(drawn, order, lower);
    wins[resample] = drawWins(below, upTo, lower, random);
  }
  return wins;
}

// In functions of their own, as in bootstrap.ts.

function count(drawn: Uint32Array, random: Random): void {
  drawn.fill(0);
  for (let i = 0; i < drawn.length; i++) {
    const at = Math.floor(random() * drawn.length);
    drawn[at] = (drawn[at] as number) + 1;
  }
}

function accumulate(drawn: Uint32Array, order: Uint32Array, lower: Uint32Array): void {
  let sum = 0;
  for (let place = 0; place < order.length; place++) {
    sum += drawn[order[place] as number] as number;
    lower[place + 1] = sum;
  }
}

function drawWins(below: Uint32Array, upTo: Uint32Array, lower: Uint32Array, random: Random): number {
  let wins = 0;
  for (let i = 0; i < below.length; i++) {
    const at = Math.floor(random() * below.length);
    wins += (lower[below[at] as number] as number) + (lower[upTo[at] as number] as number);
  }
  return wins;
}
