import { lowest } from './min-max.ts';

/**
 * `count` of the numbers in `steps` [ascending, distinct] that lie above `from` (> 0), as evenly spaced in their logarithm
 * as those at hand allow: learning moves by ratios of steps, so equal ratios show it best. The last one is always among them;
 * all are taken where there are no more than `count`.
 */
export function spreadLogarithmically(steps: readonly number[], from: number, count: number): number[] {
  const candidates = steps.filter((step) => step > from);
  const last = candidates.at(-1);
  if (last === undefined || candidates.length <= count) return candidates;
  const picked: number[] = [];
  let next = 0; // the first candidate that is still free
  for (let i = 1; i <= count; i++) {
    const target = from * (last / from) ** (i / count);
    const free = candidates.slice(next, candidates.length - (count - i)); // the rest have to be enough for the others
    const distances = free.map((step) => Math.abs(Math.log(step / target)));
    const best = distances.indexOf(lowest(distances));
    picked.push(free[best] as number);
    next += best + 1;
  }
  return picked;
}
