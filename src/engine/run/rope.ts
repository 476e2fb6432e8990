/**
 * Rotary position embeddings as the cos and sin caches that `GroupQueryAttention` reads. Angles are rounded to float32 where
 * transformers 4.57 rounds them (`modeling_rope_utils.py`), so that far positions agree too.
 */
import type { OlmoConfig } from '../checkpoint/config.ts';
import type { YarnConfig } from '../checkpoint/config-rope.ts';

export interface RopeCaches {
  readonly cos: Float32Array; // [positions, headDim / 2]
  readonly sin: Float32Array; // [positions, headDim / 2]
}

/** The caches for `positions` positions, with YaRN or without. */
export function ropeCaches(config: OlmoConfig, positions: number, yarn: YarnConfig | null): RopeCaches {
  const half = config.headDim / 2;
  const frequencies = yarn === null ? plainFrequencies(config) : yarnFrequencies(config, yarn);
  const attentionFactor = yarn?.attentionFactor ?? 1;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * (frequencies[i] ?? 0));
      cos[position * half + i] = Math.cos(angle) * attentionFactor;
      sin[position * half + i] = Math.sin(angle) * attentionFactor;
    }
  }
  return { cos, sin };
}

/** θ^(2i/d), Su et al. 2021 (arXiv 2104.09864); rounded to float32 before its reciprocal is taken, as in the reference. */
function wavelengths({ headDim, ropeTheta }: OlmoConfig): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((2 * i) / headDim));
}

function plainFrequencies(config: OlmoConfig): Float32Array {
  return wavelengths(config).map((wavelength) => 1 / wavelength);
}

/** Slow dimensions interpolated, fast ones kept, a linear ramp between (arXiv 2309.00071, section 3.2). */
function yarnFrequencies(config: OlmoConfig, yarn: YarnConfig): Float32Array {
  const { headDim, ropeTheta } = config;
  const { fround } = Math;
  const dimensionOf = (rotations: number): number =>
    (headDim * Math.log(yarn.originalContextLength / (rotations * 2 * Math.PI))) / (2 * Math.log(ropeTheta));
  const low = Math.max(Math.floor(dimensionOf(yarn.betaFast)), 0);
  const high = Math.min(Math.ceil(dimensionOf(yarn.betaSlow)), headDim - 1);
  const span = high === low ? 0.001 : high - low; // transformers' guard against a zero-width ramp
  return wavelengths(config).map((wavelength, i) => {
    const kept = fround(1 - Math.min(1, Math.max(0, fround((i - low) / span))));
    const interpolated = fround(1 / fround(yarn.factor * wavelength));
    return fround(interpolated * fround(1 - kept)) + fround(fround(1 / wavelength) * kept);
  });
}
