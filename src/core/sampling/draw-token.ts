import { LabError } from '../errors.ts';
import type { Random } from './random.ts';
import { allIds, ScoreHeap } from '../kernels/score-heap.ts';
import { argmax } from '../linalg/vectors.ts';

/** How the next token is drawn from logits. */
export interface SamplingOptions {
  readonly temperature: number; // 0: greedy
  readonly topK: number; // 0: off
  readonly topP: number; // 1: off
  readonly repetitionPenalty: number; // 1: off
}

/** @throws LabError `bad-request` that names the first option out of its range, and the range */
export function validateSampling(options: SamplingOptions): void {
  const { temperature, topK, topP, repetitionPenalty } = options;
  check('temperature', temperature, temperature >= 0, 'a number from 0 (greedy) up');
  check('topK', topK, Number.isInteger(topK) && topK >= 0, 'a whole number from 0 (off) up');
  check('topP', topP, topP > 0 && topP <= 1, 'above 0 and at most 1 (off)');
  check('repetitionPenalty', repetitionPenalty, repetitionPenalty > 0, 'a number above 0 (1 is off)');
}

/**
 * Draws the next token as Hugging Face's `generate` does: repetition penalty over the distinct tokens so far, then
 * temperature, top-k (tokens that tie with the k-th are kept), top-p (the smallest set of most likely tokens whose mass
 * reaches p), then one uniform draw. At temperature 0 the most likely token, the lowest id among equals, and no draw.
 *
 * @param logits [vocab]; left unchanged. −Infinity excludes a token
 * @param history token ids of prompt and answer so far
 * @param random called exactly once when temperature > 0, so that runs with one seed stay in step
 * @throws LabError `bad-request` for invalid options or history, `internal` for logits that no token can be drawn from
 */
export function drawToken(
  logits: Float32Array,
  history: readonly number[] | Int32Array,
  options: SamplingOptions,
  random: Random,
): number {
  validateSampling(options);
  const scores = new Float64Array(logits); // [vocab]
  const best = checkLogits(scores);
  penaliseRepetition(scores, history, options.repetitionPenalty);
  const top = options.repetitionPenalty === 1 ? best : argmax(scores);
  if (options.temperature === 0) return top;

  const largest = scores[top] as number;
  const weights = scores.map((score) => Math.exp((score - largest) / options.temperature)); // unnormalised, in [0, 1]
  return pick(candidates(weights, options), weights, random());
}

/** Divides positive scores and multiplies negative ones (Keskar et al. 2019, CTRL), once for each distinct token. */
function penaliseRepetition(scores: Float64Array, history: readonly number[] | Int32Array, penalty: number): void {
  if (penalty === 1) return;
  for (const token of new Set(history)) {
    const score = scores[token];
    if (score === undefined) {
      throw new LabError(
        'bad-request',
        `token ${token} of the history is outside a vocabulary of ${scores.length}`,
        "Use the model's own tokenizer.",
      );
    }
    scores[token] = score > 0 ? score / penalty : score * penalty;
  }
}

/** The ids that top-k and top-p leave. */
function candidates(weights: Float64Array, { topK, topP }: SamplingOptions): ArrayLike<number> {
  const limited = topK > 0 && topK < weights.length;
  if (!limited && topP === 1) return allIds(weights.length);
  const heap = new ScoreHeap(weights);
  const kept = limited ? mostLikely(heap, weights, topK) : null;
  if (kept !== null && topP === 1) return kept;
  const mass = kept === null ? sum(weights) : kept.reduce((total, id) => total + weightOf(weights, id), 0);
  return nucleus(kept?.values() ?? drain(heap), weights, topP * mass);
}

/** The k most likely ids that have any weight and those that tie with the last of them, by falling weight. */
function mostLikely(heap: ScoreHeap, weights: Float64Array, k: number): number[] {
  const kept: number[] = [];
  let threshold = 0;
  for (const id of drain(heap)) {
    const weight = weightOf(weights, id);
    if (weight === 0 || (kept.length >= k && weight < threshold)) break;
    kept.push(id);
    threshold = weight;
  }
  return kept;
}

/** The shortest beginning of `ids` (by falling weight) whose mass reaches `target`; at least one id. */
function nucleus(ids: Iterable<number>, weights: Float64Array, target: number): number[] {
  const kept: number[] = [];
  let mass = 0;
  for (const id of ids) {
    kept.push(id);
    mass += weightOf(weights, id);
    if (mass >= target) break;
  }
  return kept;
}

/** The id at `uniform` of the way through the candidates' mass. Ids of no weight are never picked. */
function pick(ids: ArrayLike<number>, weights: Float64Array, uniform: number): number {
  let mass = 0;
  for (let i = 0; i < ids.length; i++) mass += weightOf(weights, ids[i] as number);
  let remaining = uniform * mass;
  let last = -1;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    const weight = weightOf(weights, id);
    if (weight === 0) continue;
    remaining -= weight;
    last = id;
    if (remaining < 0) break;
  }
  return last; // when rounding left a remainder of 0, the last one with weight
}

function* drain(heap: ScoreHeap): Generator<number> {
  for (let id = heap.pop(); id !== null; id = heap.pop()) yield id;
}

/** The most likely id. @throws LabError `internal` when a logit is NaN or +Infinity, or all are −Infinity */
function checkLogits(scores: Float64Array): number {
  const broken = scores.findIndex((score) => Number.isNaN(score) || score === Infinity);
  const best = argmax(scores);
  if (broken < 0 && best >= 0 && scores[best] !== -Infinity) return best;
  const what = broken < 0 ? 'no token has a finite logit' : `the logit of token ${broken} is ${scores[broken]}`;
  throw new LabError('internal', what, 'Lower λ if you steer; else the checkpoint or its precision is broken.');
}

function check(option: string, value: number, valid: boolean, range: string): void {
  if (valid && Number.isFinite(value)) return;
  throw new LabError('bad-request', `${option} is ${value}, but must be ${range}`, `Set ${option} within its range.`);
}

function weightOf(weights: Float64Array, id: number): number {
  return weights[id] as number;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
