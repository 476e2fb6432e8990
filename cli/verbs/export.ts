import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { LabError } from '../../src/core/errors.ts';
import { exportModel, type ModelExport } from '../../src/engine/export/export-model.ts';
import type { Verb } from '../command.ts';
import { storedModel } from '../model-folder.ts';

export const exportVerb: Verb = {
  name: 'export',
  summary: 'a converted model as a folder that transformers.js loads',
  options: {
    model: { type: 'string', value: 'PATH', help: 'a folder or a pack that lab convert wrote', required: true },
    out: { type: 'string', value: 'DIR', help: 'the folder to write: a new one, or an empty one', required: true },
  },
  async run(options) {
    const [path, out] = [options.text('model'), options.text('out')];
    const stored = await storedModel(path);
    if (stored === null) {
      const nextStep = 'Convert the checkpoint first: lab convert --checkpoint … --precision … --out DIR.';
      throw new LabError('not-found', `${path} holds no converted model.`, nextStep);
    }
    const model = await exportModel(stored, basename(resolve(out)));
    await makeEmpty(out);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    await write(model, out, stop.signal);
    const megabytes = (model.byteLength / 1e6).toFixed(1);
    console.log(`${model.label} for transformers.js: ${model.files.length} files, ${megabytes} MB in ${out}`);
  },
};

async function makeEmpty(out: string): Promise<void> {
  const entries = await readdir(out).catch(() => []);
  if (entries.length > 0) {
    throw new LabError('bad-request', `${out} is not empty.`, 'Give an empty folder, or one that is not there yet.');
  }
  await guarded(out, () => mkdir(out, { recursive: true }));
}

/** Writes every file, or, where one fails, leaves the folder empty. */
async function write({ files }: ModelExport, out: string, signal: AbortSignal): Promise<void> {
  try {
    for (const file of files) {
      const path = join(out, file.path);
      await guarded(path, async () => {
        await mkdir(dirname(path), { recursive: true });
        await pipeline(Readable.fromWeb(file.stream() as ReadableStream), createWriteStream(path), { signal });
      });
    }
  } catch (error) {
    for (const entry of await readdir(out)) await rm(join(out, entry), { recursive: true, force: true });
    if (signal.aborted) throw new LabError('interrupted', 'The export was stopped.', 'Start it again.');
    throw error;
  }
}

async function guarded<T>(path: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LabError('storage', `${path} cannot be written: ${reason}.`, 'Check the folder and the disk.', { cause });
  }
}
