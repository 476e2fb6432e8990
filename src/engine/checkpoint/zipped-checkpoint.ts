/** A checkpoint that somebody packed into a ZIP, read like a folder, without unpacking it. */
import { namesBelow, TEMPLATE_FOLDER } from '../../core/checkpoint-folders.ts';
import { lowest } from '../../core/statistics/min-max.ts';
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import type { CheckpointFiles } from './checkpoint-files.ts';
import { MANIFEST_FILE } from '../convert/file-names.ts';
import { readZip, type ZippedFile } from './zip-files.ts';

/** Compressed files up to here are inflated into memory: tokenizers, and the weights of tiny models. */
const INFLATE_LIMIT = 64e6; // bytes
const WEIGHTS = /\.safetensors$/;
const PICKLE = /(?:^|\/)data\.pkl$/;
const CONFIG = /^(?:.*\/)?config\.json$/;

export interface ZippedCheckpoint extends CheckpointFiles {
  readonly files: readonly { readonly path: string; readonly bytes: number }[]; // of the folder that is the checkpoint
}

/** A model that the lab saved as one file, or a checkpoint that somebody zipped. Throws `format` where it is not a ZIP. */
export async function zipKind(source: ByteSource): Promise<'pack' | 'checkpoint'> {
  return isPack(await readZip(source)) ? 'pack' : 'checkpoint';
}

const isPack = (files: ReadonlyMap<string, ZippedFile>): boolean =>
  files.has(MANIFEST_FILE) && ![...files.keys()].some((path) => WEIGHTS.test(path));

/**
 * The checkpoint in a ZIP, at its top or in the one folder that holds a config.json. Stored files are read by range. Throws `format`
 * errors that name the ZIP and the file, among them for weights too large to inflate into memory.
 */
export async function openZippedCheckpoint(
  source: ByteSource,
  { label = source.name, inflateLimit = INFLATE_LIMIT } = {},
): Promise<ZippedCheckpoint> {
  const zipped = await readZip(source);
  const top = topFolder(source, zipped);
  const inside = [...zipped.values()].filter(({ path }) => path.startsWith(top) && isOwn(path.slice(top.length)));
  const files = new Map(inside.map((file) => [file.path.slice(top.length), file]));
  const check = (file: ZippedFile): void => {
    if (!file.isStored && file.byteLength > inflateLimit) throw tooLarge(source, file);
  };
  for (const [name, file] of files) if (WEIGHTS.test(name)) check(file); // now, not after minutes of work
  const opened = new Map<string, Promise<ByteSource>>(); // what was inflated stays for the next reader
  return {
    label,
    files: [...files].map(([path, { byteLength: bytes }]) => ({ path, bytes })),
    list: (folder) => Promise.resolve(namesBelow(files.keys(), folder)),
    open: async (name) => {
      const file = files.get(name);
      if (file === undefined) return null;
      check(file);
      const opening = opened.get(name) ?? file.open();
      opened.set(name, opening);
      opening.catch(() => opened.delete(name));
      return opening;
    },
  };
}

/** At its top, or among the templates. */
const isOwn = (path: string): boolean => !path.includes('/') || namesBelow([path], TEMPLATE_FOLDER).length > 0;

/** The folder that holds config.json, with a slash at its end; '' where that is the ZIP's top. */
function topFolder(source: ByteSource, zipped: ReadonlyMap<string, ZippedFile>): string {
  if (isPack(zipped)) {
    const problem = `${shown(source.name)} is a pack, whose weights are converted already.`;
    throw new LabError('format', problem, 'Open it as it is, or give the checkpoint that it was made of.');
  }
  const folders = [...zipped.keys()]
    .filter((path) => CONFIG.test(path))
    .map((path) => path.replace(/config\.json$/, ''));
  const depth = (folder: string): number => folder.split('/').length;
  const least = lowest(folders.map(depth));
  const [top, another] = folders.filter((folder) => depth(folder) === least);
  if (top === undefined && [...zipped.keys()].some((path) => PICKLE.test(path))) {
    const problem = `${shown(source.name)} is what torch.save writes (.pt, .bin): pickles, which can run code.`;
    const nextStep =
      'Save the model with transformers’ save_pretrained(safe_serialization=True), and choose that folder.';
    throw new LabError('format', problem, nextStep);
  }
  if (top === undefined) {
    const problem = `${shown(source.name)} holds neither a pack’s ${MANIFEST_FILE} nor a checkpoint’s config.json.`;
    throw new LabError('format', problem, 'Give a pack, or a ZIP of a folder with config.json and *.safetensors.');
  }
  if (another !== undefined) {
    const problem = `${shown(source.name)} holds several checkpoints, ${shown(top)} and ${shown(another)} among them.`;
    throw new LabError('format', problem, 'Unpack it, and choose the folder of one.');
  }
  return top;
}

function tooLarge(source: ByteSource, { path, byteLength }: ZippedFile): LabError {
  const size = `${(byteLength / 1e9).toFixed(2)} GB`;
  const problem = `${shown(source.name)} holds ${shown(path)} (${size}) compressed, so that no part of it can be read by itself.`;
  const nextStep =
    'Unpack it and choose the folder, or make the ZIP anew without compression: zip -0 -r NAME.zip FOLDER.';
  return new LabError('format', problem, nextStep);
}
