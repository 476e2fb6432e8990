import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { float32ToBfloat16, float32ToFloat16 } from '../../../../src/formats/bytes/half-precision.ts';
import {
  decodeFloat32,
  readFloat32,
  readSafetensorsHeader,
  writeSafetensors,
  type TensorEntry,
} from '../../../../src/formats/bytes/safetensors.ts';
import { safetensorsBytes, withHeaderText } from '../../../support/safetensors-bytes.ts';

const source = (bytes: Uint8Array): ReturnType<typeof bytesSource> => bytesSource('weights.safetensors', bytes);

const entryOf = async (bytes: Uint8Array, name: string): Promise<TensorEntry> => {
  const entry = (await readSafetensorsHeader(source(bytes))).tensors.get(name);
  if (entry === undefined) throw new Error(`no ${name}`);
  return entry;
};

/** A file of one tensor `w` of the given type over `data`. */
const oneTensor = (dtype: string, shape: number[], data: Uint8Array): Uint8Array =>
  safetensorsBytes({ w: { dtype, shape, data_offsets: [0, data.byteLength] } }, data);

const bytesOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Latin-1, then what could be anything. */
const magic = (start: string): Uint8Array =>
  Uint8Array.from({ length: 600 }, (_, i) => (i < start.length ? start.charCodeAt(i) : (i * 89) % 251));

describe('writeSafetensors', () => {
  it('is read back as it was: names in order, shapes, values, metadata', async () => {
    const tensors = {
      b: { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, -0, Infinity) },
      a: { shape: [1], data: Float32Array.of(NaN) },
      scalar: { shape: [], data: Float32Array.of(7) },
      empty: { shape: [0, 4], data: new Float32Array() },
    };
    const metadata = { model: 'tiny “ö” 模型', note: 'two\nlines' };
    const bytes = writeSafetensors(tensors, metadata);
    const header = await readSafetensorsHeader(source(bytes));
    expect(header.metadata).toEqual(metadata);
    expect([...header.tensors.keys()].sort()).toEqual(['a', 'b', 'empty', 'scalar']);
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      const entry = await entryOf(bytes, name);
      expect(entry).toMatchObject({ name, dtype: 'F32', shape });
      expect(await readFloat32(source(bytes), entry)).toEqual(data);
    }
  });

  it('is read back whatever a tensor is called', async () => {
    const names = ['__proto__', 'constructor', '7', ''];
    const tensors = Object.fromEntries(names.map((name, i) => [name, { shape: [1], data: Float32Array.of(i) }]));
    const bytes = writeSafetensors(tensors);
    for (const [name, { data }] of Object.entries(tensors)) {
      expect(await readFloat32(source(bytes), await entryOf(bytes, name))).toEqual(data);
    }
  });

  it('starts the tensors at a multiple of eight bytes, as readers that map files want', () => {
    for (const name of ['a', 'ab', 'abc', 'abcdefgh']) {
      const bytes = writeSafetensors({ [name]: { shape: [1], data: Float32Array.of(1) } });
      expect((bytes.byteLength - 4) % 8).toBe(0);
    }
  });

  it('writes views of larger buffers, not the buffers', async () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const bytes = writeSafetensors({ w: { shape: [2], data } });
    expect(await readFloat32(source(bytes), await entryOf(bytes, 'w'))).toEqual(Float32Array.of(2, 3));
  });
});

describe('readFloat32', () => {
  const values = Float32Array.of(1.5, -0.25, 0, 65504, 2 ** -24);

  it('converts F16 exactly', async () => {
    const bytes = oneTensor('F16', [5], bytesOf(float32ToFloat16(values)));
    expect(await readFloat32(source(bytes), await entryOf(bytes, 'w'))).toEqual(values);
  });

  it('converts BF16 exactly', async () => {
    const bytes = oneTensor('BF16', [2], bytesOf(float32ToBfloat16(Float32Array.of(1.5, -3e38))));
    const [first, second] = await readFloat32(source(bytes), await entryOf(bytes, 'w'));
    expect(first).toBe(1.5);
    expect(second).toBeCloseTo(-3e38, -36);
  });

  it('reads a tensor whose bytes lie at any offset', () => {
    const entry: TensorEntry = { name: 'w', dtype: 'F32', shape: [1], start: 0, end: 4 };
    const buffer = new Uint8Array(8);
    buffer.set(bytesOf(Float32Array.of(42)), 3);
    expect(decodeFloat32('f', entry, buffer.subarray(3, 7))).toEqual(Float32Array.of(42));
  });

  it('names file, tensor and type of what are no weights', async () => {
    const bytes = oneTensor('I64', [1], new Uint8Array(8));
    const entry = await entryOf(bytes, 'w');
    await expect(readFloat32(source(bytes), entry)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(/weights\.safetensors.*tensor w.*I64/) as string,
    });
  });
});

describe('readSafetensorsHeader', () => {
  const f32 = (from: number, to: number, shape = [(to - from) / 4]): object => ({
    dtype: 'F32',
    shape,
    data_offsets: [from, to],
  });
  const bytes12 = new Uint8Array(12);
  const claim = (headerBytes: bigint): Uint8Array => {
    const file = new Uint8Array(64);
    new DataView(file.buffer).setBigUint64(0, headerBytes, true);
    return file;
  };
  const badUtf8 = withHeaderText('{"w":"xx"}');
  badUtf8[14] = 0xff;

  it('takes metadata that are not texts for their notation, objects that cannot be written among them', async () => {
    const file = safetensorsBytes({ __metadata__: { a: 1, b: { toString: 1 }, c: 'text' } });
    expect((await readSafetensorsHeader(source(file))).metadata).toEqual({ a: '1', b: '{"toString":1}', c: 'text' });
  });

  it('takes a file without tensors', async () => {
    const { tensors, metadata } = await readSafetensorsHeader(source(safetensorsBytes({})));
    expect(tensors.size).toBe(0);
    expect(metadata).toEqual({});
  });

  it.each([
    ['an empty file', new Uint8Array(), /weights\.safetensors is empty/],
    ['fewer than eight bytes', new Uint8Array(7), /7 bytes/],
    ['a header of 10 GB', claim(10_000_000_000n), /header of 10000000000 bytes/],
    ['a header of 2^64 − 1 bytes', claim(0xffff_ffff_ffff_ffffn), /header of/],
    ['a header that ends past the file', claim(57n), /header of 57 bytes, but the file has 64/],
    ['nothing but zeros', claim(0n), /nothing but zeros/],
    ['a header that is not UTF-8', badUtf8, /not UTF-8/],
    ['a header that is not JSON', withHeaderText('{"w": '), /not valid JSON/],
    ['a header that is a list', withHeaderText('[]'), /does not begin with {/],
    ['metadata that are no object', safetensorsBytes({ __metadata__: 3 }), /__metadata__/],
    ['a tensor that is not an object', safetensorsBytes({ w: null }), /tensor w/],
    ['an unknown type', safetensorsBytes({ w: { ...f32(0, 4), dtype: 'F7' } }), /tensor w .*"F7"/],
    ['a type that is an inherited key', safetensorsBytes({ w: { ...f32(0, 4), dtype: 'toString' } }), /toString/],
    ['a type that is not text', safetensorsBytes({ w: { ...f32(0, 4), dtype: 4 } }), /tensor w .*type 4/],
    ['no shape', safetensorsBytes({ w: { ...f32(0, 4), shape: undefined } }), /tensor w has no valid shape/],
    ['a negative size', safetensorsBytes({ w: f32(0, 4, [-1]) }), /tensor w has no valid shape/],
    ['a fractional size', safetensorsBytes({ w: f32(0, 4, [0.5, 2]) }), /tensor w has no valid shape/],
    ['one offset', safetensorsBytes({ w: { ...f32(0, 4), data_offsets: [0] } }), /tensor w has no valid data_offsets/],
    ['a negative offset', safetensorsBytes({ w: { ...f32(0, 4), data_offsets: [-4, 0] } }), /data_offsets/],
    [
      'fewer bytes than the shape takes',
      safetensorsBytes({ w: f32(0, 12, [4]) }, bytes12),
      /tensor w .*16 bytes, not 12/,
    ],
    [
      'more bytes than the shape takes',
      safetensorsBytes({ w: f32(0, 12, [2]) }, bytes12),
      /tensor w .*8 bytes, not 12/,
    ],
    [
      'offsets in the wrong order',
      safetensorsBytes({ w: { ...f32(0, 4), data_offsets: [4, 0] } }, bytes12),
      /tensor w/,
    ],
    [
      'a tensor twice',
      withHeaderText(
        '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}',
        bytes12,
      ),
      /has w twice/,
    ],
    [
      'a tensor twice, once in escapes',
      withHeaderText(
        '{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"\\u0077":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}',
        bytes12,
      ),
      /has w twice/,
    ],
    [
      'a shape whose product is beyond all numbers',
      safetensorsBytes({ w: f32(0, 4, Array<number>(40).fill(2 ** 52)) }),
      /tensor w/,
    ],
    [
      'a shape that overflows to nothing',
      safetensorsBytes({ w: f32(0, 0, [...Array<number>(40).fill(2 ** 52), 0]) }),
      /tensor w/,
    ],
    ['sizes beyond whole numbers', safetensorsBytes({ w: f32(0, 4, [1e300]) }), /tensor w has no valid shape/],
    [
      'offsets beyond whole numbers',
      safetensorsBytes({ w: { ...f32(0, 4), data_offsets: [0, 1e300] } }),
      /data_offsets/,
    ],
    ['a tensor of petabytes', safetensorsBytes({ w: f32(0, 2 ** 50) }), /tensor w ends at byte/],
    ['truncated data', safetensorsBytes({ w: f32(0, 16) }, bytes12), /tensor w ends at byte/],
    ['overlapping tensors', safetensorsBytes({ v: f32(0, 8), w: f32(4, 12) }, bytes12), /tensor w starts at byte/],
    ['a hole', safetensorsBytes({ v: f32(0, 4), w: f32(8, 12) }, bytes12), /tensor w starts at byte/],
    ['a hole before the first tensor', safetensorsBytes({ w: f32(4, 12) }, bytes12), /tensor w starts at byte/],
    ['trailing bytes', safetensorsBytes({ w: f32(0, 8) }, bytes12), /4 bytes after its last tensor/],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(readSafetensorsHeader(source(bytes))).rejects.toMatchObject({
      name: 'LabError',
      code: 'format',
      message: expect.stringMatching(message) as string,
    });
    await expect(readSafetensorsHeader(source(bytes))).rejects.toThrow(/weights\.safetensors/);
  });

  it('repeats no more than a piece of what it refuses', async () => {
    const long = 'x'.repeat(1e6);
    for (const bytes of [
      safetensorsBytes({ [long]: { ...f32(0, 4), dtype: long } }),
      safetensorsBytes({ w: { ...f32(0, 4), shape: Array<number>(1e5).fill(-1) } }),
      safetensorsBytes({ [`\u202e${long}`]: f32(0, 4, Array<number>(1e5).fill(1)) }),
    ]) {
      const error: unknown = await readSafetensorsHeader(source(bytes)).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'format' });
      expect((error as Error).message.length).toBeLessThan(400);
      expect((error as Error).message).not.toContain('\u202e');
    }
  });

  it.each([
    [
      'a pointer of Git LFS',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 548105171\n'),
      /Git LFS pointer to a file of 548105171 bytes/,
      /git lfs pull/,
    ],
    ['GGUF', magic('GGUF\x03\0\0\0'), /a GGUF file/, /Hugging Face format/],
    ['.npy', magic('\x93NUMPY\x01\0v\0'), /NumPy array/, /save_pretrained/],
    ['.pt', magic('PK\x03\x04\0\0\x08\x08'), /a ZIP archive, as torch\.save/, /safe_serialization/],
    ['an old pickle', magic('\x80\x02\x8a\nl\xfc\x9cF\xf9 j'), /a pickle/, /safe_serialization/],
    ['HDF5', magic('\x89HDF\r\n\x1a\n'), /HDF5/, /save_pretrained/],
    ['gzip without a date', magic('\x1f\x8b\x08\0\0\0\0\0\0\x03'), /compressed with gzip/, /Unpack/],
    ['bzip2', magic('BZh91AY&SY'), /bzip2/, /Unpack/],
    ['xz', magic('\xfd7zXZ\0\0\x04'), /xz/, /Unpack/],
    ['a tar', magic(`${'\0'.repeat(257)}ustar`), /tar archive/, /Unpack/],
    ['a login page', text('\n<!DOCTYPE html>\n<html><title>Log in</title>'), /a web page \(HTML\)/, /access token/],
    [
      'an answer in text',
      text('Access to model is restricted. You must be authenticated.'),
      /text \(“Access to model/,
      /access token/,
    ],
    ['an answer in JSON', text('{"error":"Repository not found"}'), /text \(“{"error"/, /access token/],
  ])('says that it is %s', async (_, bytes, what, nextStep) => {
    await expect(readSafetensorsHeader(source(bytes))).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(what) as string,
      nextStep: expect.stringMatching(nextStep) as string,
    });
  });

  it('reads no more than the header', async () => {
    const bytes = oneTensor('F32', [3], bytes12);
    const reads: number[] = [];
    const watched = {
      ...source(bytes),
      slice: (start: number, end: number) => {
        reads.push(end - start);
        return source(bytes).slice(start, end);
      },
    };
    await readSafetensorsHeader(watched);
    expect(reads.reduce((sum, size) => sum + size, 0)).toBe(bytes.byteLength - 12);
  });

  it('does not ask for a header that cannot be there', async () => {
    const asked: number[] = [];
    const huge = { ...source(claim(10_000_000_000n)), slice: (start: number, end: number) => {
      asked.push(end - start);
      return source(claim(10_000_000_000n)).slice(start, end);
    } }; // prettier-ignore
    await expect(readSafetensorsHeader(huge)).rejects.toThrow();
    expect(Math.max(...asked)).toBeLessThanOrEqual(512);
  });
});
