/**
 * Made-up bfloat16 weights: each a function of seed, tensor and position, cheap enough to be generated as they are served,
 * for any range. A block of a tensor is a window into a pool of noise, at a place that a hash of the block chooses, so a
 * checkpoint of 15 GB takes the memory of its pools; windows into white noise are as good as uncorrelated.
 */
import { createRandom } from '../../src/core/sampling/random.ts';

export const GENERATOR_VERSION = 1; // raise it when the same seed gives other bytes: digests are kept on the disk
const POOL_VALUES = 1 << 20; // places where a block can start; 2 MB, about a processor's cache
const BLOCK_VALUES = 2048;
const BLOCK_BYTES = 2 * BLOCK_VALUES;

export interface Distribution {
  readonly mean: number;
  readonly std: number;
}

/** bfloat16 values of one distribution, little-endian, and the blocks of tensors that are cut from them. */
export class WeightPool {
  readonly #bytes: Uint8Array;
  readonly #places: number;
  readonly #seed: number;

  constructor(seed: number, { mean, std }: Distribution, places = POOL_VALUES) {
    const random = createRandom(seed);
    const values = Float32Array.from({ length: places + BLOCK_VALUES }, () => {
      const sum = random() + random() + random() + random(); // of variance 1/3, near enough to a normal one
      return mean + (sum - 2) * Math.sqrt(3) * std;
    });
    this.#bytes = new Uint8Array(toBfloat16(values).buffer);
    this.#places = places;
    this.#seed = seed;
  }

  /** Writes bytes of a tensor, from byte `start` of it on, into all of `target`. */
  fill(target: Uint8Array, tensor: number, start: number): void {
    let done = 0;
    while (done < target.byteLength) {
      const position = start + done;
      const block = Math.floor(position / BLOCK_BYTES);
      const within = position % BLOCK_BYTES;
      const length = Math.min(BLOCK_BYTES - within, target.byteLength - done);
      const from = 2 * (hash(this.#seed, tensor, block) % this.#places) + within;
      target.set(this.#bytes.subarray(from, from + length), done);
      done += length;
    }
  }
}

/** The upper halves of float32 values, rounded to nearest, ties to even. */
function toBfloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer);
  return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
}

/** 32 well-mixed bits: the finaliser of MurmurHash3 (Appleby, 2011) over the three numbers. */
function hash(seed: number, tensor: number, block: number): number {
  let h = seed ^ Math.imul(tensor + 1, 0x9e3779b1) ^ Math.imul(block + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
