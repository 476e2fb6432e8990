/** A stored value whose numbers have been moved to a file: the rest of it says where they are. */

export type Numbers = Float32Array | Float64Array;

/** Smaller arrays stay with their value: looking them up would cost more. */
const LEAST_BYTES = 1024;

const ALIGNMENT = 8; // bytes

interface PackedNumbers {
  readonly type: 'float32' | 'float64';
  readonly at: number; // byte offset in the file
  readonly length: number; // count of numbers
}

/** What replaces a value in the store. */
export interface PackedValue {
  readonly packedIn: string; // the file's name
  readonly rest: object; // the value without its packed arrays
  readonly numbers: Readonly<Record<string, PackedNumbers>>; // by property
}

/** Numbers and their position. */
export interface Placed {
  readonly at: number; // byte offset in the file
  readonly numbers: Numbers;
}

export function isPacked(value: unknown): value is PackedValue {
  return typeof value === 'object' && value !== null && 'packedIn' in value;
}

/** The number of bytes of a value that would move to a file. */
export function packableBytes(value: unknown): number {
  return packable(value).reduce((sum, [, { byteLength }]) => sum + byteLength, 0);
}

/** Lays out values one after another in a file with the given name, which is not written here. */
export function packValues(
  file: string,
  values: readonly object[],
): { readonly packed: readonly PackedValue[]; readonly contents: readonly Placed[] } {
  const contents: Placed[] = [];
  let at = 0;
  const packed = values.map((value): PackedValue => {
    const places = packable(value).map(([property, numbers]): [string, PackedNumbers] => {
      const type = numbers instanceof Float32Array ? 'float32' : 'float64';
      const place: PackedNumbers = { type, at, length: numbers.length };
      contents.push({ at, numbers });
      at += Math.ceil(numbers.byteLength / ALIGNMENT) * ALIGNMENT;
      return [property, place];
    });
    const taken = new Map(places);
    const rest = Object.fromEntries(Object.entries(value).filter(([property]) => !taken.has(property)));
    return { packedIn: file, rest, numbers: Object.fromEntries(places) };
  });
  return { packed, contents };
}

/** The original value with empty arrays, which are to be filled from `places`. */
export function unpackValue({ rest, numbers }: PackedValue): {
  readonly value: object;
  readonly places: readonly Placed[];
} {
  const made = Object.entries(numbers).map(([property, { type, at, length }]): [string, Placed] => {
    return [property, { at, numbers: type === 'float32' ? new Float32Array(length) : new Float64Array(length) }];
  });
  const filled = Object.fromEntries(made.map(([property, place]) => [property, place.numbers]));
  return { value: { ...rest, ...filled }, places: made.map(([, place]) => place) };
}

function packable(value: unknown): [string, Numbers][] {
  if (typeof value !== 'object' || value === null || isPacked(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, Numbers] => {
    const [, part] = entry as [string, unknown];
    return (part instanceof Float32Array || part instanceof Float64Array) && part.byteLength >= LEAST_BYTES;
  });
}

/** The numbers as bytes in native byte order, since a browser's storage never leaves the machine. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
