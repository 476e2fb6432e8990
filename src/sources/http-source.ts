/** Fetches whole files over HTTP, with progress, and verifies them against a digest if one is known. */
import { LabError } from '../core/errors.ts';
import { shown } from '../core/text/quote.ts';
import { bytesSource, type ByteSource } from '../formats/bytes/byte-source.ts';

export type Fetch = typeof fetch;

export interface FetchWholeOptions {
  readonly fetch: Fetch;
  readonly sha256?: string; // lower-case hex
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneBytes: number) => void;
}

/**
 * The bytes at `url`.
 * @throws LabError `fetch`, naming `name`; `format`, when the digest differs; `interrupted` after an abort
 */
export async function fetchWhole(
  url: string,
  name: string,
  options: FetchWholeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await receive(url, name, options);
  if (options.sha256 !== undefined && (await sha256(bytes)) !== options.sha256) {
    const nextStep = 'The download was damaged or incomplete: try again.';
    throw new LabError(
      'format',
      `${name} (${bytes.byteLength} bytes) is not the expected file: its SHA-256 differs.`,
      nextStep,
    );
  }
  return bytes;
}

async function receive(url: string, name: string, options: FetchWholeOptions): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await options.fetch(url, { signal: options.signal ?? null });
    if (!response.ok) {
      const nextStep = response.status === 404 ? 'Check that the site was deployed completely.' : 'Try again later.';
      throw new LabError('fetch', `${shown(name)}: the server answered ${response.status}.`, nextStep);
    }
    return await readBody(response, options.onProgress ?? (() => undefined));
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    if (options.signal?.aborted)
      throw new LabError('interrupted', `Fetching ${shown(name)} was stopped.`, 'Start it again.', { cause });
    throw new LabError('fetch', `${shown(name)} could not be fetched.`, 'Check the connection and try again.', {
      cause,
    });
  }
}

async function readBody(response: Response, onProgress: (done: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: BlobPart[] = [];
  let done = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    chunks.push(part.value);
    done += part.value.byteLength;
    onProgress(done);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Lower-case hex SHA-256. */
export function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return digestHex('SHA-256', bytes);
}

/** Lower-case hex digest. */
export async function digestHex(algorithm: 'SHA-1' | 'SHA-256', bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** `fetchWhole` as a `ByteSource`. */
export async function fetchSource(url: string, name: string, options: FetchWholeOptions): Promise<ByteSource> {
  return bytesSource(name, await fetchWhole(url, name, options));
}
