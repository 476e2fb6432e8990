/** What the command line writes: files whole or not at all, progress to a terminal only. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { writeError } from './file-errors.ts';

/** Writes beside the target first, so that a full disk or an interrupt leaves what was there before. */
export async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    await writeFile(partial, bytes);
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined); // on a read-only disk, or below a file, this fails too
    throw writeError(path, cause);
  }
}

/** A counter on standard error, where that is a terminal. */
export function showProgress(label: string): (done: number, total: number) => void {
  return (done, total) => {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r${label} ${done} of ${total}${done === total ? '\n' : ''}`);
  };
}
