/** Scores in the kernels' memory, and where those of one class fall among those of the other. */
import { sharedHeap, type KernelHeap } from './kernels.ts';
import { checkScores, checkSome, lowerBound, upperBound } from '../statistics/scores.ts';
import { sumOf, type Vector } from '../linalg/vectors.ts';

export interface HeldScores {
  readonly address: number; // of float64
  readonly count: number; // at least one
}

/** Buckets that so many scores are dealt into: about one for each. */
const bucketsFor = (count: number): number => 2 ** Math.ceil(Math.log2(Math.max(count, 16)));

/**
 * The area under the ROC curve, ties counting half.
 * @throws LabError `bad-request` when a score is NaN
 */
export function heldAuroc(kernels: KernelHeap, harmful: HeldScores, safe: HeldScores): number {
  const pairs = harmful.count * safe.count;
  return kernels.scoped(() => {
    const dealt = kernels.allocateF64(safe.count);
    const buckets = bucketsFor(safe.count);
    const starts = kernels.allocate((buckets + 1) * Uint32Array.BYTES_PER_ELEMENT);
    const { address: positives, count } = harmful;
    const wins = kernels.run.doubledWins(positives, safe.address, count, safe.count, buckets, starts, dealt);
    if (wins >= 0) return wins / (2 * pairs);
    return placementsOfSorted(kernels, harmful, safe).wins / (2 * pairs);
  });
}

/** As `Placements`, held for as long as the caller's scope: addresses of uint32. */
export interface HeldPlacements {
  readonly order: number; // [negatives]
  readonly below: number; // [positives]
  readonly upTo: number; // [positives]
  readonly positives: number;
  readonly negatives: number;
  readonly wins: number; // doubled, of the positives
}

/** @throws LabError `bad-request` when a score is NaN */
export function heldPlacements(kernels: KernelHeap, harmful: HeldScores, safe: HeldScores): HeldPlacements {
  const [positives, negatives] = [harmful.count, safe.count];
  const places = (count: number): number => kernels.allocate(count * Uint32Array.BYTES_PER_ELEMENT);
  const [order, below, upTo] = [places(negatives), places(positives), places(positives)];
  const wins = kernels.scoped(() => {
    const buckets = bucketsFor(negatives);
    const [sorted, starts] = [kernels.allocateF64(negatives), places(buckets + 1)];
    return kernels.run.placements(harmful.address, safe.address, positives, negatives, buckets, starts, sorted, order, below, upTo); // prettier-ignore
  });
  return wins >= 0 ? { order, below, upTo, positives, negatives, wins } : placementsOfSorted(kernels, harmful, safe);
}

/** For scores that lie so unevenly that dealing them into buckets gains nothing. */
function placementsOfSorted(kernels: KernelHeap, harmful: HeldScores, safe: HeldScores): HeldPlacements {
  const [positives, negatives] = [harmful, safe].map(({ address, count }) => kernels.f64(address, count).slice()) as [Float64Array, Float64Array]; // prettier-ignore
  checkScores(positives, 'harmful');
  checkScores(negatives, 'safe');
  const sorted = negatives.toSorted();
  const order = new Uint32Array(negatives.length);
  const taken = new Uint32Array(negatives.length); // of the places that equal scores share
  for (let i = 0; i < negatives.length; i++) {
    const first = lowerBound(sorted, negatives[i] as number);
    const place = first + (taken[first] as number);
    taken[first] = (taken[first] as number) + 1;
    order[place] = i;
  }
  const below = Uint32Array.from(positives, (score) => lowerBound(sorted, score));
  const upTo = Uint32Array.from(positives, (score) => upperBound(sorted, score));
  return {
    ...{ order: kernels.place(order), below: kernels.place(below), upTo: kernels.place(upTo) },
    ...{ positives: positives.length, negatives: negatives.length },
    wins: sumOf(below) + sumOf(upTo),
  };
}

function placeScores(kernels: KernelHeap, scores: Vector, name: string): HeldScores {
  checkSome(scores.length, name);
  const address = kernels.allocateF64(scores.length);
  kernels.f64(address, scores.length).set(scores);
  return { address, count: scores.length };
}

/** Of the scores at some rows, ascending. */
export function placeSomeScores(kernels: KernelHeap, scores: Vector, rows: Uint32Array, name: string): HeldScores {
  const count = rows.length;
  checkSome(count, name);
  const address = kernels.allocateF64(count);
  const to = kernels.f64(address, count);
  const first = rows[0] as number;
  if (rows[count - 1] === first + count - 1) to.set(scores.subarray(first, first + count));
  else for (let i = 0; i < count; i++) to[i] = scores[rows[i] as number] as number;
  return { address, count };
}

/** The scores in ascending order, copied. */
export function sortedScores(kernels: KernelHeap, { address, count }: HeldScores): Float64Array {
  return kernels.scoped(() => {
    const sorted = kernels.allocateF64(count);
    const buckets = bucketsFor(count);
    const starts = kernels.allocate((buckets + 1) * Uint32Array.BYTES_PER_ELEMENT);
    const order = kernels.allocate(count * Uint32Array.BYTES_PER_ELEMENT);
    const failure = kernels.run.sort(address, count, buckets, starts, sorted, order);
    return failure === 0 ? kernels.f64(sorted, count).slice() : kernels.f64(address, count).toSorted();
  });
}

/** Runs `work` with the scores of both classes, which are held until it ends. @throws LabError `bad-request` when a class is empty */
export function withScores<T>(
  positives: Vector,
  negatives: Vector,
  work: (kernels: KernelHeap, harmful: HeldScores, safe: HeldScores) => T,
): T {
  const kernels = sharedHeap();
  return kernels.scoped(() => work(kernels, placeScores(kernels, positives, 'harmful'), placeScores(kernels, negatives, 'safe'))); // prettier-ignore
}
