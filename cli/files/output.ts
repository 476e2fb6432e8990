/** Output of the command line: files are written completely or not at all, and progress only to a terminal. */
import { open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { writeError } from './file-errors.ts';

const READ_BACK_BYTES = 2 ** 24; // per read when a written file is checked

/** Writes to a temporary file next to the target and checks it, so that a full disk or an interrupt leaves the old file in place. */
export async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    await writeFile(partial, bytes);
    await checkWritten(partial, path, bytes);
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined); // this fails too on a read-only disk or when a parent is a file
    if (cause instanceof LabError) throw cause;
    throw writeError(path, cause);
  }
  await checkSize(path, bytes.byteLength);
}

async function checkWritten(partial: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(partial);
  try {
    const read = Buffer.alloc(Math.min(READ_BACK_BYTES, bytes.byteLength));
    for (let start = 0; start < bytes.byteLength; start += READ_BACK_BYTES) {
      const wanted = bytes.subarray(start, start + READ_BACK_BYTES);
      const { bytesRead } = await file.read(read, 0, wanted.byteLength, start);
      if (!read.subarray(0, bytesRead).equals(wanted)) throw notAsWritten(path);
    }
  } finally {
    await file.close();
  }
}

/** @throws LabError `storage`, when a file that was just written has another size or is gone */
export async function checkSize(path: string, bytes: number): Promise<void> {
  const info = await stat(path).catch(() => null);
  if (info?.size !== bytes) throw notAsWritten(path);
}

function notAsWritten(path: string): LabError {
  const problem = `${shown(path)} does not contain what was written to it.`;
  return new LabError(
    'storage',
    problem,
    'Check the disk, and that no other program writes there; then run the command again.',
  );
}

/** A progress counter on standard error, if that is a terminal. */
export function showProgress(label: string): (done: number, total: number) => void {
  return (done, total) => {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r${label} ${done} of ${total}${done === total ? '\n' : ''}`);
  };
}
