/** The body of a response to a range request, which resumes where a connection broke. */
import { LabError } from '../../core/errors.ts';
import type { Retries } from './retries.ts';

/** Which bytes of the file a response contains. */
interface Extent {
  readonly start: number;
  readonly end: number | null; // exclusive; null if the server does not say
}

/**
 * Streams `first`, the response to a request for `range`, and as many further attempts as needed. Reading throws `fetch` or
 * `interrupted` errors.
 */
export function resumedBody(
  first: Answer,
  range: string,
  ask: Ask,
  retries: Retries,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = resumedChunks(first, range, ask, retries);
  return new ReadableStream(
    {
      pull: async (controller) => {
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 }, // read only on demand
  );
}

async function* resumedChunks(
  first: Answer,
  range: string,
  ask: Ask,
  retries: Retries,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { start, end } = extentOf(first.response, range);
  const etag = first.response.headers.get('ETag');
  let position = start;
  let skip = 0; // bytes to skip when a server ignores ranges and sends the file from the start
  let answer = first;
  for (;;) {
    let loss: unknown = null;
    try {
      for await (const chunk of chunksOf(answer, retries.limits.stallMs)) {
        const fresh = chunk.subarray(Math.min(skip, chunk.byteLength));
        skip -= chunk.byteLength - fresh.byteLength;
        if (fresh.byteLength === 0) continue;
        position += fresh.byteLength;
        retries.progressed();
        yield fresh;
      }
      if (end === null || position >= end) return;
    } catch (cause) {
      loss = cause;
    }
    await retries.afterLoss(loss instanceof Stalled ? 'the connection stalled' : 'the connection was lost', loss);
    const rest = `bytes=${position}-${end === null ? '' : end - 1}`;
    answer = await ask({ Range: rest });
    checkSequel(answer.response, rest, etag, position);
    skip = answer.response.status === 206 ? 0 : position - start;
  }
}

class Stalled extends Error {}

/** The chunks of one response. Aborted when the consumer stops reading, or when no chunk arrives for `stallMs`. */
async function* chunksOf({ response, abort }: Answer, stallMs: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const part = await inTime(reader?.read(), stallMs);
      if (part === undefined || part.done) return;
      yield part.value;
    }
  } finally {
    reader?.cancel().catch(() => undefined); // the stream is finished either way
    abort();
  }
}

function inTime<T>(job: Promise<T> | undefined, ms: number): Promise<T | undefined> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Stalled()), ms);
    Promise.resolve(job)
      .then(done, fail)
      .finally(() => clearTimeout(timer));
  });
}

/** The bytes in a response. If Content-Range is hidden from other origins, the server is assumed to have sent what was requested. */
function extentOf({ status, headers }: Response, range: string): Extent {
  if (status === 206) {
    const said = headers.get('Content-Range')?.replace('bytes ', 'bytes=') ?? range;
    const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)/.exec(said) ?? [];
    return { start: Number(first), end: last === '' ? null : Number(last) + 1 };
  }
  const length = headers.get('Content-Length');
  return { start: 0, end: length === null ? null : Number(length) };
}

/** @throws LabError `fetch`, when a response does not continue the earlier one */
function checkSequel(response: Response, range: string, etag: string | null, position: number): void {
  const { ok, status, headers } = response;
  const nextStep = 'Try again later.';
  if (!ok)
    throw new LabError('fetch', `The rest of a file could not be fetched: the server answered ${status}.`, nextStep);
  const now = headers.get('ETag');
  if (etag !== null && now !== null && now !== etag) {
    throw new LabError('fetch', 'A file changed on the server while it was being read.', nextStep);
  }
  if (status === 206 && extentOf(response, range).start !== position) {
    throw new LabError('fetch', 'The server sent a different range from the one requested.', nextStep);
  }
}

/** An answer whose headers are there, and the way to end it. */
export interface Answer {
  readonly response: Response;
  readonly abort: () => void;
}

/** Asks until there is an answer worth having, with other headers than at first where some are given. */
export type Ask = (headers?: Readonly<Record<string, string>>) => Promise<Answer>;
