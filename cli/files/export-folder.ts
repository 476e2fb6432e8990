/** Writes an export to a local folder, under Node. */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import type { ModelExport } from '../../src/engine/export/export-model.ts';
import { isMissing, readError, writeError } from './file-errors.ts';
import { checkSize } from './output.ts';
import { LOCK_FILE } from './output-lock.ts';

/**
 * Writes every file; if one fails, leaves the folder empty.
 * @throws LabError `bad-request`, when `out` is not empty to begin with; `storage`, naming the file, when one cannot be written;
 * `interrupted` after an abort
 */
export async function writeExport({ files }: ModelExport, out: string, signal?: AbortSignal): Promise<void> {
  await makeEmpty(out);
  try {
    for (const file of files) {
      const path = join(out, file.path);
      await guarded(path, async () => {
        await mkdir(dirname(path), { recursive: true });
        await pipeline(Readable.fromWeb(file.stream() as ReadableStream), createWriteStream(path), { signal });
        await checkSize(path, file.byteLength);
      });
    }
  } catch (error) {
    for (const entry of await contentOf(out)) await rm(join(out, entry), { recursive: true, force: true });
    if (signal?.aborted === true) throw new LabError('interrupted', 'The export was stopped.', 'Start it again.');
    throw error;
  }
}

/** The folder's entries other than the lock; none if the folder does not exist. */
async function contentOf(out: string): Promise<string[]> {
  const entries = await readdir(out).catch((cause: unknown) => {
    if (isMissing(cause)) return [];
    throw readError(out, cause);
  });
  return entries.filter((name) => !name.startsWith(LOCK_FILE));
}

async function makeEmpty(out: string): Promise<void> {
  if ((await contentOf(out)).length > 0) {
    throw new LabError(
      'bad-request',
      `${shown(out)} is not empty.`,
      'Use an empty folder, or one that does not exist yet.',
    );
  }
  await guarded(out, () => mkdir(out, { recursive: true }));
}

async function guarded<T>(path: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    throw writeError(path, cause);
  }
}
