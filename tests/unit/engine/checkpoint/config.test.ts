import { describe, expect, it } from 'vitest';
import { parseConfig as parse, type OlmoConfig } from '../../../../src/engine/checkpoint/config.ts';
import { fixtureJson, MADE_UP_CONFIG } from '../../../support/checkpoint-fixtures.ts';

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
    const plain = { rope_type: 'default', rope_theta: 500000 };
    const nested = { full_attention: { ...YARN, rope_theta: 500000 }, sliding_attention: plain };
    const read = parseConfig({ ...rest, rope_parameters: nested });
    expect(read).toMatchObject({ ropeTheta: 500000, yarn: { factor: 8, originalContextLength: 32 } });
    expect(parseConfig({ ...rest, rope_parameters: plain })).toMatchObject({ ropeTheta: 500000, yarn: null });
    const outside = { full_attention: YARN, sliding_attention: { rope_type: 'default' } };
    expect(parseConfig({ ...rest, rope_theta: 500000, rope_parameters: outside })).toEqual(read);
    expect(parseConfig({ ...MADE_UP_CONFIG, rope_scaling: {}, rope_parameters: {} }).yarn).toBeNull();
  });

  it('takes flat rope_parameters with yarn where all attention is full', () => {
    const change = { rope_theta: undefined, rope_parameters: { ...YARN, rope_theta: 500000 } };
    const olmo2 = { ...MADE_UP_CONFIG, model_type: 'olmo2', layer_types: undefined };
    expect(parseConfig({ ...olmo2, ...change })).toMatchObject({ ropeTheta: 500000, yarn: { factor: 8 } });
    expect(() => parseConfig({ ...MADE_UP_CONFIG, ...change })).toThrow(/rope_parameters .*sliding attention/);
  });

  it('takes rope_parameters beside rope_scaling only where they say the same', () => {
    const both = { rope_theta: 10000, rope_scaling: YARN };
    const agreeing = { full_attention: { ...YARN, rope_theta: 10000 }, sliding_attention: { rope_type: 'default' } };
    expect(parseConfig({ ...MADE_UP_CONFIG, ...both, rope_parameters: agreeing }).yarn).toMatchObject({ factor: 8 });
    expect(parseConfig({ ...MADE_UP_CONFIG, ...both, rope_parameters: YARN }).yarn).toMatchObject({ factor: 8 });
    const plain = { rope_type: 'default', rope_theta: 10000 };
    for (const other of [plain, { ...YARN, factor: 4 }, { ...YARN, attention_factor: 1 }]) {
      const refused = (): unknown => parseConfig({ ...MADE_UP_CONFIG, ...both, rope_parameters: other });
      expect(refused).toThrow(/rope_parameters .*contradicts rope_scaling/);
    }
  });

  it('takes the norm’s epsilon and the rotary base that transformers takes where they are missing', () => {
    const { normEps } = parseConfig({ ...MADE_UP_CONFIG, rms_norm_eps: undefined });
    expect(normEps).toBe(1e-5);
    const olmo2 = { ...MADE_UP_CONFIG, model_type: 'olmo2', rope_theta: undefined };
    expect(parseConfig(olmo2).ropeTheta).toBe(10000);
  });

  it.each([
    ['another family', { model_type: 'llama' }, /model_type "llama" is not one of olmo, olmo2, olmo3/],
    ['no family', { model_type: undefined }, /model_type \(missing\)/],
    ['an inherited name as family', { model_type: 'constructor' }, /model_type "constructor"/],
    ['OLMo before its conversion', { model_type: 'hf_olmo' }, /model_type "hf_olmo"/],
    ['attention biases', { attention_bias: true }, /attention_bias \(true\)/],
    ['another activation', { hidden_act: 'gelu' }, /hidden_act \("gelu"\)/],
    ['an attention bias that is only truthy', { attention_bias: 1 }, /attention_bias \(1\)/],
    ['MLP biases', { mlp_bias: true }, /mlp_bias \(true\)/],
    ['a clip in a family without', { clip_qkv: 8 }, /clip_qkv \(8\)/],
    ['weights that are quantised already', { quantization_config: { bits: 4 } }, /quantization_config \({"bits":4}\)/],
    ['tied embeddings by a number', { tie_word_embeddings: 1 }, /tie_word_embeddings \(1\)/],
    ['a part of each head', { partial_rotary_factor: 0.5 }, /partial_rotary_factor \(0.5\)/],
    ['a billion layers', { num_hidden_layers: 1e9 }, /num_hidden_layers \(1000000000\) is more than 512/],
    ['a width of 2^40', { hidden_size: 2 ** 40 }, /hidden_size \(1099511627776\) is more than/],
    ['a vast MLP', { intermediate_size: 1e12 }, /intermediate_size/],
    ['a vast vocabulary', { vocab_size: 1e15 }, /vocab_size/],
    ['a vast number of heads', { num_attention_heads: 1e6 }, /num_attention_heads/],
    ['a vast number of key-value heads', { num_key_value_heads: 1e6 }, /num_key_value_heads/],
    ['vast heads', { head_dim: 1e6 }, /head_dim/],
    ['endless positions', { max_position_embeddings: 1e300 }, /max_position_embeddings/],
    ['a negative width', { hidden_size: -32 }, /hidden_size \(-32\)/],
    ['half a layer', { num_hidden_layers: 2.5 }, /num_hidden_layers \(2.5\)/],
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
    ['a theta of one', { rope_theta: 1 }, /rope_theta \(1\)/],
    ['no theta of OLMo 3', { rope_theta: undefined }, /rope_theta \(missing\)/],
    ['a theta inside and another outside', { rope_scaling: { ...YARN, rope_theta: 5e5 } }, /rope_scaling .*rope_theta/],
    ['a theta in a form that is not used', { rope_parameters: { rope_theta: 5e5 } }, /rope_parameters .*rope_theta/],
    ['two rope types', { rope_scaling: { ...YARN, type: 'linear' } }, /rope_scaling .*another rope_type/],
    ['a factor without a type', { rope_scaling: { factor: 8 } }, /rope_scaling .*no rope_type/],
    ['linear rope', { rope_scaling: { type: 'linear', factor: 8 } }, /rope_type "linear"/],
    ['dynamic rope', { rope_scaling: { rope_type: 'dynamic', factor: 8 } }, /rope_type "dynamic"/],
    ['longrope', { rope_parameters: { rope_type: 'longrope', rope_theta: 10000 } }, /rope_type "longrope"/],
    ['an inherited name as rope type', { rope_scaling: { rope_type: 'toString' } }, /rope_type "toString"/],
    ['a part of each head in its rope', { rope_scaling: { ...YARN, partial_rotary_factor: 0.25 } }, /partial_rotary/],
    [
      'an original length inside and another outside',
      { original_max_position_embeddings: 16, rope_scaling: YARN },
      /original_max_position_embeddings \(16\)/,
    ],
    [
      'yarn on sliding attention',
      { rope_parameters: { full_attention: YARN, sliding_attention: YARN } },
      /sliding_attention/,
    ],
    ['one kind of attention', { rope_parameters: { full_attention: YARN } }, /needs both/],
    [
      'kinds of attention beside other keys',
      { rope_parameters: { full_attention: YARN, sliding_attention: {}, factor: 2 } },
      /mixes/,
    ],
    [
      'kinds of attention in rope_scaling',
      { rope_scaling: { full_attention: YARN, sliding_attention: {} } },
      /rope_scaling .*mixes/,
    ],
    ['another rope type', { rope_scaling: { rope_type: 'llama3', factor: 8 } }, /rope_scaling .*llama3/],
    ['YaRN without a factor', { rope_scaling: { rope_type: 'yarn' } }, /rope_scaling .*factor/],
    ['YaRN with a bad beta', { rope_scaling: { ...YARN, beta_fast: '32' } }, /beta_fast/],
    ['YaRN with an untruncated ramp', { rope_scaling: { ...YARN, truncate: false } }, /rope_scaling/],
    ['rope_scaling that is not an object', { rope_scaling: 'yarn' }, /rope_scaling \("yarn"\)/],
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

  it('repeats no more than a piece of what it refuses', () => {
    const long = 'x'.repeat(3e6);
    for (const change of [
      { model_type: long },
      { hidden_size: long },
      { rope_scaling: { rope_type: long } },
      { layer_types: [long] },
    ]) {
      const refused = (): unknown => parseConfig({ ...MADE_UP_CONFIG, ...change });
      expect(refused).toThrow(expect.objectContaining({ code: 'config' }) as Error);
      expect(refused).not.toThrow(/x{101}/);
    }
  });

  it('says where to find OLMo in the right format', () => {
    expect(() => parseConfig({ model_type: 'hf_olmo' })).toThrow(
      expect.objectContaining({ nextStep: expect.stringContaining('-hf') as string }) as Error,
    );
  });

  it('refuses a clip of OLMo 1 that is not a number', () => {
    expect(() => parseConfig({ ...golden('olmo1'), clip_qkv: '8' })).toThrow(/clip_qkv \("8"\)/);
  });
});
