/** Stratified bootstrap of AUROC: each class is drawn anew, as often as it has prompts, with replacement. */
import { LANES, blocksOf } from './resample-size.ts';
import { MOST_PROMPTS, MOST_BYTES, countBytes, checkSize } from './resample-size.ts';
import { LabError } from '../errors.ts';
import { heldPlacements, withScores, type HeldPlacements } from '../kernels/kernel-scores.ts';
import { KernelHeap } from '../kernels/kernels.ts';
import { percentileInterval, quantileOf } from './quantiles.ts';
import type { Random } from '../sampling/random.ts';
import type { Vector } from '../linalg/vectors.ts';
import { drawSeeds, wideWins } from './large-bootstrap.ts';

export const DEFAULT_RESAMPLES = 1000;

/**
 * How often each prompt was drawn in each resample. They depend on the number of prompts alone, so all scores of the
 * same prompts (other checkpoints, layers, directions) should share them: it saves the drawing, and what differs between
 * two scores is then never the luck of the draw.
 */
export interface Resamples {
  readonly count: number;
  readonly positives: ClassResamples;
  readonly negatives: ClassResamples;
  readonly seeds: Uint32Array | null; // [count], of resamples that are drawn anew each time; null: they are held
}

interface ClassResamples {
  readonly prompts: number;
  readonly drawn: Uint16Array; // [blocks, prompts, LANES], blocks = blocksOf(count): eight resamples side by side; empty where they are drawn anew
}

export interface AurocInterval {
  readonly auroc: number; // of the scores themselves
  readonly low: number;
  readonly high: number;
}

/** @throws LabError `bad-request` for an empty class, or no resamples */
export function drawResamples(positives: number, negatives: number, count: number, random: Random): Resamples {
  for (const prompts of [positives, negatives]) checkSize(prompts, count);
  if (Math.max(positives, negatives) > MOST_PROMPTS || countBytes(positives + negatives, count) > MOST_BYTES) {
    const none = (prompts: number): ClassResamples => ({ prompts, drawn: new Uint16Array() });
    return { count, positives: none(positives), negatives: none(negatives), seeds: drawSeeds(count, random) };
  }
  return {
    seeds: null,
    count,
    positives: drawClass(positives, count, random),
    negatives: drawClass(negatives, count, random),
  };
}

function drawClass(prompts: number, count: number, random: Random): ClassResamples {
  const drawn = noneDrawn(prompts, count);
  for (let resample = 0; resample < count; resample++) drawOne(drawn, startOf(resample, prompts), prompts, random);
  return { prompts, drawn };
}

function noneDrawn(prompts: number, count: number): Uint16Array {
  return new Uint16Array(blocksOf(count) * prompts * LANES);
}

/** Where the counts of a resample begin; those of its next prompts follow `LANES` apart. */
const startOf = (resample: number, prompts: number): number =>
  Math.floor(resample / LANES) * prompts * LANES + (resample % LANES);

/** One resample, in a function of its own: a loop over all of them is optimised while it runs, and thrown away when it ends. */
function drawOne(drawn: Uint16Array, start: number, prompts: number, random: Random): void {
  for (let i = 0; i < prompts; i++) {
    const at = start + Math.floor(random() * prompts) * LANES;
    drawn[at] = (drawn[at] as number) + 1;
  }
}

/**
 * Resamples from indices that were drawn elsewhere.
 * @param positives [count, drawn], indices of the positives; likewise the negatives
 * @throws LabError `bad-request` when the shape does not fit or an index is out of range
 */
export function resamplesOf(positives: Uint32Array, negatives: Uint32Array, count: number): Resamples {
  return {
    count,
    positives: multiplicities(positives, count),
    negatives: multiplicities(negatives, count),
    seeds: null,
  };
}

/**
 * AUROC of each resample [resamples.count].
 * @throws LabError `bad-request` when a class is empty, a score is NaN, or the resamples are of other numbers of prompts
 */
export function bootstrapAurocs(positives: Vector, negatives: Vector, resamples: Resamples): Float64Array {
  return withScores(positives, negatives, (kernels, harmful, safe) => {
    const placements = heldPlacements(kernels, harmful, safe);
    checkResamples(harmful.count, safe.count, resamples);
    const aurocs =
      resamples.seeds === null
        ? withResampledWins(kernels, placements, resamples, (own, wins) => Float64Array.from(own.u32(wins, resamples.count))) // prettier-ignore
        : wideWins(kernels, placements, resamples.seeds);
    for (let i = 0; i < aurocs.length; i++) aurocs[i] = (aurocs[i] as number) / (2 * harmful.count * safe.count);
    return aurocs;
  });
}

/** Runs `work` with the address of the doubled wins of each resample, uint32 [resamples.count]. */
function withResampledWins<T>(
  kernels: KernelHeap,
  { order, below, upTo, positives, negatives }: HeldPlacements,
  resamples: Resamples,
  work: (own: KernelHeap, doubledWins: number) => T,
): T {
  const { kernels: own, ofPositives, ofNegatives } = load(resamples);
  const blocks = blocksOf(resamples.count);
  return own.scoped(() => {
    const [ofOrder, ofBelow, ofUpTo] = [
      own.place(kernels.u32(order, negatives)),
      own.place(kernels.u32(below, positives)),
      own.place(kernels.u32(upTo, positives)),
    ];
    const cumulative = own.allocate((negatives + 1) * 2 * LANES * Uint16Array.BYTES_PER_ELEMENT);
    const wins = own.allocate(blocks * LANES * Uint32Array.BYTES_PER_ELEMENT);
    own.run.resampledWins(ofPositives, ofNegatives, positives, negatives, blocks, ofOrder, ofBelow, ofUpTo, cumulative, wins); // prettier-ignore
    return work(own, wins);
  });
}

interface Loaded {
  readonly kernels: KernelHeap;
  readonly ofPositives: number; // addresses
  readonly ofNegatives: number;
}

const LOADED_BYTES = 64e6;
const loaded = new Map<Resamples, Loaded>(); // since the next scores mostly are of prompts that were met before
let loadedBytes = 0;

function load(resamples: Resamples): Loaded {
  const known = loaded.get(resamples);
  if (known !== undefined) return known;
  const bytes = resamples.positives.drawn.byteLength + resamples.negatives.drawn.byteLength;
  if (loadedBytes + bytes > LOADED_BYTES) {
    loaded.clear();
    loadedBytes = 0;
  }
  const kernels = new KernelHeap();
  const place = ({ drawn }: ClassResamples): number => {
    const at = kernels.allocate(drawn.byteLength);
    kernels.u16(at, drawn.length).set(drawn);
    return at;
  };
  const fresh = { kernels, ofPositives: place(resamples.positives), ofNegatives: place(resamples.negatives) };
  loaded.set(resamples, fresh);
  loadedBytes += bytes;
  return fresh;
}

/**
 * AUROC with its percentile interval (Efron 1979). With AUROC 1 or 0 the interval has no width: then the classes are apart in
 * every resample too, and none is counted.
 * @param level the share of resamples inside
 * @throws LabError as `bootstrapAurocs`
 */
export function bootstrapInterval(
  positives: Vector,
  negatives: Vector,
  resamples: Resamples,
  level = 0.95,
): AurocInterval {
  return withScores(positives, negatives, (kernels, harmful, safe) =>
    heldInterval(kernels, heldPlacements(kernels, harmful, safe), resamples, level),
  );
}

/** As `bootstrapInterval`, of placements that the kernels hold. */
export function heldInterval(
  kernels: KernelHeap,
  placements: HeldPlacements,
  resamples: Resamples,
  level = 0.95,
): AurocInterval {
  const doubledPairs = 2 * placements.positives * placements.negatives;
  const value = placements.wins / doubledPairs;
  checkResamples(placements.positives, placements.negatives, resamples);
  if (value === 0 || value === 1) return { auroc: value, low: value, high: value };
  if (resamples.seeds !== null) {
    const [low, high] = percentileInterval(wideWins(kernels, placements, resamples.seeds), level);
    return { auroc: value, low: low / doubledPairs, high: high / doubledPairs };
  }
  const [low, high] = withResampledWins(kernels, placements, resamples, (own, wins) => {
    let sorted = 0; // so many stand already where they belong
    return [(1 - level) / 2, (1 + level) / 2].map((probability) =>
      quantileOf(resamples.count, probability, (rank) => {
        const value = own.run.select(wins, sorted, resamples.count, rank);
        sorted = rank;
        return value;
      }),
    );
  }) as [number, number];
  return { auroc: value, low: low / doubledPairs, high: high / doubledPairs };
}

function checkResamples(positives: number, negatives: number, { positives: p, negatives: n }: Resamples): void {
  if (p.prompts === positives && n.prompts === negatives) return;
  throw new LabError(
    'bad-request',
    `resamples of ${p.prompts} and ${n.prompts} prompts for ${positives} and ${negatives} scores`,
    'Draw resamples for these prompts.',
  );
}

function multiplicities(indices: Uint32Array, count: number): ClassResamples {
  const prompts = indices.length / count;
  checkSize(prompts, count, MOST_PROMPTS);
  const drawn = noneDrawn(prompts, count);
  for (let resample = 0; resample < count; resample++) {
    countDrawn(drawn, startOf(resample, prompts), indices.subarray(resample * prompts, (resample + 1) * prompts));
  }
  return { prompts, drawn };
}

/** Counts each index that one resample drew, in its lane. */
function countDrawn(drawn: Uint16Array, start: number, indices: Uint32Array): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    if (index >= indices.length) {
      const problem = `resample index ${index} of ${indices.length} prompts`;
      throw new LabError('bad-request', problem, 'Draw from the class itself.');
    }
    const at = start + index * LANES;
    drawn[at] = (drawn[at] as number) + 1;
  }
}
