import { LabError } from '../errors.ts';

/** A source of numbers uniform in [0, 1), multiples of 2⁻³². */
export type Random = () => number;

/**
 * sfc32 (Chris Doty-Humphrey's Small Fast Counting generator, from PractRand: 128 bits of state, period ≥ 2³²), its
 * state filled by splitmix32 and its first 12 outputs thrown away, as PractRand does. Integer operations only, so that
 * a seed gives the same numbers on every machine.
 *
 * @param seed integer from 0 to 2³² − 1
 * @throws LabError `bad-request` for any other seed
 */
export function createRandom(seed: number): Random {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new LabError(
      'bad-request',
      `seed ${seed} is not an integer from 0 to 4294967295`,
      'Use a whole number from 0 to 4,294,967,295.',
    );
  }
  const next = splitmix32(seed);
  const state = Int32Array.of(next(), next(), next(), 1); // three words and a counter; in an array, since a closure would box them
  const draw = (): number => {
    const [a, b, c] = [state[0] as number, state[1] as number, state[2] as number];
    const sum = (((a + b) | 0) + (state[3] as number)) | 0;
    state[3] = ((state[3] as number) + 1) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = (c + (c << 3)) | 0;
    state[2] = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) draw();
  return () => draw() / 0x100000000;
}

/**
 * One draw from the standard normal distribution (Box and Muller, 1958), from two uniform ones. `Math.log` and
 * `Math.cos` may differ in the last bit between engines, so equal everywhere to about 1e-15.
 */
export function gaussian(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random())); // 1 − u is never 0
  return radius * Math.cos(2 * Math.PI * random());
}

/** splitmix32: a Weyl sequence through MurmurHash3-like finalising; spreads nearby seeds far apart. Yields int32. */
function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}
