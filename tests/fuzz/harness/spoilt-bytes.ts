/** Files with bytes flipped, cut, spliced, or counts written over. */
import fc from 'fast-check';
import { place } from './spoilt-text.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Edit = (bytes: Bytes) => Bytes;

const at = (bytes: Bytes, share: number): number => Math.floor(share * bytes.length);

export function joined(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

const written = (bytes: Bytes, where: number, piece: readonly number[]): Bytes => {
  const copy = bytes.slice();
  piece.forEach((byte, index) => {
    if (where + index < copy.length) copy[where + index] = byte;
  });
  return copy;
};

/** Counts and offsets as formats write them: little-endian, four or eight bytes. */
const COUNTS = [
  ...[
    [0, 0, 0, 0],
    [1, 0, 0, 0],
    [255, 255, 255, 255],
    [255, 255, 255, 127],
    [0, 0, 0, 128],
  ],
  ...[
    [255, 255, 255, 255, 255, 255, 255, 255],
    [0, 0, 0, 0, 0, 0, 0, 0],
    [255, 255, 255, 255, 255, 255, 31, 0],
  ],
] as const;

/** Starts and ends of files are where most counts lie. */
const edgePlace = fc.oneof(
  place,
  place.map((share) => share * 0.05),
  place.map((share) => 1 - share * 0.1),
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(edgePlace, fc.nat(255)).map(
    ([where, byte]): Edit =>
      (bytes) =>
        written(bytes, at(bytes, where), [byte]),
  ),
  fc.tuple(edgePlace, fc.nat(7)).map(([where, bit]): Edit => (bytes) => {
    return written(bytes, at(bytes, where), [(bytes[at(bytes, where)] ?? 0) ^ (1 << bit)]);
  }),
  fc.tuple(edgePlace, fc.constantFrom(...COUNTS)).map(([where, count]): Edit => (bytes) => {
    return written(bytes, at(bytes, where), count);
  }),
  place.map(
    (end): Edit =>
      (bytes) =>
        bytes.slice(0, at(bytes, end)),
  ),
  place.map(
    (start): Edit =>
      (bytes) =>
        bytes.slice(at(bytes, start)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 9 })).map(([where, more]): Edit => (bytes) => {
    return joined(bytes.slice(0, at(bytes, where)), more, bytes.slice(at(bytes, where)));
  }),
  fc.tuple(place, fc.nat(16)).map(([where, length]): Edit => (bytes) => {
    return joined(bytes.slice(0, at(bytes, where)), bytes.slice(at(bytes, where) + length));
  }),
);

const noise = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(
      fc.constantFrom('PK\x03\x04', 'PAR1', 'GGUF', '\x93NUMPY', '\x1f\x8b\x08', '\x80\x02}q', 'version https'),
      fc.uint8Array({ maxLength: 100 }),
    ) // prettier-ignore
    .map(([magic, rest]) => joined(new TextEncoder().encode(magic), rest)),
) as fc.Arbitrary<Bytes>;

/** Files as they should be, spoilt ones, and noise. */
export function anyBytes(valid: fc.Arbitrary<Bytes>): fc.Arbitrary<Bytes> {
  const edited = fc
    .tuple(valid, fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([whole, edits]) => edits.reduce((now, change) => change(now), whole));
  const spliced = fc.tuple(valid, valid, place, place).map(([a, b, end, start]) => joined(a.slice(0, at(a, end)), b.slice(at(b, start)))); // prettier-ignore
  return fc.oneof(
    { weight: 3, arbitrary: valid },
    { weight: 6, arbitrary: edited },
    { weight: 1, arbitrary: spliced },
    { weight: 1, arbitrary: noise },
  );
}
