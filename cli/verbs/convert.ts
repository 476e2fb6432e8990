import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import type { CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { BLOCK_SIZES, type BlockSize } from '../../src/formats/weights/quantised-blocks.ts';
import { convertCheckpoint, type ConvertOptions, type ConvertProgress } from '../../src/engine/convert/convert.ts';
import type { StoredModel } from '../../src/engine/convert/model-folder.ts';
import { checkFiles, requireManifest } from '../../src/engine/convert/open-converted.ts';
import { openPack, savePack } from '../../src/engine/convert/pack.ts';
import { PRECISIONS } from '../../src/engine/graph/precisions.ts';
import { checkpointOptions, resolveCheckpoint } from '../options/checkpoint-options.ts';
import { UsageError, type Options, type Verb } from '../command.ts';
import { writeError } from '../files/file-errors.ts';
import { openFile } from '../files/folder.ts';
import { hubOf, hubOptions } from '../options/hub-options.ts';
import { diskModelFolder } from '../files/model-folder.ts';
import { withFileLock, withFolderLock } from '../files/output-lock.ts';

export const convert: Verb = {
  name: 'convert',
  summary: 'convert a checkpoint to another precision, in a self-contained folder; run again to resume',
  options: {
    checkpoint: checkpointOptions.checkpoint,
    ...hubOptions,
    precision: { type: 'string', value: 'P', help: PRECISIONS.join(', '), required: true },
    block: { type: 'string', value: 'N', help: 'weights per scale in q4 and q8: 32 or 64', default: '32' },
    pack: { type: 'string', value: 'FILE', help: 'also write the finished model to a ZIP file' },
    out: {
      type: 'string',
      value: 'DIR',
      help: 'output folder: new, empty, or one of an earlier conversion',
      required: true,
    },
  },
  async run(options) {
    const precision = options.oneOf('precision', PRECISIONS);
    const blockSize = BLOCK_SIZES.find((size): size is BlockSize => size === options.count('block'));
    if (blockSize === undefined) throw new UsageError(`--block must be one of ${BLOCK_SIZES.join(', ')}`);
    const files = await resolveCheckpoint(options.text('checkpoint'), hubOf(options));
    const out = options.text('out');
    await withFolderLock(out, 'convert', () => convertInto(out, files, { precision, blockSize }, options));
  },
};

async function convertInto(
  out: string,
  files: CheckpointFiles,
  wanted: ConvertOptions,
  options: Options,
): Promise<void> {
  const store = await diskModelFolder(out);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const model = await convertCheckpoint(files, wanted, store, {
    signal: stop.signal,
    onProgress: showBytes,
  });
  await checkFiles(store, await requireManifest(store), { check: 'sizes' }); // as they are on the disk now
  if (options.has('pack')) {
    const pack = options.text('pack');
    await withFileLock(pack, 'convert', () => writePack(store, pack));
  }
  const bytes = Object.values(model.files).reduce((sum, file) => sum + file.bytes, 0);
  console.log(
    `${model.label} in ${wanted.precision}: ${model.parameters} parameters, ${megabytes(bytes)} in ${store.label}`,
  );
}

/** Writes the pack under a temporary name, checks every byte of it, and renames it. */
async function writePack(store: StoredModel, path: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await pipeline(await savePack(store), createWriteStream(partial));
    const source = await openFile(partial);
    if (source === null)
      throw new LabError('storage', `${shown(path)} disappeared while it was being written.`, 'Run the command again.');
    const pack = await openPack(source);
    await checkFiles(pack, await requireManifest(pack));
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw cause instanceof LabError ? cause : writeError(path, cause);
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function showBytes({ phase, doneBytes, totalBytes, tensor }: ConvertProgress): void {
  if (!process.stderr.isTTY) return;
  const text = `${phase} ${megabytes(doneBytes)} of ${megabytes(totalBytes)} ${tensor}`;
  process.stderr.write(`\r${text.padEnd(100)}${phase === 'checking' && doneBytes === totalBytes ? '\n' : ''}`);
}
