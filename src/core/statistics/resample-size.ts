/** How many resamples of how many prompts can be drawn. */
import { LabError } from '../errors.ts';

export const MOST_PROMPTS = 0x7fff;

// that are held: the kernel doubles counts in 16 bits, and doubles pairs in 32
export const MOST_BYTES = 512e6;

// of the counts of both classes

export const countBytes = (prompts: number, count: number): number =>
  blocksOf(count) * LANES * prompts * Uint16Array.BYTES_PER_ELEMENT;

const MOST_ROWS = 0x7fff_ffff;

// that an index of the kernels reaches

export function checkSize(prompts: number, count: number, most = MOST_ROWS): void {
  const fits = Number.isInteger(prompts) && prompts >= 1 && prompts <= most;
  if (fits && Number.isInteger(count) && count >= 1) return;
  throw new LabError(
    'bad-request',
    `cannot draw ${count} resamples of ${prompts} prompts`,
    `Ask for at least one resample of 1 to ${most} prompts.`,
  );
}

export const LANES = 8;

// resamples side by side

/** The kernel counts two blocks at once. */
export const blocksOf = (count: number): number => 2 * Math.ceil(count / (2 * LANES));
