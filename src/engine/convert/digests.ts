/** Digests of files by segments, so that they are made by the platform's own SHA-256 and damage can be told apart by its place. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';

export const SEGMENT_BYTES = 2 ** 24;

export interface FileDigest {
  readonly bytes: number;
  readonly segments: readonly string[]; // hex SHA-256 of every 16 MiB
}

export interface DigestControl {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: (bytes: number) => void;
}

/** Reads the whole file. */
export async function digestFile(source: ByteSource, control: DigestControl = {}): Promise<FileDigest> {
  const segments: string[] = [];
  const buffer = source.readInto === undefined ? null : new Uint8Array(Math.min(SEGMENT_BYTES, source.byteLength));
  for (let start = 0; start < source.byteLength; start += SEGMENT_BYTES) {
    if (control.signal?.aborted)
      throw new LabError('interrupted', 'Checking the model was stopped.', 'Start it again.');
    const bytes = await readSegment(source, start, buffer);
    segments.push(await sha256(bytes));
    control.onBytes?.(bytes.byteLength);
  }
  return { bytes: source.byteLength, segments };
}

/** Into the one buffer where the source can: gigabytes of arrays would wait for the garbage collector otherwise. */
async function readSegment(source: ByteSource, start: number, buffer: Uint8Array | null): Promise<Uint8Array> {
  const end = Math.min(start + SEGMENT_BYTES, source.byteLength);
  if (buffer === null || source.readInto === undefined) return source.slice(start, end);
  const bytes = buffer.subarray(0, end - start);
  await source.readInto(bytes, start);
  return bytes;
}

/** Hex SHA-256. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Throws a `format` error that names the file where its size or, with `thorough`, a byte of it differs. */
export async function checkDigest(
  name: string,
  source: ByteSource | null,
  expected: FileDigest,
  thorough: boolean,
  control: DigestControl = {},
): Promise<void> {
  const nextStep = 'The stored model is damaged: remove it and convert or copy it again.';
  if (source?.byteLength !== expected.bytes) {
    const found = source === null ? 'is missing' : `has ${source.byteLength} bytes, not ${expected.bytes}`;
    throw new LabError('format', `${shown(name)} ${found}.`, nextStep);
  }
  if (!thorough) return;
  const { segments } = await digestFile(source, control);
  const bad = segments.findIndex((segment, index) => segment !== expected.segments[index]);
  if (bad < 0) return;
  throw new LabError('format', `${shown(name)} is not what was written, near byte ${bad * SEGMENT_BYTES}.`, nextStep);
}
