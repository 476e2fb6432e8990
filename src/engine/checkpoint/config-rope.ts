/**
 * What a config.json says of its rotary positions. transformers 4 keeps `rope_theta` and `rope_scaling` apart; 5 writes both into
 * `rope_parameters`, for OLMo 3 once for each kind of attention. A file that can be read in two ways is refused: transformers' own
 * versions read some of them differently (4.57.6, 5.0.0 and 5.24.0, `configuration_olmo3.py` and `modeling_rope_utils.py`).
 */
import type { LabError } from '../../core/errors.ts';
import { shownValue } from '../../core/text/quote.ts';
import { isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';
import { isPositive, type ConfigReader } from './config-reader.ts';
import type { Family } from './family.ts';

export interface RopeConfig {
  readonly ropeTheta: number;
  readonly yarn: YarnConfig | null;
}

type RopeKey = 'rope_scaling' | 'rope_parameters';

const OLD_DEFAULT_THETA = 10000; // of OLMo 1 and 2 in every version; of OLMo 3, versions 4 and 5 disagree
const BY_LAYER = 'Write it once for each kind of attention: {"full_attention": {…}, "sliding_attention": {…}}.';
const RUNS = 'The lab runs one rope_theta, with rope_type default, or yarn on full-attention layers.';

/** Reads and checks both forms. Throws `config` errors that name the key. `hasWindows`: some layers have sliding attention. */
export function readRope(read: ConfigReader, family: Family, hasWindows: boolean): RopeConfig {
  checkPartialFactor(read, read.value('partial_rotary_factor'), 'partial_rotary_factor');
  const scaling = section(read, 'rope_scaling', family);
  const parameters = section(read, 'rope_parameters', family);
  const fromScaling = scaling && readYarn(read, 'rope_scaling', scaling.full);
  const fromParameters = parameters && readYarn(read, 'rope_parameters', parameters.full);
  if (parameters?.isFlat === true && fromParameters !== null && hasWindows && scaling === null) {
    const problem =
      'does not say whether yarn is for sliding attention too, which transformers’ versions read differently';
    throw read.error('rope_parameters', problem, BY_LAYER);
  }
  if (scaling !== null && parameters !== null && JSON.stringify(fromScaling) !== JSON.stringify(fromParameters)) {
    const problem = `contradicts rope_scaling (${shownValue(read.value('rope_scaling'))})`;
    throw read.error(
      'rope_parameters',
      problem,
      'Remove the one that the model was not trained with from config.json.',
    );
  }
  return { ropeTheta: readTheta(read, family, [scaling, parameters]), yarn: fromScaling ?? fromParameters };
}

interface Section {
  readonly key: RopeKey;
  readonly isFlat: boolean;
  readonly full: JsonObject; // of full attention
  readonly thetas: readonly unknown[]; // that it names
}

/** One form of the two; null where it is left out, or says nothing. */
function section(read: ConfigReader, key: RopeKey, family: Family): Section | null {
  const rope = read.value(key);
  if (rope === null) return null;
  if (!isJsonObject(rope)) throw read.error(key, 'is not an object');
  if (Object.keys(rope).length === 0) return null;
  const { full_attention: full, sliding_attention: sliding, ...others } = rope;
  if (full === undefined && sliding === undefined) {
    return { key, isFlat: true, full: rope, thetas: [rope['rope_theta']] };
  }
  if (family !== 'olmo3' || key === 'rope_scaling' || Object.keys(others).length > 0) {
    throw read.error(key, 'mixes kinds of attention with other keys, or has them where the family has none', RUNS);
  }
  if (!isJsonObject(full) || !isJsonObject(sliding)) {
    throw read.error(key, 'needs both full_attention and sliding_attention, as objects', BY_LAYER);
  }
  if (readYarn(read, key, sliding) !== null) throw read.error(key, 'has yarn on sliding_attention', RUNS);
  return { key, isFlat: false, full, thetas: [full['rope_theta'], sliding['rope_theta']] };
}

/** The one rope_theta that all places which name one agree on. */
function readTheta(read: ConfigReader, family: Family, sections: readonly (Section | null)[]): number {
  const named: { readonly key: string; readonly theta: unknown }[] = [
    { key: 'rope_theta', theta: read.value('rope_theta') },
    ...sections.flatMap((part) => (part?.thetas ?? []).map((theta) => ({ key: part?.key ?? '', theta }))),
  ].filter(({ theta }) => theta !== null && theta !== undefined);
  const [first] = named;
  if (first === undefined) {
    if (family !== 'olmo3') return OLD_DEFAULT_THETA;
    throw read.error('rope_theta', 'has no one default for OLMo 3', 'Write the model’s rope_theta into config.json.');
  }
  for (const { key, theta } of named) {
    if (!isPositive(theta) || theta <= 1) throw read.error(key, 'has no valid rope_theta (a number above 1)');
    if (theta !== first.theta) {
      const problem = `has another rope_theta than ${first.key} (${shownValue(read.value(first.key))})`;
      throw read.error(key, problem, RUNS);
    }
  }
  return first.theta as number;
}

/** YaRN of one kind of attention; null for plain rotary positions. Every other type is refused by its name. */
function readYarn(read: ConfigReader, key: RopeKey, rope: JsonObject): YarnConfig | null {
  const fail = (problem: string): LabError => read.error(key, problem, RUNS);
  checkPartialFactor(read, rope['partial_rotary_factor'] ?? null, key);
  const { rope_type: newName = rope['type'], type: oldName = newName } = rope;
  if (newName !== oldName) throw fail('has a type and another rope_type');
  if (newName === undefined && rope['factor'] !== undefined) throw fail('has a factor and no rope_type');
  const type = newName ?? 'default';
  if (type === 'default') return null;
  if (type !== 'yarn') throw fail(`has the rope_type ${shownValue(type)}, which OLMo does not use`);
  if ((rope['truncate'] ?? true) !== true) throw fail('has truncate, which the lab does not read');
  const number = (name: string, fallback: number | null): number => {
    const value = rope[name] ?? fallback;
    if (!isPositive(value)) throw fail(`has no valid ${name}`);
    return value;
  };
  const factor = number('factor', null);
  const original = number('original_max_position_embeddings', read.count('max_position_embeddings'));
  const outside = read.value('original_max_position_embeddings'); // which transformers 5 prefers, and 4 passes over
  if (outside !== null && outside !== original) {
    throw read.error('original_max_position_embeddings', `is not ${original}, as in ${key}`);
  }
  return {
    factor,
    originalContextLength: original,
    betaFast: number('beta_fast', 32),
    betaSlow: number('beta_slow', 1),
    attentionFactor: number('attention_factor', defaultAttentionFactor(factor, rope, number)),
  };
}

/** The paper's equation 22; with both mscales, a ratio of two of them, as in transformers. */
function defaultAttentionFactor(
  factor: number,
  rope: JsonObject,
  number: (name: string, fallback: null) => number,
): number {
  const scaleOf = (mscale: number): number => 0.1 * mscale * Math.log(Math.max(1, factor)) + 1;
  const isGiven = (name: string): boolean => (rope[name] ?? 0) !== 0;
  if (!isGiven('mscale') || !isGiven('mscale_all_dim')) return scaleOf(1);
  return scaleOf(number('mscale', null)) / scaleOf(number('mscale_all_dim', null));
}

/** Some models turn a part of each head only; OLMo's code turns all of it. */
function checkPartialFactor(read: ConfigReader, value: unknown, key: string): void {
  if (value === null || value === 1) return;
  throw read.error(key, 'asks for a partial_rotary_factor', 'OLMo rotates whole heads.');
}

/** YaRN, Peng et al. 2023 (arXiv 2309.00071). */
export interface YarnConfig {
  readonly factor: number;
  readonly originalContextLength: number;
  readonly betaFast: number;
  readonly betaSlow: number;
  readonly attentionFactor: number; // on cos and sin
}
