/**
 * What a checkpoint's config.json says of its architecture, checked.
 * Reference: transformers 4.57, `configuration_olmo.py`, `configuration_olmo2.py`, `configuration_olmo3.py`.
 */
import type { Family } from './family.ts';
import type { YarnConfig } from './config-rope.ts';
import { LabError } from '../../core/errors.ts';
import { shownValue } from '../../core/text/quote.ts';
import type { JsonObject } from '../../formats/bytes/json.ts';
import { ConfigReader } from './config-reader.ts';
import { readRope } from './config-rope.ts';
type AttentionKind = 'full' | 'sliding';

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

const FAMILIES = ['olmo', 'olmo2', 'olmo3'] as const satisfies readonly Family[];
const HEAD_DIM_STEP = 16; // of ONNX Runtime’s GroupQueryAttention with rotary positions
const NORM_EPS = 1e-5; // fixed in modeling_olmo.py, absent from its config; the default of OLMo 2 and 3

/** Reads config.json's object. Throws `config` errors that name the key. */
export function parseConfig(json: JsonObject, file = 'config.json'): OlmoConfig {
  const read = new ConfigReader(json, file);
  const family = readFamily(json, file);
  refuseForeign(read, family);
  const hiddenSize = read.count('hidden_size');
  const layers = read.count('num_hidden_layers');
  const heads = read.count('num_attention_heads');
  const kvHeads = read.count('num_key_value_heads', heads);
  const headDim = read.count('head_dim', hiddenSize / heads);
  if (heads % kvHeads !== 0) throw read.error('num_key_value_heads', `does not divide the ${heads} heads`);
  if (headDim % HEAD_DIM_STEP !== 0) {
    throw read.error('head_dim', `makes heads of ${headDim}; ONNX Runtime runs multiples of ${HEAD_DIM_STEP}`);
  }
  const attention = family === 'olmo3' ? readAttention(read, layers) : Array<AttentionKind>(layers).fill('full');
  const hasWindows = attention.includes('sliding');
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
    normEps: family === 'olmo' ? NORM_EPS : read.positive('rms_norm_eps', NORM_EPS),
    ...readRope(read, family, hasWindows),
    attention,
    slidingWindow: hasWindows ? read.count('sliding_window') : 0,
    clipQkv: family === 'olmo' && read.value('clip_qkv') !== null ? read.positive('clip_qkv') : null,
    tiedEmbeddings: read.flag('tie_word_embeddings'),
  };
}

/** What would change the numbers, and OLMo's code does not have. */
function refuseForeign(read: ConfigReader, family: Family): void {
  read.refuse('attention_bias', (value) => value !== false, 'The lab runs OLMo, which has no attention biases.');
  read.refuse('mlp_bias', (value) => value !== false, 'The lab runs OLMo, which has no MLP biases.');
  read.refuse('hidden_act', (value) => value !== 'silu' && value !== 'swish', 'OLMo uses silu.');
  read.refuse('clip_qkv', () => family !== 'olmo', 'Only OLMo 1 clips queries, keys and values.');
  const unquantised = 'Its weights are quantised already: take the checkpoint that they were made from.';
  read.refuse('quantization_config', () => true, unquantised);
}

function readFamily(json: JsonObject, file: string): Family {
  const type = json['model_type'];
  const family = FAMILIES.find((known) => known === type);
  if (family !== undefined) return family;
  const isOldFormat = type === 'hf_olmo' || type === 'olmo_core';
  throw new LabError(
    'config',
    `${file}: model_type ${type === undefined ? '(missing)' : shownValue(type)} is not one of ${FAMILIES.join(', ')}.`,
    isOldFormat
      ? 'This is an OLMo checkpoint before its conversion: take the repository whose name ends in “-hf”.'
      : 'The lab runs OLMo 1, 2 and 3 in the Hugging Face format.',
  );
}

function readAttention(read: ConfigReader, layers: number): AttentionKind[] {
  const types = read.value('layer_types');
  if (types === null) {
    return Array.from({ length: layers }, (_, layer) => ((layer + 1) % 4 === 0 ? 'full' : 'sliding')); // the config's default
  }
  if (!Array.isArray(types) || types.length !== layers) throw read.error('layer_types', `must list ${layers} layers`);
  return types.map((type: unknown) => {
    if (type === 'full_attention') return 'full';
    if (type === 'sliding_attention') return 'sliding';
    throw read.error('layer_types', 'holds something else than full_attention and sliding_attention');
  });
}
