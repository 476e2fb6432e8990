/** What the command line writes: files whole or not at all, progress to a terminal only. */
import { open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { writeError } from './file-errors.ts';

const READ_BACK_BYTES = 2 ** 24; // at once

/** Writes beside the target first, so that a full disk or an interrupt leaves what was there before, and reads back what it wrote. */
export async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    await writeFile(partial, bytes);
    await checkWritten(partial, path, bytes);
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined); // on a read-only disk, or below a file, this fails too
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

/** Throws a `storage` error where a file that was just written has another size, or is gone. */
export async function checkSize(path: string, bytes: number): Promise<void> {
  const info = await stat(path).catch(() => null);
  if (info?.size !== bytes) throw notAsWritten(path);
}

function notAsWritten(path: string): LabError {
  const problem = `${shown(path)} is not what was written to it.`;
  return new LabError(
    'storage',
    problem,
    'Check the disk, and that nothing else writes there; then run the command again.',
  );
}

/** A counter on standard error, where that is a terminal. */
export function showProgress(label: string): (done: number, total: number) => void {
  return (done, total) => {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r${label} ${done} of ${total}${done === total ? '\n' : ''}`);
  };
}
