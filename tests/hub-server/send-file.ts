/** A file, or a range of it, as the body of an answer, with whatever is to go wrong on the way. */
import { once } from 'node:events';
import type { RepoFile } from './catalogue.ts';
import type { Exchange } from './exchange.ts';

const CUT_DELAY_MS = 100; // a client drops what it has not read when its connection breaks

/** `name` is what the traffic is counted under. */
export async function sendFile(exchange: Exchange, file: RepoFile, name: string, etag: string): Promise<void> {
  const { request, response, faults, origin, path } = exchange;
  const { byteLength } = file.content;
  const ignoresRanges = request.headers.range !== undefined && faults.take(origin, path, ['ignore-ranges']) !== null;
  const range = ignoresRanges ? null : parseRange(request.headers.range, byteLength);
  response.setHeader('ETag', `"${etag}"`);
  response.setHeader('Content-Type', 'application/octet-stream');
  if (!ignoresRanges) response.setHeader('Accept-Ranges', 'bytes');
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${byteLength}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: byteLength };
  response.setHeader('Content-Length', end - start);
  if (range !== null) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${byteLength}`);
  response.writeHead(range === null ? 200 : 206);
  if (request.method === 'HEAD') response.end();
  else await sendBody(exchange, file, name, start, end);
}

async function sendBody(exchange: Exchange, file: RepoFile, name: string, start: number, end: number): Promise<void> {
  const { response, faults, origin, path, traffic } = exchange;
  const isCorrupt = faults.take(origin, path, ['corrupt']) !== null;
  const interruption = faults.take(origin, path, ['stall', 'cut']);
  const last = interruption === null ? end : Math.min(end, start + interruption.afterBytes);
  const count = traffic.begin(name);
  const isGone = new Promise<true>((done) => response.once('close', () => done(true)));
  let position = start;
  for await (const chunk of file.content.read(start, last)) {
    const bytes = isCorrupt ? withWrongBit(chunk, position, Math.floor(file.content.byteLength / 2)) : chunk;
    position += bytes.byteLength;
    count(bytes.byteLength);
    if (!response.write(bytes) && (await Promise.race([once(response, 'drain').then(() => false), isGone]))) return;
  }
  if (interruption === null) response.end();
  else if (interruption.kind === 'cut') response.write('', () => setTimeout(() => response.destroy(), CUT_DELAY_MS));
  // a stall leaves the connection open and silent
}

/** The chunk, its bytes starting at `position` of the file, with one bit of the byte at `wrong` turned over. */
function withWrongBit(chunk: Uint8Array, position: number, wrong: number): Uint8Array {
  const copy = chunk.slice();
  const index = wrong - position;
  if (index >= 0 && index < copy.byteLength) copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

/** `bytes=a-b`, `bytes=a-`, `bytes=-n`; null where there is none or none that a server has to understand. */
function parseRange(
  header: string | undefined,
  byteLength: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, byteLength - Number(last)) : Number(first);
  const end = first === '' || last === '' ? byteLength : Math.min(byteLength, Number(last) + 1);
  return start < end ? { start, end } : 'unsatisfiable';
}
