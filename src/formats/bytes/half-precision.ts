/** Conversions between float32 and the two 16-bit floats, on raw bits. */

const FLOAT16_BIAS = 15;
const FLOAT16_MAX_EXPONENT = 31; // infinities and NaN

/** bfloat16 bits → float32: the upper half of the same number, so exact. */
export function bfloat16ToFloat32(bits: Uint16Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  const outBits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < bits.length; i++) outBits[i] = (bits[i] ?? 0) << 16;
  return out;
}

/** float32 → bfloat16 bits, rounded to nearest, ties to even; NaN stays NaN. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const word = bits[i] ?? 0;
    const isNaN = (word & 0x7fffffff) > 0x7f800000;
    out[i] = isNaN ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return out;
}

function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === FLOAT16_MAX_EXPONENT) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24; // subnormal
  return sign * (1 + fraction / 1024) * 2 ** (exponent - FLOAT16_BIAS);
}

let float16Table: Float32Array | undefined; // all 65,536 values, made at first use

/** float16 bits → float32, exact. */
export function float16ToFloat32(bits: Uint16Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  float16Table ??= Float32Array.from({ length: 0x10000 }, (_, value) => decodeFloat16(value));
  for (let i = 0; i < bits.length; i++) out[i] = float16Table[bits[i] ?? 0] ?? NaN;
  return out;
}

/** float32 → float16 bits, rounded to nearest, ties to even; too large becomes infinite. */
export function float32ToFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = encodeFloat16(bits[i] as number);
  return out;
}

function encodeFloat16(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds past 65,504
  if (magnitude >= 0x38800000) {
    // normal: rebias the exponent and round away 13 bits of fraction
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  if (magnitude < 0x33000000) return sign; // under half of the smallest subnormal
  const shift = 126 - (magnitude >>> 23); // subnormal: the implicit bit becomes part of the fraction
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const rounded = (fraction >>> shift) + roundUp(fraction, shift);
  return sign | rounded;
}

/** 1 where dropping the low `shift` bits of `value` must round up (ties to even), else 0. */
function roundUp(value: number, shift: number): number {
  const half = 1 << (shift - 1);
  const remainder = value & ((1 << shift) - 1);
  if (remainder !== half) return remainder > half ? 1 : 0;
  return (value >>> shift) & 1;
}
