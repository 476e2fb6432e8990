/**
 * What a file is that is not what it should be. Checkpoints are fetched by many ways, and what lies under a weight's or a config's name is
 * often a pointer, a login page or another library's format: an error that says so is worth more than one about its ninth byte.
 */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from './byte-source.ts';

export interface ForeignFile {
  readonly what: string; // `a GGUF file`
  readonly nextStep: string;
}

const HEAD_BYTES = 512; // a pointer of Git LFS is shorter, and a tar's name stands before
const SAVE_AS_SAFETENSORS = 'Save the model with transformers’ save_pretrained, which writes safetensors.';
const NO_PICKLES =
  'Pickles can run code, so the lab reads none: save the model with transformers’ save_pretrained(safe_serialization=True).';
const UNPACK = 'Unpack it first.';
const FETCH_FILE = 'Fetch the file itself, with an access token if it needs one.';

/** [what, next step, its first bytes as Latin-1, where they stand] */
const SIGNATURES: readonly (readonly [what: string, nextStep: string, magic: string, at?: number])[] = [
  ['a GGUF file', 'Take the checkpoint in the Hugging Face format, which it was converted from.', 'GGUF'],
  ['a GGML file', 'Take the checkpoint in the Hugging Face format, which it was converted from.', 'lmgg'],
  ['a NumPy array (.npy)', SAVE_AS_SAFETENSORS, '\x93NUMPY'],
  ['a ZIP archive, as torch.save (.pt, .bin) and NumPy (.npz) write', NO_PICKLES, 'PK\x03\x04'],
  ['an HDF5 file', SAVE_AS_SAFETENSORS, '\x89HDF\r\n'],
  ['a Parquet file', FETCH_FILE, 'PAR1'],
  ['a PDF', FETCH_FILE, '%PDF-'],
  ['compressed with gzip', UNPACK, '\x1f\x8b'],
  ['compressed with Zstandard', UNPACK, '\x28\xb5\x2f\xfd'],
  ['compressed with bzip2', UNPACK, 'BZh'],
  ['compressed with xz', UNPACK, '\xfd7zXZ\x00'],
  ['a 7-Zip archive', UNPACK, '7z\xbc\xaf\x27\x1c'],
  ['a RAR archive', UNPACK, 'Rar!\x1a\x07'],
  ['a tar archive', UNPACK, 'ustar', 257],
  ['a pickle, as torch.save (.pt, .bin) writes', NO_PICKLES, '\x80\x02'],
  ['a pickle, as torch.save (.pt, .bin) writes', NO_PICKLES, '\x80\x03'],
  ['a pickle, as torch.save (.pt, .bin) writes', NO_PICKLES, '\x80\x04'],
  ['a pickle, as torch.save (.pt, .bin) writes', NO_PICKLES, '\x80\x05'],
  ['text in UTF-16', 'Save it as UTF-8.', '\xff\xfe'],
  ['text in UTF-16', 'Save it as UTF-8.', '\xfe\xff'],
];

/** What a file is by its first bytes; null where they tell nothing. `size`: of the whole file. */
export function foreignFile(head: Uint8Array, size = head.byteLength): ForeignFile | null {
  if (size === 0) return { what: 'empty', nextStep: 'Fetch it again.' };
  const start = Array.from(head.subarray(0, HEAD_BYTES), (byte) => String.fromCharCode(byte)).join('');
  const text = start.replace(/^\u00ef\u00bb\u00bf/, '').trimStart(); // a byte order mark and blanks may come first
  const pointer = foreignText(text);
  if (pointer !== null) return pointer;
  const found = SIGNATURES.find(([, , magic, at = 0]) => start.startsWith(magic, at));
  if (found !== undefined) return { what: found[0], nextStep: found[1] };
  return isZeros(head) ? { what: 'nothing but zeros', nextStep: 'It was not fetched whole: fetch it again.' } : null;
}

/** The same of text. */
export function foreignText(text: string): ForeignFile | null {
  const start = text.slice(0, HEAD_BYTES).trimStart();
  if (/^version https:\/\/(git-lfs|hawser)\.github\.com\/spec\//.test(start)) {
    const size = /^size (\d{1,16})$/m.exec(start)?.[1];
    const of = size === undefined ? '' : ` to a file of ${size} bytes`;
    return { what: `a Git LFS pointer${of}`, nextStep: 'Get the file itself: run “git lfs pull” in its repository.' };
  }
  if (/^(<!doctype html|<html|<head|<!--[^]*?<html)/i.test(start)) {
    return { what: 'a web page (HTML), perhaps a login page', nextStep: FETCH_FILE };
  }
  if (/^<\?xml|^<Error>/i.test(start)) return { what: 'XML, perhaps a server’s error', nextStep: FETCH_FILE };
  return null;
}

/** The error of a source that should be a safetensors file and is none; null where its first bytes do not tell what it is. */
export async function notSafetensors(source: ByteSource): Promise<LabError | null> {
  const head = await source.slice(0, Math.min(HEAD_BYTES, source.byteLength));
  const foreign = foreignFile(head, source.byteLength) ?? plainText(head);
  if (foreign === null) return null;
  return new LabError('format', `${shown(source.name)} is ${foreign.what}, not a safetensors file.`, foreign.nextStep);
}

/** Text of any kind, as servers write in place of a file: its beginning says what they meant. */
function plainText(head: Uint8Array): ForeignFile | null {
  const text = new TextDecoder().decode(head);
  if (head.byteLength < 8 || /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text.slice(0, -4))) return null; // the last character may be cut
  return { what: `text (“${shown(text.trim(), 60)}”)`, nextStep: FETCH_FILE };
}

const isZeros = (head: Uint8Array): boolean => head.byteLength >= 8 && head.every((byte) => byte === 0);
