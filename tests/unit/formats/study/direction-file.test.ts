import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { readDirectionFile, writeDirectionFile } from '../../../../src/formats/study/direction-file.ts';
import { writeSafetensors } from '../../../../src/formats/bytes/safetensors.ts';
import { safetensorsBytes } from '../../../support/safetensors-bytes.ts';

const read = (bytes: Uint8Array): ReturnType<typeof readDirectionFile> =>
  readDirectionFile(bytesSource('d.safetensors', bytes));

describe('a direction file', () => {
  it('is read back with its metadata', async () => {
    const direction = Float32Array.of(1, -2, 0.5);
    const metadata = { model: 'tiny-olmo3@Instruct', site: 'resid_post.3' };
    expect(await read(writeDirectionFile(direction, metadata))).toEqual({ direction, metadata });
  });

  it.each([
    ['NaN', writeDirectionFile(Float32Array.of(1, NaN), {}), /NaN at position 1/],
    ['infinity', writeDirectionFile(Float32Array.of(-Infinity, 1), {}), /-Infinity at position 0/],
    [
      'no tensor of that name',
      writeSafetensors({ steer: { shape: [1], data: Float32Array.of(1) } }),
      /no tensor "direction".*steer/,
    ],
    ['no tensor at all', safetensorsBytes({}), /holds nothing/],
    ['two dimensions', writeSafetensors({ direction: { shape: [1, 2], data: Float32Array.of(1, 2) } }), /F32 \[1, 2\]/],
    [
      'half precision',
      safetensorsBytes({ direction: { dtype: 'F16', shape: [1], data_offsets: [0, 2] } }, new Uint8Array(2)),
      /F16 \[1\]/,
    ],
    ['no elements', writeDirectionFile(new Float32Array(), {}), /F32 \[0\]/],
    ['a truncated file', writeDirectionFile(Float32Array.of(1, 2), {}).subarray(0, -3), /ends at byte/],
  ])('is refused with %s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(message) as string,
    });
    await expect(read(bytes)).rejects.toThrow(/d\.safetensors/);
  });
});
