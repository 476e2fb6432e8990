import { createRandom } from './random.ts';

/**
 * A text's place in a draw, in [0, 1), from the seed and the text alone: what is chosen depends neither on the order of files nor on
 * what else is in them. FNV-1a (Fowler, Noll and Vo) over UTF-16 code units, then one number of the lab's generator.
 * @param seed integer from 0 to 2³² − 1
 */
export function textDraw(seed: number, text: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return createRandom(hash >>> 0)();
}
