import { describe, expect, it } from 'vitest';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../../../src/formats/bytes/half-precision.ts';

const ALL_BITS = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

describe('float16', () => {
  it('round trips all 65,536 values, NaN as some NaN', () => {
    const values = float16ToFloat32(ALL_BITS);
    const back = float32ToFloat16(values);
    const wrong = ALL_BITS.filter((bits) =>
      Number.isNaN(values[bits]) ? ((back[bits] ?? 0) & 0x7fff) <= 0x7c00 : back[bits] !== bits,
    );
    expect([...wrong]).toEqual([]);
    expect(values.filter(Number.isNaN).length).toBe(2 * 1023);
  });

  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24], // the smallest subnormal
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14], // the smallest normal
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ])('0x%s is %d', (bits, value) => {
    expect(float16ToFloat32(Uint16Array.of(bits))[0]).toBe(value);
  });

  it.each([
    ['halfway between 1 and the next goes to the even one', 1 + 2 ** -11, 1],
    ['halfway between an odd one and the next goes up', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['just above halfway goes up', 1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    ['a fraction that carries raises the exponent', 2 - 2 ** -12, 2],
    ['65,519 stays finite', 65519, 65504],
    ['65,520 is infinite', 65520, Infinity],
    ['−65,520 is infinite', -65520, -Infinity],
    ['half of the smallest subnormal goes to zero', 2 ** -25, 0],
    ['a little more than that does not', 2 ** -25 * 1.001, 2 ** -24],
    ['one and a half of it goes to the even two', 1.5 * 2 ** -24, 2 ** -23],
    ['the largest subnormal’s upper neighbour is normal', 1023.5 * 2 ** -24, 2 ** -14],
    ['a float32 subnormal is zero', 1e-40, 0],
  ])('%s', (_, value, rounded) => {
    expect(float16ToFloat32(float32ToFloat16(Float32Array.of(value)))[0]).toBe(rounded);
  });
});

describe('bfloat16', () => {
  it('round trips all 65,536 values, NaN as NaN', () => {
    const values = bfloat16ToFloat32(ALL_BITS);
    const back = float32ToBfloat16(values);
    const wrong = ALL_BITS.filter((bits) =>
      Number.isNaN(values[bits]) ? ((back[bits] ?? 0) & 0x7fff) <= 0x7f80 : back[bits] !== bits,
    );
    expect([...wrong]).toEqual([]);
  });

  // Bits from torch 2: `torch.tensor(value).to(torch.bfloat16).view(torch.int16)`.
  it.each([
    [1, 0x3f80],
    [3.14159274, 0x4049],
    [-0.1, 0xbdcd],
    [1.00390625, 0x3f80], // halfway, to even
    [1.01171875, 0x3f82], // halfway, to even, up
    [1.00390637, 0x3f81],
    [3.3895314e38, 0x7f7f],
    [3.4028235e38, 0x7f80], // rounds past the largest
    [1e-40, 0x0001],
    [-0, 0x8000],
    [Infinity, 0x7f80],
    [-Infinity, 0xff80],
  ])('%d is rounded to 0x%s', (value, bits) => {
    expect(float32ToBfloat16(Float32Array.of(value))[0]).toBe(bits);
  });

  it('keeps a NaN whose fraction lies in the lower half', () => {
    const nan = new Float32Array(Uint32Array.of(0x7f800001).buffer);
    expect(bfloat16ToFloat32(float32ToBfloat16(nan))[0]).toBeNaN();
  });

  it('reads and writes views into larger buffers', () => {
    const bits = Uint16Array.of(9, 0x3f80, 0x4000, 9).subarray(1, 3);
    expect(bfloat16ToFloat32(bits)).toEqual(Float32Array.of(1, 2));
    expect(float32ToBfloat16(Float32Array.of(9, 1, 2).subarray(1))).toEqual(Uint16Array.of(0x3f80, 0x4000));
  });
});
