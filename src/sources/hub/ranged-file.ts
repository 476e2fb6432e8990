/** A file of a repository, read by byte range: only the requested bytes are fetched. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { digestHex, type Fetch } from '../http-source.ts';
import { GatheredReads, type Turns } from './gathered-reads.ts';

/** Limit for servers that ignore ranges: up to this size, the whole file is fetched once and kept in memory. */
const MAX_KEPT_BYTES = 64e6;

export interface RangedFileDescription {
  readonly name: string; // for error messages
  readonly byteLength: number;
  readonly url: string; // may redirect to another origin
  readonly sha256: string | null;
  readonly gitOid: string | null; // SHA-1 of the git object, for files outside LFS
}

export class RangedFile implements ByteSource {
  readonly name: string;
  readonly byteLength: number;
  readonly #file: RangedFileDescription;
  readonly #fetch: Fetch;
  readonly #turns: Turns;
  readonly #parts: GatheredReads;
  #storageUrl: string | null = null; // target of the last redirect, reused to save the Hub a request
  #ignoresRanges = false;
  #whole: Promise<Uint8Array<ArrayBuffer>> | null = null;

  /** `turns` limits the number of parallel slices. Streams, which follow their reader's speed, are not limited. */
  constructor(file: RangedFileDescription, fetch: Fetch, turns: Turns) {
    this.name = file.name;
    this.byteLength = file.byteLength;
    this.#file = file;
    this.#fetch = fetch;
    this.#turns = turns;
    this.#parts = new GatheredReads((start, end) => this.#collect(start, end), turns);
  }

  /** Bytes of a range. A slice of the whole file is verified against the digest that the Hub lists. */
  async slice(start: number, end: number): Promise<Uint8Array> {
    const to = Math.min(end, this.byteLength);
    const from = Math.min(Math.max(0, start), to);
    if (from === to) return new Uint8Array();
    if (from === 0 && to === this.byteLength) return this.#turns.run(() => this.#fetchWhole());
    if (this.#ignoresRanges && this.byteLength <= MAX_KEPT_BYTES) return (await this.#keepWhole()).slice(from, to);
    return this.#parts.slice(from, to);
  }

  async #collect(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(end - start);
    let position = 0;
    for await (const chunk of this.stream(start, end)) {
      bytes.set(chunk, position);
      position += chunk.byteLength;
    }
    return bytes;
  }

  async #fetchWhole(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#collect(0, this.byteLength);
    await this.#check(bytes);
    return bytes;
  }

  /**
   * The bytes of a range in chunks as they arrive.
   * @throws LabError `fetch`, when the response ends early
   */
  async *stream(start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const to = Math.min(end, this.byteLength);
    let position = Math.max(0, start);
    while (position < to) {
      const storageUrl = this.#storageUrl;
      try {
        for await (const chunk of this.#chunks(storageUrl ?? this.#file.url, position, to)) {
          position += chunk.byteLength;
          yield chunk;
        }
        if (position >= to) return;
        throw this.#fetchError(`ended at byte ${position}, before ${to}`, 'Try again.');
      } catch (error) {
        const isStale = storageUrl !== null && !(error instanceof LabError && error.code === 'interrupted');
        if (!isStale) throw error;
        // Its signature expires within an hour. Ask the Hub for a new one, unless another read has done so.
        if (this.#storageUrl === storageUrl) this.#storageUrl = null;
      }
    }
  }

  async *#chunks(url: string, start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const response = await this.#fetch(url, {
      headers: { Range: `bytes=${start}-${end - 1}` },
      cache: 'no-store', // Harmscope stores what it needs itself, and gigabytes would displace other sites' entries
    });
    const isElsewhere = response.url !== '' && new URL(response.url).origin !== new URL(this.#file.url).origin;
    if (isElsewhere) this.#storageUrl = response.url;
    const reader = response.body?.getReader();
    let position = response.status === 206 ? start : 0;
    try {
      const [, first] = /^bytes (\d+)-/.exec(response.headers.get('Content-Range') ?? '') ?? [];
      if (first !== undefined && Number(first) !== start)
        throw this.#fetchError('the server sent another range', 'Try again.');
      if (position < start || (response.status !== 206 && end < this.byteLength)) this.#allowWithoutRanges();
      while (position < end) {
        const part = await reader?.read();
        if (part === undefined || part.done) return;
        const chunk = part.value.subarray(Math.max(0, start - position), Math.max(0, end - position));
        position += part.value.byteLength;
        if (chunk.byteLength > 0) yield chunk;
      }
    } finally {
      reader?.cancel().catch(() => undefined); // discards the rest of a body that is longer than requested
    }
  }

  /**
   * Notes that the server ignores ranges.
   * @throws LabError `fetch`, when the file is too large to fetch whole
   */
  #allowWithoutRanges(): void {
    this.#ignoresRanges = true;
    if (this.byteLength <= MAX_KEPT_BYTES) return;
    const nextStep = 'Use the Hub itself or another mirror, or download the checkpoint and open its folder.';
    const problem = `ignores byte ranges and would send all ${Math.round(this.byteLength / 1e6)} MB`;
    throw this.#fetchError(`the server ${problem}`, nextStep);
  }

  /** The whole file, fetched once. A failure is not cached, so that a retry can succeed. */
  #keepWhole(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#whole === null) {
      this.#whole = this.#turns.run(() => this.#fetchWhole());
      this.#whole.catch(() => (this.#whole = null));
    }
    return this.#whole;
  }

  async #check(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { sha256, gitOid } = this.#file;
    const differs =
      sha256 !== null
        ? (await digestHex('SHA-256', bytes)) !== sha256
        : gitOid !== null && (await gitBlobId(bytes)) !== gitOid;
    if (!differs) return;
    const problem = `${shown(this.name)} (${bytes.byteLength} bytes) is not the file that the Hub lists: its digest differs.`;
    throw new LabError('format', problem, 'The download was damaged: try again.');
  }

  #fetchError(problem: string, nextStep: string): LabError {
    return new LabError('fetch', `${shown(this.name)}: ${problem}.`, nextStep);
  }
}

/** The git object id of a file with these bytes. */
async function gitBlobId(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const header = new TextEncoder().encode(`blob ${bytes.byteLength}\0`);
  const blob = new Uint8Array(header.byteLength + bytes.byteLength);
  blob.set(header);
  blob.set(bytes, header.byteLength);
  return digestHex('SHA-1', blob);
}
