/** Safetensors: headers, tensors, and directions, which are files of one tensor. */
import fc from 'fast-check';
import { bytesSource } from '../../../src/formats/bytes/byte-source.ts';
import { readDirectionFile, writeDirectionFile } from '../../../src/formats/study/direction-file.ts';
import {
  readFloat32,
  readSafetensorsHeader,
  writeSafetensors,
  type Float32Tensor,
  type TensorEntry,
} from '../../../src/formats/bytes/safetensors.ts';
import { anyBytes, joined } from '../harness/spoilt-bytes.ts';
import { anyJson, changedJson, jsonText, oddName, type Json } from '../harness/spoilt-json.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';

const SIZES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1, F8_E4M3: 1 } as const;

export const tensorName = fc.oneof(
  fc.constantFrom('model.embed_tokens.weight', 'model.norm.weight', 'lm_head.weight', 'direction', 'resid_post.3'),
  fc.nat(40).map((layer) => `model.layers.${layer}.mlp.up_proj.weight`),
  oddName,
);

const metadata = fc.dictionary(oddName, fc.string({ maxLength: 20 }), { maxKeys: 3 });

/** A file of these header bytes and data behind them. */
function file(header: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return joined(length, text, data);
}

const described = fc
  .array(
    fc.record({
      name: tensorName,
      dtype: fc.constantFrom(...(Object.keys(SIZES) as (keyof typeof SIZES)[])),
      shape: fc.array(fc.nat(5), { maxLength: 3 }),
    }),
    { maxLength: 5 },
  )
  .map((tensors): { readonly header: Json; readonly bytes: number } => {
    const unique = [...new Map(tensors.map((tensor) => [tensor.name, tensor])).values()];
    let bytes = 0;
    const entries = unique.map(({ name, dtype, shape }): [string, Json] => {
      const start = bytes;
      bytes += shape.reduce((product, size) => product * size, SIZES[dtype]);
      return [name, { dtype, shape, data_offsets: [start, bytes] }];
    });
    return { header: Object.fromEntries([['__metadata__', { format: 'pt' }], ...entries]), bytes };
  });

const withData = (header: string, bytes: number): Uint8Array<ArrayBuffer> =>
  file(
    header,
    Uint8Array.from({ length: bytes }, (_, index) => (index * 37) % 251),
  );

const whole = described.map(({ header, bytes }) => withData(jsonText(header), bytes));
const changed = described.chain(({ header, bytes }) =>
  changedJson(fc.constant(header)).map((other) => withData(jsonText(other), bytes)),
);
const otherHeader = fc.tuple(anyJson(described.map(({ header }) => header)), fc.nat(60)).map(([text, bytes]) => withData(text, bytes)); // prettier-ignore

async function checkFile(bytes: Uint8Array): Promise<void> {
  const source = bytesSource('model.safetensors', bytes);
  const { tensors, metadata: read } = await readSafetensorsHeader(source);
  hold(
    Object.values(read).every((value) => typeof value === 'string'),
    'metadata are texts',
  );
  const floats: [string, Float32Tensor][] = [];
  for (const entry of tensors.values()) {
    checkEntry(entry, bytes.length);
    if (!['F32', 'F16', 'BF16'].includes(entry.dtype)) continue;
    const data = await readFloat32(source, entry);
    const size = entry.shape.reduce((product, count) => product * count, 1);
    hold(data.length === size, 'a tensor has as many numbers as its shape says');
    floats.push([entry.name, { shape: entry.shape, data }]);
  }
  await checkWriting(floats);
}

function checkEntry({ start, end, shape }: TensorEntry, fileBytes: number): void {
  hold(Number.isSafeInteger(start) && Number.isSafeInteger(end), 'offsets are whole numbers');
  hold(start >= 8 && start <= end && end <= fileBytes, 'a tensor lies within the file');
  hold(
    shape.every((size) => Number.isSafeInteger(size) && size >= 0),
    'sizes are counts',
  );
}

async function checkWriting(tensors: readonly [string, Float32Tensor][]): Promise<void> {
  const again = bytesSource('again', writeSafetensors(Object.fromEntries(tensors)));
  const { tensors: entries } = await readSafetensorsHeader(again);
  hold(entries.size === tensors.length, 'as many tensors are read as were written');
  for (const [name, { data }] of tensors) {
    const entry = entries.get(name);
    const read = entry === undefined ? null : await readFloat32(again, entry);
    hold(read !== null && Buffer.compare(bytesOf(read), bytesOf(data)) === 0, 'what is written is read again');
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const direction = fc
  .tuple(fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, noDefaultInfinity: true }), metadata)
  .map(([values, about]) => writeDirectionFile(values, about));

async function checkDirection(bytes: Uint8Array): Promise<void> {
  const read = await readDirectionFile(bytesSource('d.safetensors', bytes));
  hold(read.direction.every(Number.isFinite), 'a direction is of finite numbers');
  hold(read.direction.length > 0, 'a direction is not empty');
  const again = await readDirectionFile(bytesSource('d', writeDirectionFile(read.direction, read.metadata)));
  hold(Buffer.compare(bytesOf(again.direction), bytesOf(read.direction)) === 0, 'a direction written is read again');
  hold(JSON.stringify(again.metadata) === JSON.stringify(read.metadata), 'metadata written are read again');
}

export const SAFETENSORS_TARGETS: readonly FuzzTarget[] = [
  defineTarget('safetensors', fc.oneof(anyBytes(whole), changed, otherHeader), checkFile),
  defineTarget('direction', fc.oneof({ weight: 3, arbitrary: anyBytes(direction) }, whole, changed), checkDirection),
];
