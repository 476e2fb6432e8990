/** What the file system refuses, in words and with a next step: nobody has to know what ENOTDIR stands for. */
import { lstat, mkdir, readlink } from 'node:fs/promises';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';

const WORDS: Readonly<Record<string, readonly [reason: string, nextStep: string]>> = {
  ENOENT: ['its folder does not exist', 'Create the folder, or give another one.'],
  ENOTDIR: ['part of its path is a file, not a folder', 'Give another folder.'],
  EEXIST: ['part of its path is a file, not a folder', 'Give another folder.'],
  EISDIR: ['it is a folder', 'Give the name of a file.'],
  EACCES: ['permission is denied', 'Give a folder that you may write to.'],
  EPERM: ['permission is denied', 'Give a folder that you may write to.'],
  EROFS: ['the disk is read-only', 'Give a folder on another disk.'],
  ENOSPC: ['the disk is full', 'Free some disk space, and run the command again.'],
  EDQUOT: ['your quota of disk space is used up', 'Free some disk space, and run the command again.'],
  ENAMETOOLONG: ['the name is too long', 'Give a shorter one.'],
};

const READ_WORDS: Readonly<Record<string, readonly [reason: string, nextStep: string]>> = {
  EACCES: ['permission is denied', 'Give yourself permission to read it.'],
  EPERM: ['permission is denied', 'Give yourself permission to read it.'],
  ELOOP: ['it is a link that leads back to itself', 'Put the file itself there.'],
  EIO: ['the disk reports an error', 'Copy it again from its source.'],
  EMFILE: ['too many files are open', 'Close other programs, and run the command again.'],
};

/** `ENOENT` and the like; '' for what is no refusal of the system. */
export function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** A `storage` error about a path that cannot be written. */
export function writeError(path: string, cause: unknown): LabError {
  const [reason, nextStep] = inWords(WORDS, cause);
  return new LabError('storage', `${shown(path)} cannot be written: ${reason}.`, nextStep, { cause });
}

/** A `fetch` error about a path that is there and cannot be read. */
export function readError(path: string, cause: unknown): LabError {
  const [reason, nextStep] = inWords(READ_WORDS, cause);
  return new LabError('fetch', `${shown(path)} cannot be read: ${reason}.`, nextStep, { cause });
}

function inWords(words: typeof WORDS, cause: unknown): readonly [reason: string, nextStep: string] {
  const code = systemCode(cause);
  const known = Object.hasOwn(words, code) ? words[code] : undefined;
  return known ?? [shown(cause instanceof Error ? cause.message : String(cause)), 'Check the path and the disk.'];
}

/** Whether nothing is there, as against something that may not be seen. */
export const isMissing = (cause: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(cause));

/** A `not-found` error about a link whose target is not there; null where `path` is no link. */
export async function danglingLink(path: string): Promise<LabError | null> {
  const info = await lstat(path).catch(() => null);
  if (info?.isSymbolicLink() !== true) return null;
  const problem = `${shown(path)} is a link to ${shown(await readlink(path))}, which does not exist.`;
  return new LabError('not-found', problem, 'Put the file itself there, or fetch the checkpoint again.');
}

/** Makes a folder, and those above it, where there is none. Throws a `storage` error that names it. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw writeError(path, cause);
  });
}
