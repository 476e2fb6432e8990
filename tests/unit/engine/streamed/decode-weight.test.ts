import { describe, expect, it } from 'vitest';
import { checkHalves, decodeWeight } from '../../../../src/engine/streamed/decode-weight.ts';
import {
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
  bfloat16ToFloat32,
} from '../../../../src/formats/bytes/half-precision.ts';
import type { Dtype, TensorEntry } from '../../../../src/formats/bytes/safetensors.ts';

const ROWS = 70; // more than a tile, and no multiple of one
const COLUMNS = 131;
const VALUES = Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => Math.sin(i * 0.7) / 3);

const entryOf = (dtype: Dtype, shape: readonly number[]): TensorEntry => ({
  name: 'w',
  dtype,
  shape,
  start: 0,
  end: 0,
});
const bytesOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** What a file of that type holds of `VALUES`, and what is read of it. */
const STORED = [
  { dtype: 'F32', bytes: bytesOf(VALUES), read: VALUES },
  { dtype: 'F16', bytes: bytesOf(float32ToFloat16(VALUES)), read: float16ToFloat32(float32ToFloat16(VALUES)) },
  { dtype: 'BF16', bytes: bytesOf(float32ToBfloat16(VALUES)), read: bfloat16ToFloat32(float32ToBfloat16(VALUES)) },
] as const;

describe.each(STORED)('decodeWeight from $dtype', { timeout: 60_000 }, ({ dtype, bytes, read }) => {
  const entry = entryOf(dtype, [ROWS, COLUMNS]);

  it('transposes into memory that is there', () => {
    const out = new Float32Array(VALUES.length).fill(NaN);
    decodeWeight('model.safetensors', entry, bytes, true, out);
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < COLUMNS; column++) {
        expect(out[column * ROWS + row]).toBe(read[row * COLUMNS + column]);
      }
    }
  });

  it('leaves vectors as they lie, from bytes at an odd address too', () => {
    const shifted = new Uint8Array(bytes.byteLength + 1);
    shifted.set(bytes, 1);
    const out = new Float32Array(VALUES.length);
    decodeWeight('model.safetensors', entryOf(dtype, [VALUES.length]), shifted.subarray(1), false, out);
    expect(out).toEqual(read);
  });

  it('writes float16 where that is asked for', () => {
    const out = new Uint16Array(VALUES.length);
    decodeWeight('model.safetensors', entry, bytes, true, out);
    const expected = float32ToFloat16(read);
    expect(out[3 * ROWS + 69]).toBe(expected[69 * COLUMNS + 3]);
    expect([...out].sort()).toEqual([...expected].sort());
  });
});

describe('weights that cannot be used', () => {
  it('names a tensor of another type', () => {
    const job = (): void =>
      decodeWeight('model.safetensors', entryOf('I8', [4]), new Uint8Array(4), false, new Float32Array(4));
    expect(job).toThrow('model.safetensors: tensor w has type I8');
  });

  it('names a tensor that float16 cannot hold', () => {
    const out = new Uint16Array(2);
    const bytes = bytesOf(float32ToBfloat16(Float32Array.of(1, 1e6)));
    decodeWeight('model.safetensors', entryOf('BF16', [2]), bytes, false, out);
    expect(() => checkHalves('model.safetensors', entryOf('BF16', [2]), out)).toThrow('tensor w holds weights');
    expect(() => checkHalves('model.safetensors', entryOf('BF16', [1]), out.subarray(0, 1))).not.toThrow();
  });
});
