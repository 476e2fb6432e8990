/** File-system errors in plain words and with a next step: nobody needs to know what ENOTDIR stands for. */
import { lstat, mkdir, readlink } from 'node:fs/promises';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';

const WORDS: Readonly<Record<string, readonly [reason: string, nextStep: string]>> = {
  ENOENT: ['its folder does not exist', 'Create the folder, or use another one.'],
  ENOTDIR: ['part of its path is a file, not a folder', 'Use another folder.'],
  EEXIST: ['part of its path is a file, not a folder', 'Use another folder.'],
  EISDIR: ['it is a folder', 'Give a file name instead.'],
  EACCES: ['permission is denied', 'Use a folder that you can write to.'],
  EPERM: ['permission is denied', 'Use a folder that you can write to.'],
  EROFS: ['the disk is read-only', 'Use a folder on another disk.'],
  ENOSPC: ['the disk is full', 'Free some disk space, and run the command again.'],
  EDQUOT: ['your quota of disk space is used up', 'Free some disk space, and run the command again.'],
  ENAMETOOLONG: ['the name is too long', 'Use a shorter one.'],
};

const READ_WORDS: Readonly<Record<string, readonly [reason: string, nextStep: string]>> = {
  EACCES: ['permission is denied', 'Change its permissions so that you can read it.'],
  EPERM: ['permission is denied', 'Change its permissions so that you can read it.'],
  ELOOP: ['it is a link that points back to itself', 'Replace it with the file itself.'],
  EIO: ['the disk reported an error', 'Copy it again from its source.'],
  EMFILE: ['too many files are open', 'Close other programs, and run the command again.'],
};

/** The system's error code, such as `ENOENT`; '' for any other error. */
export function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** A `storage` error about a path that cannot be written. */
export function writeError(path: string, cause: unknown): LabError {
  const [reason, nextStep] = inWords(WORDS, cause);
  return new LabError('storage', `${shown(path)} cannot be written: ${reason}.`, nextStep, { cause });
}

/** A `fetch` error about a path that exists but cannot be read. */
export function readError(path: string, cause: unknown): LabError {
  const [reason, nextStep] = inWords(READ_WORDS, cause);
  return new LabError('fetch', `${shown(path)} cannot be read: ${reason}.`, nextStep, { cause });
}

function inWords(words: typeof WORDS, cause: unknown): readonly [reason: string, nextStep: string] {
  const code = systemCode(cause);
  const known = Object.hasOwn(words, code) ? words[code] : undefined;
  return known ?? [shown(cause instanceof Error ? cause.message : String(cause)), 'Check the path and the disk.'];
}

/** Whether the path does not exist, as opposed to being inaccessible. */
export const isMissing = (cause: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(cause));

/** A `not-found` error about a link whose target does not exist; null if `path` is not a link. */
export async function danglingLink(path: string): Promise<LabError | null> {
  const info = await lstat(path).catch(() => null);
  if (info?.isSymbolicLink() !== true) return null;
  const problem = `${shown(path)} is a link to ${shown(await readlink(path))}, which does not exist.`;
  return new LabError('not-found', problem, 'Replace it with the file itself, or fetch the checkpoint again.');
}

/**
 * Creates a folder and its parents if necessary.
 * @throws LabError `storage`, naming the folder
 */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw writeError(path, cause);
  });
}
