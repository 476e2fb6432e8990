/**
 * The smallest and the largest of a list of any length. Spreading one over the arguments of `Math.max` overflows the stack at some
 * hundred thousand.
 */

/** Infinity where the list is empty; NaN where one of it is. */
export function lowest(values: Iterable<number>): number {
  let least = Infinity;
  for (const value of values) least = Math.min(least, value);
  return least;
}

/** −Infinity where the list is empty; NaN where one of it is. */
export function highest(values: Iterable<number>): number {
  let most = -Infinity;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/** Adds to the end of a list, however many. */
export function append<T>(list: T[], added: Iterable<T>): void {
  for (const one of added) list.push(one);
}
