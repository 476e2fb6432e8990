import { expect, it } from 'vitest';
import { digestFile, SEGMENT_BYTES } from '../../../../src/engine/convert/digests.ts';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';

it('reads a file that can fill a buffer through one, and gives the same digests', async () => {
  const bytes = new Uint8Array(SEGMENT_BYTES + 1000).map((_, index) => index % 251);
  const plain = bytesSource('weights', bytes);
  const buffers = new Set<ArrayBufferLike>();
  const filling: ByteSource = {
    ...plain,
    slice: () => Promise.reject(new Error('nothing is to be cut off')),
    readInto: (into, start) => {
      buffers.add(into.buffer);
      into.set(bytes.subarray(start, start + into.byteLength));
      return Promise.resolve();
    },
  };
  const digest = await digestFile(plain);
  expect(digest.segments).toHaveLength(2);
  expect(await digestFile(filling)).toEqual(digest);
  expect(buffers.size).toBe(1);
});
