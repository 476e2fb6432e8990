/** The lines of a text file of any size, as they come. */
import { LabError } from '../core/errors.ts';
import { streamOf, type ByteSource } from './byte-source.ts';

export interface TextLine {
  readonly line: number; // counted from 1
  readonly text: string; // without its end
  readonly end: '\n' | '\r\n'; // which is part of a quoted cell's text
}

/** No prompt is this long; a file without line ends would otherwise be held whole, and searched again at every chunk. */
export const MAX_LINE_BYTES = 16e6;

const NEWLINE = 0x0a;
const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const;

/**
 * Lines that end with LF or CR LF, blank ones included, a byte order mark left out. Bytes are decoded line by line, so that an
 * error can name the line. Throws `format` for anything but UTF-8, and for a line longer than 16 MB.
 */
export async function* linesOf(source: ByteSource): AsyncGenerator<TextLine, void, undefined> {
  const { name } = source;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  let parts: Uint8Array[] = []; // of the line that has not ended yet
  let held = 0; // bytes of `parts`
  const finish = (last: Uint8Array): TextLine => {
    line++;
    const text = decodeLine(name, line, join(parts, last, held), decoder);
    return text.endsWith('\r') ? { line, text: text.slice(0, -1), end: '\r\n' } : { line, text, end: '\n' };
  };
  for await (const chunk of streamOf(source, 0, source.byteLength)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      checkLength(name, line + 1, held + end - start);
      yield finish(chunk.subarray(start, end));
      [parts, held, start] = [[], 0, end + 1];
    }
    const rest = chunk.subarray(start);
    held += rest.byteLength;
    checkLength(name, line + 1, held);
    if (rest.byteLength > 0) parts.push(rest);
  }
  if (held > 0) yield finish(new Uint8Array());
}

function checkLength(name: string, line: number, bytes: number): void {
  if (bytes <= MAX_LINE_BYTES) return;
  const problem = `${name}, line ${line}, is longer than ${MAX_LINE_BYTES / 1e6} MB.`;
  throw new LabError('format', problem, 'Check that this is the right file, and that its rows end with line breaks.');
}

function join(parts: readonly Uint8Array[], last: Uint8Array, held: number): Uint8Array {
  if (parts.length === 0) return last;
  const bytes = new Uint8Array(held + last.byteLength);
  let position = 0;
  for (const part of [...parts, last]) {
    bytes.set(part, position);
    position += part.byteLength;
  }
  return bytes;
}

function decodeLine(name: string, line: number, bytes: Uint8Array, decoder: TextDecoder): string {
  const nextStep = 'Save the file as UTF-8 and try again.';
  if (line === 1 && UTF16_MARKS.some(([first, second]) => bytes[0] === first && bytes[1] === second)) {
    throw new LabError('format', `${name} is UTF-16 text.`, nextStep);
  }
  let text: string;
  try {
    text = decoder.decode(bytes); // a byte order mark at the beginning is left out by it
  } catch (cause) {
    throw new LabError('format', `${name}, line ${line}, is not UTF-8 text.`, nextStep, { cause });
  }
  if (text.includes('\0'))
    throw new LabError('format', `${name}, line ${line}, holds bytes that are no text.`, nextStep);
  return text;
}
