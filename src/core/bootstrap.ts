/** Stratified bootstrap of AUROC: each class is drawn anew, as often as it has prompts, with replacement. */
import { auroc } from './auroc.ts';
import { LabError } from './errors.ts';
import { placementsOf, weightedAuroc } from './placements.ts';
import { percentileInterval } from './quantiles.ts';
import type { Random } from './random.ts';
import type { Vector } from './vectors.ts';

export const DEFAULT_RESAMPLES = 1000;

/**
 * How often each prompt was drawn in each resample. They depend on the number of prompts alone, so all scores of the
 * same prompts (other checkpoints, layers, directions) should share them: it saves the drawing, and what differs between
 * two scores is then never the luck of the draw.
 */
export interface Resamples {
  readonly count: number;
  readonly positives: Uint16Array; // [count, positives]
  readonly negatives: Uint16Array; // [count, negatives]
}

export interface AurocInterval {
  readonly auroc: number; // of the scores themselves
  readonly low: number;
  readonly high: number;
}

/** @throws LabError `bad-request` for an empty class, one of more than 65,535 prompts, or no resamples */
export function drawResamples(positives: number, negatives: number, count: number, random: Random): Resamples {
  const draw = (prompts: number): Uint32Array =>
    Uint32Array.from({ length: count * prompts }, () => Math.floor(random() * prompts));
  checkSize(positives, count);
  checkSize(negatives, count);
  return resamplesOf(draw(positives), draw(negatives), count);
}

/**
 * Resamples from indices that were drawn elsewhere.
 * @param positives [count, positives], indices from 0 to positives − 1; likewise the negatives
 * @throws LabError `bad-request` when the shape does not fit or an index is out of range
 */
export function resamplesOf(positives: Uint32Array, negatives: Uint32Array, count: number): Resamples {
  return { count, positives: multiplicities(positives, count), negatives: multiplicities(negatives, count) };
}

/**
 * AUROC of each resample [resamples.count].
 * @throws LabError `bad-request` when the resamples are of other numbers of prompts, or as `placementsOf`
 */
export function bootstrapAurocs(positives: Vector, negatives: Vector, resamples: Resamples): Float64Array {
  const placements = placementsOf(positives, negatives);
  const { count } = resamples;
  if (
    resamples.positives.length !== count * positives.length ||
    resamples.negatives.length !== count * negatives.length
  ) {
    throw new LabError(
      'bad-request',
      `resamples of ${resamples.positives.length / count} and ${resamples.negatives.length / count} prompts for ` +
        `${positives.length} and ${negatives.length} scores`,
      'Draw resamples for these prompts.',
    );
  }
  const cumulative = new Float64Array(negatives.length + 1);
  return Float64Array.from({ length: count }, (_, resample) =>
    weightedAuroc(
      placements,
      resamples.positives,
      resamples.negatives,
      cumulative,
      resample * positives.length,
      resample * negatives.length,
    ),
  );
}

/**
 * AUROC with its percentile interval (Efron 1979). With AUROC 1 the interval has no width: then the classes are apart in
 * every resample too.
 * @param level the share of resamples inside
 * @throws LabError as `bootstrapAurocs`
 */
export function bootstrapInterval(
  positives: Vector,
  negatives: Vector,
  resamples: Resamples,
  level = 0.95,
): AurocInterval {
  const [low, high] = percentileInterval(bootstrapAurocs(positives, negatives, resamples), level);
  return { auroc: auroc(positives, negatives), low, high };
}

function multiplicities(indices: Uint32Array, count: number): Uint16Array {
  const prompts = indices.length / count;
  checkSize(prompts, count);
  const drawn = new Uint16Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    if (index >= prompts) {
      throw new LabError('bad-request', `resample index ${index} of ${prompts} prompts`, 'Draw from the class itself.');
    }
    const at = i - (i % prompts) + index;
    drawn[at] = (drawn[at] as number) + 1;
  }
  return drawn;
}

const MOST_PROMPTS = 0xffff; // so that no multiplicity overflows 16 bits

function checkSize(prompts: number, count: number): void {
  if (Number.isInteger(prompts) && prompts >= 1 && prompts <= MOST_PROMPTS && Number.isInteger(count) && count >= 1)
    return;
  throw new LabError(
    'bad-request',
    `cannot draw ${count} resamples of ${prompts} prompts`,
    `Ask for at least one resample of 1 to ${MOST_PROMPTS} prompts.`,
  );
}
