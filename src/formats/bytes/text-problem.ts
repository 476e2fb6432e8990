/** What a file is whose bytes are no UTF-8 text, and how to make them such: letters are never guessed. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { foreignFile, type ForeignFile } from './foreign-file.ts';

const CONVERT = 'Save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”)';

/** `where`: the file and the line. `bytes`: of the line; of the first one, they begin the file. */
export function textProblem(where: string, bytes: Uint8Array, isFirst: boolean, cause?: unknown): LabError {
  const foreign = isFirst ? foreignOf(bytes) : null;
  if (foreign !== null) return new LabError('format', `${shown(where, 200)}, is not UTF-8 text: the file is ${foreign.what}.`, foreign.nextStep, { cause }); // prettier-ignore
  if (bytes.includes(0)) {
    const wide = wideEncoding(bytes, isFirst);
    const what = wide === null ? '' : `, as ${wide} does`;
    return new LabError('format', `${shown(where, 200)}, holds bytes that are not text${what}.`, nextStepFor(wide ?? 'UTF-16'), { cause }); // prettier-ignore
  }
  const single = isWindows1252(bytes) ? 'Windows-1252 (Latin-1)' : null;
  const what = single === null ? 'it is in another encoding, or damaged' : `it looks like ${single}`;
  return new LabError('format', `${shown(where, 200)}, is not UTF-8 text: ${what}.`, nextStepFor(single === null ? null : 'WINDOWS-1252'), { cause }); // prettier-ignore
}

const nextStepFor = (encoding: string | null): string =>
  `${CONVERT}${encoding === null ? '' : `, or convert it: iconv -f ${encoding} -t UTF-8 FILE > NEW`}. Then try again.`;

function foreignOf(bytes: Uint8Array): ForeignFile | null {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    return { what: 'a ZIP archive, as spreadsheets (.xlsx, .ods) are', nextStep: 'Save the sheet as “CSV UTF-8”.' };
  }
  const foreign = foreignFile(bytes);
  if (foreign === null || !/safetensors/.test(foreign.nextStep)) return foreign;
  return { what: foreign.what, nextStep: 'Check that this is the right file.' }; // no model is wanted here
}

const SHARE = 0.3; // of bytes in even or odd places that are zero, in text of two bytes a character

/** Text of Latin letters in UTF-16 has a zero beside each; which one comes first says the order of the bytes. */
function wideEncoding(bytes: Uint8Array, isFirst: boolean): 'UTF-16' | 'UTF-16LE' | 'UTF-16BE' | null {
  const zeros = [0, 0];
  for (const [place, byte] of bytes.entries()) if (byte === 0) zeros[place % 2] = (zeros[place % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const half = bytes.byteLength / 2;
  if (Math.max(even, odd) < half * SHARE || Math.min(even, odd) > half * 0.1) return null;
  if (!isFirst) return 'UTF-16'; // a line may begin within a character
  return odd > even ? 'UTF-16LE' : 'UTF-16BE';
}

const UNDEFINED = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]); // in Windows-1252
const CUT_OFF = new Set([0xc2, 0xc3, 0xe2, 0xf0]); // as the last byte, rather the beginning of a character of UTF-8
const LONGEST_RUN = 2; // of letters with marks in European languages; Asian encodings have longer runs

/** Whether single bytes above 127 stand between plain letters, at least one of them in a place that UTF-8 does not allow. */
function isWindows1252(bytes: Uint8Array): boolean {
  let run = 0;
  for (const [place, byte] of bytes.entries()) {
    run = byte < 0x80 ? 0 : run + 1;
    if (run > LONGEST_RUN || UNDEFINED.has(byte)) return false;
    if (CUT_OFF.has(byte) && place === bytes.length - 1) return false;
  }
  return true;
}
