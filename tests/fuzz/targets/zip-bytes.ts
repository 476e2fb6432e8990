/** ZIPs of a few entries, written here so that any field of theirs may be wrong. */
import { crc32, deflateRawSync } from 'node:zlib';
import { joined } from '../harness/spoilt-bytes.ts';

export interface ZipEntry {
  readonly path: string;
  readonly content: Uint8Array;
  readonly method: number; // 0: stored, 8: deflated; else stored and said to be something else
  readonly flags: number;
  readonly claimed: number | null; // bytes that its headers claim; null: what there are
}

const LOCAL = 0x04034b50; // APPNOTE.TXT 4.3.7
const CENTRAL = 0x02014b50; // 4.3.12
const END = 0x06054b50; // 4.3.16

/** Little-endian fields: [bytes, value]. */
function fields(...all: readonly (readonly [2 | 4, number])[]): Uint8Array {
  const bytes = new Uint8Array(all.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of all) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}

export function zipBytes(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const [locals, directory]: [Uint8Array[], Uint8Array[]] = [[], []];
  let offset = 0;
  for (const { path, content, method, flags, claimed } of entries) {
    const name = new TextEncoder().encode(path);
    const packed = method === 8 ? new Uint8Array(deflateRawSync(content)) : content;
    const size = claimed ?? content.length;
    const shared = [[2, flags], [2, method], [2, 0], [2, 33], [4, crc32(content)], [4, claimed ?? packed.length], [4, size], [2, name.length], [2, 0]] as const; // prettier-ignore
    const local = joined(fields([4, LOCAL], [2, 20], ...shared), name, packed);
    directory.push(
      fields([4, CENTRAL], [2, 20], [2, 20], ...shared, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
      name,
    );
    locals.push(local);
    offset += local.length;
  }
  const central = joined(...directory);
  const count = entries.length;
  return joined(...locals, central, fields([4, END], [2, 0], [2, 0], [2, count], [2, count], [4, central.length], [4, offset], [2, 0])); // prettier-ignore
}
