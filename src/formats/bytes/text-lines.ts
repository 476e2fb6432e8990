/** The lines of a text file of any size, as they come. */
import { LabError } from '../../core/errors.ts';
import { streamOf, type ByteSource } from './byte-source.ts';
import { textProblem } from './text-problem.ts';

export interface TextLine {
  readonly line: number; // counted from 1
  readonly text: string; // without its end
  readonly end: '\n' | '\r\n' | '\r'; // which is part of a quoted cell's text
}

/** No prompt is this long; a file without line ends would otherwise be held whole, and searched again at every chunk. */
export const MAX_LINE_BYTES = 16e6;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const;

/**
 * Lines that end with LF, CR LF or CR, mixed or not, blank ones included, a byte order mark left out. Bytes are decoded line by
 * line, so that an error can name the line. Throws `format` for anything but UTF-8, and for a line longer than 16 MB.
 */
export async function* linesOf(source: ByteSource): AsyncGenerator<TextLine, void, undefined> {
  const { name } = source;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  let parts: Uint8Array[] = []; // of the line that has not ended yet
  let held = 0; // bytes of `parts`
  let isReturned = false; // the last chunk ended with a CR, which ends the held line with or without a LF behind it
  const finish = (last: Uint8Array, end: TextLine['end']): TextLine => {
    checkLength(name, ++line, held + last.byteLength);
    const text = decodeLine(name, line, join(parts, last, held), decoder);
    [parts, held] = [[], 0];
    return { line, text, end };
  };
  for await (const chunk of streamOf(source, 0, source.byteLength)) {
    if (chunk.byteLength === 0) continue;
    let start = 0;
    if (isReturned) {
      const isPair = chunk[0] === NEWLINE;
      yield finish(new Uint8Array(), isPair ? '\r\n' : '\r');
      [isReturned, start] = [false, isPair ? 1 : 0];
    }
    let newline = chunk.indexOf(NEWLINE, start);
    let returned = chunk.indexOf(RETURN, start);
    while (newline !== -1 || returned !== -1) {
      const isReturn = returned !== -1 && (newline === -1 || returned < newline);
      const at = isReturn ? returned : newline;
      const isPair = isReturn && newline === at + 1;
      if (isReturn && at === chunk.byteLength - 1) break; // whether a LF follows is seen in the next chunk
      yield finish(chunk.subarray(start, at), isPair ? '\r\n' : isReturn ? '\r' : '\n');
      start = at + (isPair ? 2 : 1);
      if (newline !== -1 && newline < start) newline = chunk.indexOf(NEWLINE, start);
      if (returned !== -1 && returned < start) returned = chunk.indexOf(RETURN, start);
    }
    isReturned = returned === chunk.byteLength - 1 && returned >= start;
    const rest = chunk.subarray(start, isReturned ? returned : undefined);
    held += rest.byteLength;
    checkLength(name, line + 1, held);
    if (rest.byteLength > 0) parts.push(rest);
  }
  if (held > 0 || isReturned) yield finish(new Uint8Array(), isReturned ? '\r' : '\n');
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
    throw textProblem(`${name}, line ${line}`, bytes, line === 1, cause);
  }
  if (text.includes('\0')) throw textProblem(`${name}, line ${line}`, bytes, line === 1);
  return text;
}
