/** A checkpoint in a folder of this machine, under Node. */
import { TEMPLATE_FOLDER } from '../../src/core/checkpoint-folders.ts';
import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Stats } from 'node:fs';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import type { CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import type { ByteSource } from '../../src/formats/bytes/byte-source.ts';
import { foreignFile } from '../../src/formats/bytes/foreign-file.ts';
import { LOCK_FILE } from './output-lock.ts';
import { danglingLink, isMissing, readError } from './file-errors.ts';

const WANTED =
  'Use a folder in the Hugging Face format, a ZIP of one, tiny-olmo3@<revision> or hub:<owner>/<name>@<revision>.';
const HEAD_BYTES = 512; // enough to recognize a file's type
const MAX_READ = 2 ** 30; // bytes per read

/** @throws LabError `not-found`, when `path` is not a folder */
export async function folderFiles(path: string, label = path): Promise<CheckpointFiles> {
  const info = await statOf(path);
  if (info?.isDirectory() !== true) throw await notAFolder(path, info);
  return { label, open: (file) => openFile(join(path, file)), list: (folder) => filesIn(join(path, folder)) };
}

async function notAFolder(path: string, info: Stats | null): Promise<LabError> {
  const file = info?.isFile() === true ? await openFile(path) : null;
  if (file === null) return new LabError('not-found', `${shown(path)} is not a folder.`, WANTED);
  const head = await file.slice(0, Math.min(HEAD_BYTES, file.byteLength));
  const what = foreignFile(head, file.byteLength);
  return new LabError(
    'not-found',
    `${shown(path)} is not a folder${what === null ? '' : `, but ${what.what}`}.`,
    WANTED,
  );
}

/** Identifies a folder or file without reading it: SHA-256 over the names, sizes and dates of its files. */
export async function diskDigest(path: string): Promise<string> {
  const isFolder = (await statOf(path))?.isDirectory() === true;
  const names = isFolder
    ? (await namesIn(path)).filter((name) => !name.startsWith(LOCK_FILE)).sort()
    : [basename(path)];
  if (isFolder) {
    const templates = await filesIn(join(path, TEMPLATE_FOLDER));
    names.push(...templates.sort().map((name) => `${TEMPLATE_FOLDER}/${name}`));
  }
  const infos = await Promise.all(names.map((name) => stat(isFolder ? join(path, name) : path).catch(() => null)));
  const described = infos.flatMap((info, i) => (info?.isFile() === true ? [[names[i], info.size, info.mtimeMs]] : []));
  return createHash('sha256').update(JSON.stringify(described)).digest('hex');
}

/**
 * The names in a folder.
 * @throws LabError `fetch`, naming the folder, when it cannot be read
 */
export function namesIn(path: string): Promise<string[]> {
  return readdir(path).catch((cause: unknown) => {
    throw readError(path, cause);
  });
}

/** The names of the files in a folder; none where there is no such folder. What is not a file does not count. */
async function filesIn(path: string): Promise<string[]> {
  if ((await statOf(path))?.isDirectory() !== true) return [];
  const names = await namesIn(path);
  const infos = await Promise.all(names.map((name) => stat(join(path, name)).catch(() => null)));
  return names.filter((_, index) => infos[index]?.isFile() === true);
}

/** Random access to a file; null where there is none. Throws errors that name it where it is a broken link, no file, or may not be read. */
export async function openFile(path: string): Promise<ByteSource | null> {
  const info = await statOf(path);
  if (info === null) return null;
  if (!info.isFile()) {
    const what = info.isDirectory() ? 'a folder' : 'a device, a pipe or a socket';
    throw new LabError('format', `${shown(path)} is ${what}, not a file.`, 'Replace it with the file itself.');
  }
  return { name: path, byteLength: info.size, slice: (start, end) => readRange(path, start, end) };
}

/** Null if the path does not exist. */
async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (cause) {
    if (!isMissing(cause)) throw readError(path, cause);
    const dangling = await danglingLink(path);
    if (dangling !== null) throw dangling;
    return null;
  }
}

/** Random access to a ZIP file; null if the path is anything else. */
export async function openZipFile(path: string): Promise<ByteSource | null> {
  if ((await statOf(path))?.isFile() !== true) return null;
  const file = await openFile(path);
  if (file === null) return null;
  return new TextDecoder().decode(await file.slice(0, Math.min(2, file.byteLength))) === 'PK' ? file : null;
}

/** The bytes from `start` to `end`, or to the end of the file. One system call returns at most 2 GiB. */
async function readRange(path: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  try {
    const file = await open(path);
    try {
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, MAX_READ), start + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw readError(path, cause);
  }
}
