/**
 * Combines many small reads into few requests: neighbouring reads are fetched together with the small gap between them, and the number
 * of parallel requests is limited. The rows of an embedding table are read by token id, thousands at a time.
 */
import { LabError } from '../../core/errors.ts';

export interface GatheringLimits {
  readonly maxGapBytes: number; // largest gap inside a request: about what could be fetched during a round trip
  readonly maxRequestBytes: number; // largest combined request, which is held in memory
}

const LIMITS: GatheringLimits = { maxGapBytes: 64 * 1024, maxRequestBytes: 4 * 1024 * 1024 };

/** Runs jobs in order, at most `limit` at a time. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((done) => this.#waiting.push(done)); // the turn is passed on directly, so `#free` does not change
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

interface PendingRead {
  readonly start: number;
  readonly end: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

export class GatheredReads {
  readonly #read: (start: number, end: number) => Promise<Uint8Array>;
  readonly #turns: Turns;
  readonly #limits: GatheringLimits;
  #pending: PendingRead[] = [];

  constructor(read: (start: number, end: number) => Promise<Uint8Array>, turns: Turns, limits = LIMITS) {
    this.#read = read;
    this.#turns = turns;
    this.#limits = limits;
  }

  /** Bytes from `start` up to but not including `end`. Reads requested in the same microtask are combined. */
  slice(start: number, end: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#pending.length === 0) queueMicrotask(() => this.#flush());
      this.#pending.push({ start, end, resolve, reject });
    });
  }

  #flush(): void {
    const reads = this.#pending.sort((a, b) => a.start - b.start);
    this.#pending = [];
    let group: PendingRead[] = [];
    let groupEnd = 0;
    for (const read of reads) {
      const [first] = group;
      const joins =
        first !== undefined &&
        read.start - groupEnd <= this.#limits.maxGapBytes &&
        Math.max(groupEnd, read.end) - first.start <= this.#limits.maxRequestBytes;
      if (!joins && group.length > 0) void this.#fetch(group, groupEnd);
      groupEnd = joins ? Math.max(groupEnd, read.end) : read.end;
      if (joins) group.push(read);
      else group = [read];
    }
    if (group.length > 0) void this.#fetch(group, groupEnd);
  }

  /** Settles every read of the group. */
  async #fetch(group: readonly PendingRead[], end: number): Promise<void> {
    const start = group[0]?.start ?? 0;
    try {
      const bytes = await this.#turns.run(() => this.#read(start, end));
      if (bytes.byteLength !== end - start) {
        throw new LabError(
          'internal',
          `${bytes.byteLength} bytes arrived instead of ${end - start}.`,
          'This is a bug: please report it.',
        );
      }
      const isAlone = group.length === 1;
      for (const read of group) read.resolve(isAlone ? bytes : bytes.slice(read.start - start, read.end - start));
    } catch (error) {
      for (const read of group) read.reject(error);
    }
  }
}
