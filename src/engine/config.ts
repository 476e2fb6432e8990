/**
 * What a checkpoint's config.json says of its architecture, checked.
 * Reference: transformers 4.57, `configuration_olmo.py`, `configuration_olmo2.py`, `configuration_olmo3.py`.
 */
import { LabError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../formats/json.ts';

export type Family = 'olmo' | 'olmo2' | 'olmo3';
export type AttentionKind = 'full' | 'sliding';

export interface OlmoConfig {
  readonly family: Family;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  readonly contextLength: number; // positions
  readonly normEps: number;
  readonly ropeTheta: number;
  readonly yarn: YarnConfig | null; // on full-attention layers only
  readonly attention: readonly AttentionKind[]; // [layers]
  readonly slidingWindow: number; // tokens, itself included; read where attention is 'sliding'
  readonly clipQkv: number | null; // OLMo 1
  readonly tiedEmbeddings: boolean;
}

/** YaRN, Peng et al. 2023 (arXiv 2309.00071). */
export interface YarnConfig {
  readonly factor: number;
  readonly originalContextLength: number;
  readonly betaFast: number;
  readonly betaSlow: number;
  readonly attentionFactor: number; // on cos and sin
}

const FAMILIES = ['olmo', 'olmo2', 'olmo3'] as const satisfies readonly Family[];
const HEAD_DIM_STEP = 16; // of ONNX Runtime’s GroupQueryAttention with rotary positions
const OLMO1_NORM_EPS = 1e-5; // fixed in modeling_olmo.py, absent from its config

/** Reads config.json's object. Throws `config` errors that name the key. */
export function parseConfig(json: JsonObject, file = 'config.json'): OlmoConfig {
  const read = new ConfigReader(json, file);
  const family = readFamily(json, file);
  read.refuse('attention_bias', (value) => value === true, 'The lab runs OLMo, which has no attention biases.');
  const activation = json['hidden_act'] ?? 'silu';
  read.refuse('hidden_act', () => activation !== 'silu', 'OLMo uses silu.');
  const hiddenSize = read.count('hidden_size');
  const layers = read.count('num_hidden_layers');
  const heads = read.count('num_attention_heads');
  const kvHeads = read.count('num_key_value_heads', heads);
  const headDim = read.count('head_dim', hiddenSize / heads);
  if (heads % kvHeads !== 0) throw read.error('num_key_value_heads', `does not divide the ${heads} heads`);
  if (headDim % HEAD_DIM_STEP !== 0) {
    throw read.error('head_dim', `makes heads of ${headDim}; ONNX Runtime runs multiples of ${HEAD_DIM_STEP}`);
  }
  const rope = ropeParameters(json, read);
  const attention = family === 'olmo3' ? readAttention(json, read, layers) : Array<AttentionKind>(layers).fill('full');
  return {
    family,
    hiddenSize,
    intermediateSize: read.count('intermediate_size'),
    layers,
    heads,
    kvHeads,
    headDim,
    vocabSize: read.count('vocab_size'),
    contextLength: read.count('max_position_embeddings'),
    normEps: family === 'olmo' ? OLMO1_NORM_EPS : read.positive('rms_norm_eps', 1e-6),
    ropeTheta: readRopeTheta(rope, read),
    yarn: readYarn(rope, read),
    attention,
    slidingWindow: attention.includes('sliding') ? read.count('sliding_window') : 0,
    clipQkv: family === 'olmo' && (json['clip_qkv'] ?? null) !== null ? read.positive('clip_qkv') : null,
    tiedEmbeddings: json['tie_word_embeddings'] === true,
  };
}

class ConfigReader {
  readonly #json: JsonObject;
  readonly #file: string;

  constructor(json: JsonObject, file: string) {
    this.#json = json;
    this.#file = file;
  }

  /** The key that holds what is special about the rotary positions. */
  get ropeKey(): string {
    return (this.#json['rope_parameters'] ?? null) === null ? 'rope_scaling' : 'rope_parameters';
  }

  error(key: string, problem: string, nextStep = 'Check the checkpoint’s config.json.'): LabError {
    const value = key in this.#json ? JSON.stringify(this.#json[key]) : 'missing';
    return new LabError('config', `${this.#file}: ${key} (${value}) ${problem}.`, nextStep);
  }

  count(key: string, fallback?: number): number {
    const value = this.#json[key] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) <= 0) throw this.error(key, 'is no positive whole number');
    return value as number;
  }

  positive(key: string, fallback?: number): number {
    const value = this.#json[key] ?? fallback;
    if (!isPositive(value)) throw this.error(key, 'is no positive number');
    return value;
  }

  refuse(key: string, isBad: (value: unknown) => boolean, nextStep: string): void {
    if (isBad(this.#json[key])) throw this.error(key, 'is not supported', nextStep);
  }
}

function readFamily(json: JsonObject, file: string): Family {
  const type = json['model_type'];
  const family = FAMILIES.find((known) => known === type);
  if (family !== undefined) return family;
  const isOldFormat = type === 'hf_olmo' || type === 'olmo_core';
  throw new LabError(
    'config',
    `${file}: model_type ${type === undefined ? '(missing)' : JSON.stringify(type)} is not one of ${FAMILIES.join(', ')}.`,
    isOldFormat
      ? 'This is an OLMo checkpoint before its conversion: take the repository whose name ends in “-hf”.'
      : 'The lab runs OLMo 1, 2 and 3 in the Hugging Face format.',
  );
}

function readAttention(json: JsonObject, read: ConfigReader, layers: number): AttentionKind[] {
  const types = json['layer_types'];
  if (types === undefined || types === null) {
    return Array.from({ length: layers }, (_, layer) => ((layer + 1) % 4 === 0 ? 'full' : 'sliding')); // the config's default
  }
  if (!Array.isArray(types) || types.length !== layers) throw read.error('layer_types', `must list ${layers} layers`);
  return types.map((type) => {
    if (type === 'full_attention') return 'full';
    if (type === 'sliding_attention') return 'sliding';
    throw read.error('layer_types', 'holds something else than full_attention and sliding_attention');
  });
}

/**
 * transformers 4 keeps `rope_theta` and `rope_scaling` apart; 5 writes both into `rope_parameters`, for OLMo 3 in some versions once
 * for each kind of attention.
 */
function ropeParameters(json: JsonObject, read: ConfigReader): JsonObject | null {
  const key = read.ropeKey;
  const parameters = json[key] ?? null;
  if (parameters === null) return null;
  if (!isJsonObject(parameters)) throw read.error(key, 'is no object');
  const full = parameters['full_attention'];
  const sliding = parameters['sliding_attention'];
  if (full === undefined && sliding === undefined) return parameters;
  const isKnown = isJsonObject(full) && isJsonObject(sliding) && ropeType(sliding) === 'default';
  if (!isKnown || full['rope_theta'] !== sliding['rope_theta']) {
    throw read.error(key, 'is not supported', 'The lab runs one rope_theta, with yarn on full-attention layers only.');
  }
  return full;
}

const ropeType = (rope: JsonObject): unknown => rope['rope_type'] ?? rope['type'] ?? 'default';

function readRopeTheta(rope: JsonObject | null, read: ConfigReader): number {
  const fromParameters = rope?.['rope_theta'];
  if (fromParameters === undefined) return read.positive('rope_theta', 10000);
  if (isPositive(fromParameters)) return fromParameters;
  throw read.error(read.ropeKey, 'has no valid rope_theta');
}

const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

function readYarn(rope: JsonObject | null, read: ConfigReader): YarnConfig | null {
  if (rope === null || ropeType(rope) === 'default') return null;
  const fail = (problem: string): LabError => read.error(read.ropeKey, problem, 'The lab runs default and yarn.');
  if (ropeType(rope) !== 'yarn') throw fail('has a type that OLMo does not use');
  if (rope['truncate'] === false || isPositive(rope['mscale'])) throw fail('has options that OLMo does not use');
  const number = (key: string, fallback: number | null): number => {
    const value = rope[key] ?? fallback;
    if (!isPositive(value)) throw fail(`has no valid ${key}`);
    return value;
  };
  const factor = number('factor', null);
  return {
    factor,
    originalContextLength: number('original_max_position_embeddings', read.count('max_position_embeddings')),
    betaFast: number('beta_fast', 32),
    betaSlow: number('beta_slow', 1),
    attentionFactor: number('attention_factor', 0.1 * Math.log(Math.max(1, factor)) + 1), // the paper's equation 22
  };
}
