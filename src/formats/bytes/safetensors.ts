/**
 * The safetensors format: eight bytes of header length, a JSON header, then the tensors' bytes.
 * Source: github.com/huggingface/safetensors, README "Format".
 */
import { LabError } from '../../core/errors.ts';
import { shown, shownValue } from '../../core/text/quote.ts';
import type { ByteSource } from './byte-source.ts';
import { duplicateKey } from './duplicate-keys.ts';
import { notSafetensors } from './foreign-file.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './half-precision.ts';
import { decodeUtf8, isJsonObject, parseJsonObject } from './json.ts';

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100e6; // the format's own bound
const BRACE = 0x7b; // the format has every header begin with it

/** Bytes an element takes, for each type that the format knows and the lab can name in an error. */
const DTYPE_BYTES = {
  F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1,
} as const; // prettier-ignore

export type Dtype = keyof typeof DTYPE_BYTES;

export const isDtype = (value: unknown): value is Dtype =>
  typeof value === 'string' && Object.hasOwn(DTYPE_BYTES, value);

/** Bytes of a tensor's data. */
export const bytesOf = (dtype: Dtype, shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]);

export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly start: number; // byte offset in the file
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

const DAMAGED = 'The file is damaged or incomplete: fetch or save it again.';

function damaged(source: ByteSource, problem: string): LabError {
  return new LabError('format', `${shown(source.name)}: ${problem}`, DAMAGED);
}

/** Reads and checks the header; no tensor is read. Throws `format` errors that name the file and the tensor. */
export async function readSafetensorsHeader(source: ByteSource): Promise<SafetensorsHeader> {
  const dataStart = await findDataStart(source);
  const bytes = await source.slice(LENGTH_BYTES, dataStart);
  if (bytes[0] !== BRACE) throw (await notSafetensors(source)) ?? damaged(source, 'its header does not begin with {.');
  const label = `The header of ${shown(source.name)}`;
  const text = decodeUtf8(label, bytes);
  const header = parseJsonObject(label, text);
  const twice = duplicateKey(text);
  if (twice !== null) throw damaged(source, `its header has ${shown(twice)} twice.`);
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, checkEntry(source, name, value, dataStart));
  }
  checkContiguous(source, [...tensors.values()], dataStart);
  return { tensors, metadata: readMetadata(source, header['__metadata__']) };
}

/** Where the header ends. Throws an error that says what the file is instead, where its first bytes tell. */
async function findDataStart(source: ByteSource): Promise<number> {
  const head = await source.slice(0, Math.min(LENGTH_BYTES, source.byteLength));
  if (head.byteLength < LENGTH_BYTES) {
    throw (await notSafetensors(source)) ?? damaged(source, `${source.byteLength} bytes are no safetensors file.`);
  }
  const headerBytes = Number(new DataView(head.buffer, head.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  const dataStart = LENGTH_BYTES + headerBytes;
  if (headerBytes <= MAX_HEADER_BYTES && dataStart <= source.byteLength) return dataStart;
  const foreign = await notSafetensors(source);
  if (foreign !== null) throw foreign;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw damaged(source, `claims a header of ${headerBytes} bytes; the format allows ${MAX_HEADER_BYTES}.`);
  }
  throw damaged(source, `claims a header of ${headerBytes} bytes, but the file has ${source.byteLength}.`);
}

function readMetadata(source: ByteSource, value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw damaged(source, '__metadata__ is not an object.');
  const text = (entry: unknown): string => (typeof entry === 'string' ? entry : shownValue(entry)); // texts alone, by the format
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, text(entry)]));
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function checkEntry(source: ByteSource, name: string, value: unknown, dataStart: number): TensorEntry {
  const tensor = shown(name);
  if (!isJsonObject(value)) throw damaged(source, `tensor ${tensor} is not described by an object.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    throw new LabError(
      'format',
      `${shown(source.name)}: tensor ${tensor} has the unknown type ${shownValue(dtype)}.`,
      `Known types are ${Object.keys(DTYPE_BYTES).join(', ')}.`,
    );
  }
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw damaged(source, `tensor ${tensor} has no valid shape (${shownValue(shape)}).`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw damaged(source, `tensor ${tensor} has no valid data_offsets (${shownValue(offsets)}).`);
  }
  const [from, to] = offsets as [number, number];
  const bytes = bytesOf(dtype, shape);
  if (to - from !== bytes) {
    throw damaged(
      source,
      `tensor ${tensor} of shape [${shown(shape.join(', '))}] ${dtype} takes ${bytes} bytes, not ${to - from}.`,
    );
  }
  if (dataStart + to > source.byteLength) {
    throw damaged(
      source,
      `tensor ${tensor} ends at byte ${dataStart + to}, but the file ends at ${source.byteLength}.`,
    );
  }
  return {
    name,
    dtype,
    shape,
    start: dataStart + from,
    end: dataStart + to,
  };
}

/** The format forbids holes and overlaps, so that nothing can hide in a file. */
function checkContiguous(source: ByteSource, entries: TensorEntry[], dataStart: number): void {
  let position = dataStart;
  for (const entry of entries.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== position) {
      throw damaged(
        source,
        `tensor ${shown(entry.name)} starts at byte ${entry.start}, not at ${position} where the last one ends.`,
      );
    }
    position = entry.end;
  }
  if (position !== source.byteLength) {
    throw damaged(source, `has ${source.byteLength - position} bytes after its last tensor.`);
  }
}

/** A tensor as float32, in the file's row-major order. F32, F16 and BF16 convert exactly; other types are an error. */
export async function readFloat32(source: ByteSource, entry: TensorEntry): Promise<Float32Array> {
  return decodeFloat32(source.name, entry, await source.slice(entry.start, entry.end));
}

/** Float32 values of bytes that hold a tensor, or some rows of one, of the entry's type. */
export function decodeFloat32(file: string, entry: TensorEntry, bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = aligned(bytes);
  switch (entry.dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'F16':
      return float16ToFloat32(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case 'BF16':
      return bfloat16ToFloat32(new Uint16Array(buffer, byteOffset, byteLength / 2));
    default:
      throw new LabError(
        'format',
        `${shown(file)}: tensor ${shown(entry.name)} has type ${entry.dtype}, which the lab does not read as weights.`,
        'Convert it to F32, F16 or BF16.',
      );
  }
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}

export interface Float32Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array; // row-major
}

/** The bytes of a safetensors file of F32 tensors, in the order given, header padded with spaces to eight bytes. */
export function writeSafetensors(
  tensors: Readonly<Record<string, Float32Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors);
  const header = safetensorsHeader(
    entries.map(([name, { shape }]) => [name, shape]),
    metadata,
  );
  const file = new Uint8Array(entries.reduce((sum, [, { data }]) => sum + data.byteLength, header.byteLength));
  file.set(header);
  let position = header.byteLength;
  for (const [, { data }] of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

/** What stands before the bytes of F32 tensors of those shapes, so that a file too large for memory can be written piece by piece. */
export function safetensorsHeader(
  tensors: readonly (readonly [name: string, shape: readonly number[]])[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const entries = tensors.map(([name, shape]): [string, object] => {
    const start = offset;
    offset += bytesOf('F32', shape);
    return [name, { dtype: 'F32', shape, data_offsets: [start, offset] }];
  });
  const about = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  const header = { ...about, ...Object.fromEntries(entries) }; // own properties, whatever their names
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.byteLength / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes).fill(0x20, LENGTH_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}
