/** What the file system refuses, in words and with a next step: nobody has to know what ENOTDIR stands for. */
import { mkdir } from 'node:fs/promises';
import { LabError } from '../src/core/errors.ts';

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

/** A `storage` error about a path that cannot be written. */
export function writeError(path: string, cause: unknown): LabError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  const [reason, nextStep] = (Object.hasOwn(WORDS, code) ? WORDS[code] : undefined) ?? [
    message,
    'Check the folder and the disk.',
  ];
  return new LabError('storage', `${path} cannot be written: ${reason}.`, nextStep, { cause });
}

/** Makes a folder, and those above it, where there is none. Throws a `storage` error that names it. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw writeError(path, cause);
  });
}
