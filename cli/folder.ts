/** A checkpoint in a folder of this machine, under Node. */
import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LabError } from '../src/core/errors.ts';
import type { CheckpointFiles } from '../src/engine/checkpoint-files.ts';
import type { ByteSource } from '../src/formats/byte-source.ts';

/** Throws `not-found` where `path` is no folder. */
export async function folderFiles(path: string, label = path): Promise<CheckpointFiles> {
  const info = await stat(path).catch(() => null);
  if (!info?.isDirectory()) {
    throw new LabError(
      'not-found',
      `${path} is no folder.`,
      'Give a folder in the Hugging Face format, a ZIP of one, tiny-olmo3@<revision> or hub:<owner>/<name>@<revision>.',
    );
  }
  return { label, open: (file) => openFile(join(path, file)) };
}

/** What a folder or a file is known by without being read: SHA-256 over names, sizes and dates. */
export async function diskDigest(path: string): Promise<string> {
  const isFolder = (await stat(path)).isDirectory();
  const names = isFolder ? (await readdir(path)).sort() : [basename(path)];
  const infos = await Promise.all(names.map((name) => stat(isFolder ? join(path, name) : path)));
  const described = infos.flatMap((info, i) => (info.isFile() ? [[names[i], info.size, info.mtimeMs]] : []));
  return createHash('sha256').update(JSON.stringify(described)).digest('hex');
}

/** Random access to a file; null where there is none. */
export async function openFile(path: string): Promise<ByteSource | null> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) return null;
  return { name: path, byteLength: info.size, slice: (start, end) => readRange(path, start, end) };
}

/** The same where it is a ZIP file; null otherwise. */
export async function openZipFile(path: string): Promise<ByteSource | null> {
  const file = await openFile(path);
  if (file === null) return null;
  return new TextDecoder().decode(await file.slice(0, Math.min(2, file.byteLength))) === 'PK' ? file : null;
}

async function readRange(path: string, start: number, end: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(Math.max(0, end - start));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
