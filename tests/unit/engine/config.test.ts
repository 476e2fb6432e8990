import { describe, expect, it } from 'vitest';
import { parseConfig as parse, type OlmoConfig } from '../../../src/engine/config.ts';
import { fixtureJson, MADE_UP_CONFIG } from './checkpoint-fixtures.ts';

const golden = (name: string): ReturnType<typeof fixtureJson> => fixtureJson(`golden/${name}/config.json`);
const YARN = { rope_type: 'yarn', factor: 8, original_max_position_embeddings: 32 };

/** `undefined` leaves a key out, as in a file. */
const parseConfig = (config: object, file?: string): OlmoConfig =>
  parse(JSON.parse(JSON.stringify(config)) as Record<string, unknown>, file);

describe('parseConfig', () => {
  it('reads OLMo 1 with its clip', () => {
    expect(parseConfig(golden('olmo1'))).toMatchObject({
      family: 'olmo',
      normEps: 1e-5,
      clipQkv: golden('olmo1')['clip_qkv'],
      yarn: null,
      tiedEmbeddings: false,
    });
    expect(golden('olmo1')['clip_qkv']).toBeGreaterThan(0);
    expect(parseConfig(golden('olmo1-noclip-tied'))).toMatchObject({ clipQkv: null, tiedEmbeddings: true });
  });

  it('reads OLMo 2, whose attention is full everywhere', () => {
    const config = parseConfig(golden('olmo2-gqa'));
    expect(config).toMatchObject({ family: 'olmo2', normEps: 1e-6, slidingWindow: 0, clipQkv: null });
    expect(config.kvHeads).toBeLessThan(config.heads);
    expect(new Set(config.attention)).toEqual(new Set(['full']));
  });

  it('reads OLMo 3 with windows and YaRN', () => {
    expect(parseConfig(golden('olmo3-yarn'))).toEqual({
      family: 'olmo3',
      hiddenSize: 32,
      intermediateSize: 64,
      layers: 4,
      heads: 2,
      kvHeads: 2,
      headDim: 16,
      vocabSize: 120,
      contextLength: 512,
      normEps: 1e-6,
      ropeTheta: 500000,
      yarn: {
        factor: 8,
        originalContextLength: 64,
        betaFast: 32,
        betaSlow: 1,
        attentionFactor: 1.2079441541679836,
      },
      attention: ['sliding', 'sliding', 'sliding', 'full'],
      slidingWindow: 5,
      clipQkv: null,
      tiedEmbeddings: false,
    });
  });

  it('gives every fourth layer full attention where layer_types is missing, as transformers does', () => {
    const config = parseConfig({ ...MADE_UP_CONFIG, layer_types: undefined, num_hidden_layers: 5 });
    expect(config.attention).toEqual(['sliding', 'sliding', 'sliding', 'full', 'sliding']);
  });

  it('takes the key-value heads and the head size from the heads where they are missing', () => {
    expect(parseConfig({ ...MADE_UP_CONFIG, num_key_value_heads: undefined })).toMatchObject({
      kvHeads: 2,
      headDim: 16,
    });
  });

  it('fills in what YaRN leaves out', () => {
    const { yarn } = parseConfig({ ...MADE_UP_CONFIG, rope_scaling: { type: 'yarn', factor: 4 } });
    expect(yarn).toMatchObject({ factor: 4, originalContextLength: 64, betaFast: 32, betaSlow: 1 });
    expect(yarn?.attentionFactor).toBeCloseTo(1.1386294361119891, 12);
  });

  it('reads rope_parameters, as transformers 5 writes them', () => {
    const rest = { ...MADE_UP_CONFIG, rope_theta: undefined };
    const flat = parseConfig({ ...rest, rope_parameters: { ...YARN, rope_theta: 500000 } });
    expect(flat).toMatchObject({ ropeTheta: 500000, yarn: { factor: 8, originalContextLength: 32 } });
    const plain = { rope_type: 'default', rope_theta: 500000 };
    const nested = { full_attention: { ...YARN, rope_theta: 500000 }, sliding_attention: plain };
    expect(parseConfig({ ...rest, rope_parameters: nested })).toEqual(flat);
    expect(parseConfig({ ...rest, rope_parameters: plain })).toMatchObject({ ropeTheta: 500000, yarn: null });
  });

  it.each([
    ['another family', { model_type: 'llama' }, /model_type "llama" is not one of olmo, olmo2, olmo3/],
    ['no family', { model_type: undefined }, /model_type \(missing\)/],
    ['an inherited name as family', { model_type: 'constructor' }, /model_type "constructor"/],
    ['OLMo before its conversion', { model_type: 'hf_olmo' }, /model_type "hf_olmo"/],
    ['attention biases', { attention_bias: true }, /attention_bias \(true\)/],
    ['another activation', { hidden_act: 'gelu' }, /hidden_act \("gelu"\)/],
    ['no hidden size', { hidden_size: undefined }, /hidden_size \(missing\)/],
    ['a hidden size of text', { hidden_size: '16' }, /hidden_size \("16"\)/],
    ['no layers', { num_hidden_layers: 0 }, /num_hidden_layers \(0\)/],
    ['no MLP size', { intermediate_size: undefined }, /intermediate_size/],
    ['no vocabulary', { vocab_size: undefined }, /vocab_size/],
    ['no context', { max_position_embeddings: undefined }, /max_position_embeddings/],
    ['heads that do not divide the width', { num_attention_heads: 3 }, /head_dim/],
    ['heads that ONNX Runtime does not run', { head_dim: 8 }, /head_dim \(8\) makes heads of 8/],
    [
      'key-value heads that do not divide the heads',
      { head_dim: 16, num_attention_heads: 4, num_key_value_heads: 3 },
      /num_key_value_heads \(3\)/,
    ],
    ['a negative eps', { rms_norm_eps: -1 }, /rms_norm_eps/],
    ['too few layer types', { layer_types: ['full_attention'] }, /layer_types .*must list 3 layers/],
    ['an unknown layer type', { layer_types: ['full_attention', 'full_attention', 'linear'] }, /layer_types/],
    ['layer types that are no list', { layer_types: 'full' }, /layer_types/],
    ['sliding layers without a window', { sliding_window: null }, /sliding_window/],
    ['a theta of zero', { rope_theta: 0 }, /rope_theta \(0\)/],
    ['another rope type', { rope_scaling: { rope_type: 'llama3', factor: 8 } }, /rope_scaling .*llama3/],
    ['YaRN without a factor', { rope_scaling: { rope_type: 'yarn' } }, /rope_scaling .*factor/],
    ['YaRN with a bad beta', { rope_scaling: { ...YARN, beta_fast: '32' } }, /beta_fast/],
    ['YaRN with an untruncated ramp', { rope_scaling: { ...YARN, truncate: false } }, /rope_scaling/],
    ['rope_scaling that is no object', { rope_scaling: 'yarn' }, /rope_scaling \("yarn"\)/],
    ['rope_parameters that are no object', { rope_parameters: 3 }, /rope_parameters \(3\)/],
    ['rope_parameters with a bad theta', { rope_parameters: { rope_theta: -1 } }, /rope_parameters .*rope_theta/],
    [
      'two thetas',
      { rope_parameters: { full_attention: { rope_theta: 1e4 }, sliding_attention: { rope_theta: 1e6 } } },
      /rope_parameters/,
    ],
  ])('refuses %s and names the key', (_, change, message) => {
    const refused = (): unknown => parseConfig({ ...MADE_UP_CONFIG, ...change }, 'config.json of made-up');
    expect(refused).toThrow(
      expect.objectContaining({ code: 'config', message: expect.stringMatching(message) as string }) as Error,
    );
    expect(refused).toThrow(/^config\.json of made-up/);
  });

  it('says where to find OLMo in the right format', () => {
    expect(() => parseConfig({ model_type: 'hf_olmo' })).toThrow(
      expect.objectContaining({ nextStep: expect.stringContaining('-hf') as string }) as Error,
    );
  });

  it('refuses a clip of OLMo 1 that is no number', () => {
    expect(() => parseConfig({ ...golden('olmo1'), clip_qkv: '8' })).toThrow(/clip_qkv \("8"\)/);
  });
});
