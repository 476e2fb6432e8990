/** A file of a repository, wherever its bytes come from: memory, a disk, or made up as they are served. */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export interface ServedFile {
  readonly byteLength: number;
  /** Bytes from `start` up to, not including, `end`, in chunks. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
  /** Lower-case hex of the whole file, computed when it is first asked for. */
  sha256(): Promise<string>;
}

/** The files of one revision by path; text becomes UTF-8. */
export type RevisionFiles = Readonly<Record<string, string | Uint8Array | ServedFile>>;

/** Text and bytes as a served file; a served file as it is. */
export function servedFile(content: string | Uint8Array | ServedFile): ServedFile {
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) return content;
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return withDigest({ byteLength: bytes.byteLength, read: (start, end) => once(bytes.subarray(start, end)) });
}

/** Every file below a folder, read from the disk as it is served. */
export function filesOfFolder(folder: string): RevisionFiles {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(folder, path).replaceAll(sep, '/'), diskFile(path)]));
}

function diskFile(path: string): ServedFile {
  const read = (start: number, end: number): AsyncIterable<Uint8Array> =>
    start < end ? (createReadStream(path, { start, end: end - 1 }) as AsyncIterable<Uint8Array>) : nothing();
  return withDigest({ byteLength: statSync(path).size, read });
}

/** Adds the file's digest, computed once. */
function withDigest(file: Omit<ServedFile, 'sha256'>): ServedFile {
  let digest: Promise<string> | null = null;
  return { ...file, sha256: () => (digest ??= digestOf('sha256', file)) };
}

/** Hex digest of all bytes, after an optional prefix. */
export async function digestOf(
  algorithm: 'sha1' | 'sha256',
  file: Pick<ServedFile, 'byteLength' | 'read'>,
  prefix = '',
): Promise<string> {
  const hash = createHash(algorithm).update(prefix);
  for await (const chunk of file.read(0, file.byteLength)) hash.update(chunk);
  return hash.digest('hex');
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.byteLength > 0) yield await Promise.resolve(bytes);
}

async function* nothing(): AsyncIterable<Uint8Array> {
  // an empty range has no chunks
}
