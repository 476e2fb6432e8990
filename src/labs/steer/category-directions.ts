/**
 * The eight directions of a checkpoint at every layer: the mean of a harm's training prompts minus the mean of the safe ones, with the
 * values needed to interpret projections on them.
 */
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import { auroc } from '../../core/statistics/auroc.ts';
import { DIRECTION_LABELS, DIRECTION_NAMES, type DirectionName } from '../../core/categories.ts';
import { checkDirection, isDirection, meanDifference, projection } from '../../core/probes/directions.ts';
import { certaintyFromHalves } from '../../core/probes/split-half.ts';
import { LabError } from '../../core/errors.ts';
import { cosine, norm } from '../../core/linalg/vectors.ts';
import type { OlmoTokenizer } from '../../engine/tokens/tokenizer.ts';
import type { ActivationSums, Half } from './activation-sums.ts';

export interface LayerDirection {
  readonly name: DirectionName;
  readonly vector: Float32Array; // [hidden]: μ(harm) − μ(safe)
  readonly norm: number;
  readonly harmfulMean: number; // mean of a·d/‖d‖ over the harm's training prompts
  readonly safeMean: number; // the same over the safe training prompts
  readonly auroc: number | null; // harmful versus safe on held-out prompts; null before any were read
  readonly certainty: number | null; // estimated cosine with the direction that unlimited prompts would give; null: too few
}

/** [layer][name], names in the order of `DIRECTION_NAMES`. */
export type CategoryDirections = readonly (readonly LayerDirection[])[];

/** The held-out activations of each class, `safe` or a harm: [prompts] of [layers · hidden]. */
type HeldOut = ReadonlyMap<string, readonly Float32Array[]>;

/** Everything that directions are computed from. */
export interface DirectionSample {
  readonly sums: ActivationSums;
  readonly heldOut: HeldOut;
  readonly harms: ReadonlyMap<string, number>; // training prompts of each harm in the whole set
  readonly layers: number;
  readonly hidden: number;
  readonly label: string; // of the checkpoint, for errors
}

/** Token ids of a prompt after the template is applied. */
export function encodePrompt(tokenizer: OlmoTokenizer, text: string, template: PromptTemplate): number[] {
  return template === 'chat' ? tokenizer.encodeChat([{ role: 'user', content: text }]) : tokenizer.encode(text);
}

/** @throws LabError `bad-request`, when harmful and safe prompts have the same means at every layer */
export function directionsOf(sample: DirectionSample): CategoryDirections {
  const directions = Array.from({ length: sample.layers }, (_, layer) =>
    DIRECTION_NAMES.map((name) => layerDirection(name, layer, sample)),
  );
  checkAnyLayer(directions, sample);
  return directions;
}

/** Throws if a direction has length 0 at every layer: this checkpoint does not distinguish its prompts from the safe ones. */
function checkAnyLayer(directions: CategoryDirections, { sums, label }: DirectionSample): void {
  const none = DIRECTION_NAMES.find(
    (name, index) =>
      (name === 'general' || sums.count(name) > 0) && directions.every((layer) => layer[index]?.norm === 0),
  );
  if (none === undefined) return;
  const problem = `${label}: the prompts of ${DIRECTION_LABELS[none]} and the safe ones have the same mean activation at every layer.`; // prettier-ignore
  throw new LabError('bad-request', problem, 'Use prompts of two different classes.');
}

/** A direction of one layer before it has a meaning: no prompts, or the same mean in both classes. */
const without = (name: DirectionName, hidden: number): LayerDirection => ({
  name,
  vector: new Float32Array(hidden),
  norm: 0,
  harmfulMean: 0,
  safeMean: 0,
  auroc: 0.5,
  certainty: null,
});

/**
 * The direction of one layer. It has length 0 if both classes have the same mean activation, as at the first layer of a model whose
 * sliding window is shorter than the end of the chat template, or if no prompt of the harm was read.
 */
function layerDirection(name: DirectionName, layer: number, sample: DirectionSample): LayerDirection {
  const { hidden, label } = sample;
  const harmful = harmfulMean(name, layer, sample);
  const safe = sample.sums.mean('safe', layer);
  if (harmful === null || safe === null) return without(name, hidden);
  const direction = meanDifference(harmful, safe);
  if (!isDirection(direction, harmful, safe)) {
    const of = `the prompts of ${DIRECTION_LABELS[name]} and the safe ones`;
    const where = `${label}, layer ${layer}`;
    if (!Number.isFinite(norm(direction))) checkDirection(direction, harmful, safe, { where, of });
    return without(name, hidden);
  }
  return {
    name,
    vector: Float32Array.from(direction),
    norm: norm(direction),
    harmfulMean: projection(harmful, direction),
    safeMean: projection(safe, direction),
    auroc: heldOutAuroc(name, layer, direction, sample),
    certainty: certaintyOf(name, layer, sample),
  };
}

function harmfulMean(
  name: DirectionName,
  layer: number,
  { sums, harms }: DirectionSample,
  half?: Half,
): Float64Array | null {
  return name === 'general' ? sums.weightedMean(harms, layer, half) : sums.mean(name, layer, half);
}

/** Null where either half of either class has no prompts. */
function certaintyOf(name: DirectionName, layer: number, sample: DirectionSample): number | null {
  const ofHalf = (half: Half): Float64Array | null => {
    const harmful = harmfulMean(name, layer, sample, half);
    const safe = sample.sums.mean('safe', layer, half);
    return harmful === null || safe === null ? null : meanDifference(harmful, safe);
  };
  const [first, second] = [ofHalf(0), ofHalf(1)];
  if (first === null || second === null || norm(first) === 0 || norm(second) === 0) return null;
  return certaintyFromHalves(cosine(first, second));
}

/** Null where no prompt of a class was held out. */
function heldOutAuroc(
  name: DirectionName,
  layer: number,
  direction: Float64Array,
  { heldOut, hidden }: DirectionSample,
): number | null {
  const scores = (classes: readonly string[]): Float64Array =>
    Float64Array.from(
      classes.flatMap((each) => heldOut.get(each) ?? []),
      (activation) => projection(activation.subarray(layer * hidden, (layer + 1) * hidden), direction),
    );
  const harmful = scores(name === 'general' ? [...heldOut.keys()].filter((each) => each !== 'safe') : [name]);
  const safe = scores(['safe']);
  return harmful.length === 0 || safe.length === 0 ? null : auroc(harmful, safe);
}
