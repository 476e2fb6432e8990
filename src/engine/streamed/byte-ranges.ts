/** Which ranges of a file are asked for, and how they become few requests. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';

/**
 * What one request costs, in bytes that could have been fetched in its time: six at a time, 50 ms each, over a line of 16 MB/s.
 * A gap shorter than this is fetched along rather than asked around.
 */
export const REQUEST_COST_BYTES = 128 * 1024;

/** Ranges grow no longer than this by joining: a request that fails or is given up costs little. */
const MAX_JOINED_BYTES = 16e6;

const PARALLEL_REQUESTS = 6; // what browsers open to one host over HTTP/1.1

export interface ByteRange {
  readonly start: number;
  readonly end: number; // not included
}

export interface JoinedRange<T extends ByteRange> extends ByteRange {
  readonly parts: readonly T[]; // in ascending order, none empty-handed: each lies inside
}

/** Neighbouring ranges joined where the gap between them costs less than a request. */
export function joinRanges<T extends ByteRange>(
  ranges: readonly T[],
  requestCost: number = REQUEST_COST_BYTES,
): JoinedRange<T>[] {
  const joined: { start: number; end: number; parts: T[] }[] = [];
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    const isNear = last !== undefined && range.start - last.end < requestCost;
    if (isNear && Math.max(range.end, last.end) - last.start <= MAX_JOINED_BYTES) {
      last.end = Math.max(range.end, last.end);
      last.parts.push(range);
    } else {
      joined.push({ start: range.start, end: range.end, parts: [range] });
    }
  }
  return joined;
}

export function totalBytes(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** The bytes of a range. Errors name the file and `what` lies in the range. */
export async function readRange(source: ByteSource, { start, end }: ByteRange, what: string): Promise<Uint8Array> {
  const bytes = await source.slice(start, end).catch((cause: unknown) => {
    const isKnown = cause instanceof LabError;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const nextStep = isKnown ? cause.nextStep : 'Try again.';
    const problem = `${shown(source.name)}: ${what} could not be read: ${shown(reason)}`;
    throw new LabError(isKnown ? cause.code : 'fetch', problem, nextStep, { cause });
  });
  if (bytes.byteLength === end - start) return bytes;
  throw new LabError(
    'format',
    `${shown(source.name)}: ${what} should lie at bytes ${start} to ${end}; ${bytes.byteLength} of its ${end - start} bytes came.`,
    'The file was changed or cut short: fetch the checkpoint again.',
  );
}

/** Runs `job` on every item, a few at a time. The first failure rejects, and no further item is begun. */
export async function inParallel<T>(items: readonly T[], job: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  let hasFailed = false;
  const worker = async (): Promise<void> => {
    for (const item of waiting) {
      if (hasFailed) return;
      await job(item);
    }
  };
  const workers = Array.from({ length: Math.min(PARALLEL_REQUESTS, items.length) }, worker);
  await Promise.all(
    workers.map((work) =>
      work.catch((error: unknown) => {
        hasFailed = true;
        throw error;
      }),
    ),
  );
}
