import { describe, expect, it } from 'vitest';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import { parseConfig } from '../../../../src/engine/checkpoint/config.ts';
import { ropeCaches } from '../../../../src/engine/run/rope.ts';
import { fixtureJson, MADE_UP_CONFIG } from '../../../support/checkpoint-fixtures.ts';

interface RopeCase {
  readonly name: string;
  readonly config: { readonly max_position_embeddings: number; readonly rope_scaling: object | null }; // keys of config.json
  readonly attentionFactor: number;
  readonly cos: readonly number[][]; // [positions][headDim / 2]
  readonly sin: readonly number[][];
}

/** Computed by transformers 4.57.6: tests/fixtures/rope/make.py. */
const { positions, cases, headDim, theta } = fixtureJson('rope/rope.json') as unknown as {
  positions: number[];
  headDim: number;
  theta: number;
  cases: RopeCase[];
};

/** Frequencies rounded where the reference rounds them: one unit in the last place would already cost 5e-5 at position 4,095. */
const TOLERANCE = 1e-6;

describe.each(cases)('ropeCaches, $name', ({ config: keys, attentionFactor, cos, sin }) => {
  const half = headDim / 2;
  const config = parseConfig({
    ...MADE_UP_CONFIG,
    hidden_size: 2 * headDim,
    rope_theta: theta,
    ...keys,
  });
  const caches = ropeCaches(config, 4096, config.yarn);

  it('agrees with transformers', () => {
    for (const [row, position] of positions.entries()) {
      const at = (values: Float32Array): Float32Array => values.subarray(position * half, (position + 1) * half);
      expect(relativeL2(at(caches.cos), Float32Array.from(cos[row] ?? []))).toBeLessThan(TOLERANCE);
      if (position > 0) expect(relativeL2(at(caches.sin), Float32Array.from(sin[row] ?? []))).toBeLessThan(TOLERANCE);
    }
  });

  it('scales cos and sin by the attention factor', () => {
    expect(caches.cos[0]).toBeCloseTo(attentionFactor, 6);
    const length = Math.hypot(caches.cos[half] ?? 0, caches.sin[half] ?? 0);
    expect(length).toBeCloseTo(attentionFactor, 6);
  });
});
