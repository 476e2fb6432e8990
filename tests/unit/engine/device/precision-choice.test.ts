import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/engine/checkpoint/config.ts';
import type { WebGpuReport } from '../../../../src/engine/device/device-report.ts';
import type { Precision } from '../../../../src/engine/graph/precisions.ts';
import {
  advisePrecision,
  type PrecisionAdvice,
  type PrecisionOption,
  type PrecisionQuestion,
} from '../../../../src/engine/device/precision-choice.ts';
import { MADE_UP_CONFIG } from '../../../support/checkpoint-fixtures.ts';

const tiny = parseConfig(MADE_UP_CONFIG);
const olmo2 = { model_type: 'olmo2', max_position_embeddings: 4096, rms_norm_eps: 1e-6, rope_theta: 500000 };
const oneB = parseConfig({
  ...olmo2,
  ...{ hidden_size: 2048, num_hidden_layers: 16, num_attention_heads: 16 },
  ...{ intermediate_size: 8192, vocab_size: 100352 },
});
const sevenB = parseConfig({
  ...olmo2,
  ...{ hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32 },
  ...{ intermediate_size: 11008, vocab_size: 100278 },
});

const GB = 1e9;
const gpu = (maxBufferBytes: number): WebGpuReport => ({
  ...{ vendor: 'made', architecture: 'up', description: '', software: false, shaderF16: true },
  maxBufferBytes,
});

function ask(question: Partial<PrecisionQuestion>): PrecisionAdvice {
  const defaults = {
    device: { webgpu: null },
    provider: 'wasm',
    memoryBytes: 16 * GB,
    checkpointBytes: 3 * GB,
    rows: 1,
  } as const;
  return advisePrecision({ config: tiny, ...defaults, ...question });
}

function optionOf(advice: PrecisionAdvice, precision: Precision): PrecisionOption {
  const option = advice.options.find((known) => known.precision === precision);
  if (option === undefined) throw new Error(precision);
  return option;
}

describe('advisePrecision', () => {
  it('takes float32 where the model is small', () => {
    expect(ask({}).recommended).toBe('float32');
    expect(ask({ provider: 'webgpu', device: { webgpu: gpu(GB) } }).recommended).toBe('float32');
  });

  it('takes int8 for 1B on WASM, where float32 passes the end of its heap', () => {
    const advice = ask({ config: oneB });
    expect(advice.recommended).toBe('int8');
    expect(optionOf(advice, 'float32')).toMatchObject({ fit: 'too-large' });
    expect(optionOf(advice, 'float32').note).toContain('WebAssembly ends at 4.3 GB');
    expect(optionOf(advice, 'float16').fit).toBe('too-large'); // widened to float32 when loaded
  });

  it('knows the sizes: those of the files that a conversion of 1B writes', () => {
    const advice = ask({ config: oneB });
    // bench/convert.ts wrote 1,693 and 1,231 MB, config and manifest included.
    expect(optionOf(advice, 'int8').diskBytes / 1e6).toBeCloseTo(1693, -1);
    expect(optionOf(advice, 'q4').diskBytes / 1e6).toBeCloseTo(1231, -1);
    expect(optionOf(advice, 'int8').deviceBytes).toBeGreaterThan(1.3 * GB);
    for (const { downloadBytes } of advice.options) expect(downloadBytes).toBe(3 * GB);
  });

  it('takes q8 or fewer bits on a GPU, as its memory allows', () => {
    const device = { webgpu: gpu(2 ** 31) };
    expect(ask({ config: sevenB, provider: 'webgpu', device, memoryBytes: 32 * GB }).recommended).toBe('q8');
    expect(ask({ config: sevenB, provider: 'webgpu', device, memoryBytes: 18 * GB }).recommended).toBe('q4-mixed');
    expect(ask({ config: sevenB, provider: 'webgpu', device, memoryBytes: 16 * GB }).recommended).toBe('q4');
  });

  it('tells what each precision costs in quality: less with more bits', () => {
    const { options } = ask({});
    const kl = (precision: Precision): number => optionOf({ options, recommended: 'q4' }, precision).quality.kl;
    expect(kl('float32')).toBe(0);
    const order = ['float16', 'q8', 'int8', 'q4-mixed', 'q4'] as const;
    for (const [index, precision] of order.slice(1).entries())
      expect(kl(precision)).toBeGreaterThan(kl(order[index] ?? 'q4'));
    expect(options.filter(({ hasBlocks }) => hasBlocks).map(({ precision }) => precision)).toEqual([
      'q8',
      'q4-mixed',
      'q4',
    ]);
  });

  it('keeps the mix of 4 and 8 bits within 1.34 times the bytes of q4', () => {
    for (const config of [oneB, sevenB]) {
      const advice = ask({ config });
      const weights = (precision: Precision): number =>
        optionOf(advice, precision).diskBytes - config.vocabSize * config.hiddenSize * 2; // less the embedding table
      expect(weights('q4-mixed') / weights('q4')).toBeLessThanOrEqual(1.34);
    }
  });

  it('says how much is missing where nothing fits', () => {
    const advice = ask({ config: sevenB, memoryBytes: 8 * GB });
    expect(advice.options.map(({ fit }) => fit)).toEqual(advice.options.map(() => 'too-large'));
    for (const { note } of advice.options) expect(note).toMatch(/^Too large: it needs \d+\.\d GB/);
    expect(advice.recommended).toBe('int8');
  });

  it('names the buffer limit that a weight passes', () => {
    const advice = ask({ config: sevenB, provider: 'webgpu', device: { webgpu: gpu(2 ** 27) }, memoryBytes: 64 * GB });
    const { fit, note } = optionOf(advice, 'q8');
    expect(fit).toBe('too-large');
    expect(note).toContain('buffers end at 135 MB');
  });

  it('promises nothing of a GPU whose memory nobody knows', () => {
    const advice = ask({ provider: 'webgpu', device: { webgpu: gpu(GB) }, memoryBytes: null });
    expect(advice.options.every(({ fit }) => fit === 'tight')).toBe(true);
  });

  it('counts a cache for every row', () => {
    const [one, nine] = [ask({ config: oneB, rows: 1 }), ask({ config: oneB, rows: 9 })].map((advice) =>
      optionOf(advice, 'q4'),
    );
    expect((nine?.deviceBytes ?? 0) - (one?.deviceBytes ?? 0)).toBe(8 * 4096 * 16 * 2 * 2048 * 4);
  });
});
