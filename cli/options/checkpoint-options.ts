/** `--checkpoint`: a folder, a ZIP, a checkpoint of the built-in ladder by name, or one on the Hub. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { OlmoModel } from '../../src/engine/run/model.ts';
import { OlmoTokenizer } from '../../src/engine/tokens/tokenizer.ts';
import { requireJson, type CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { weightsFile } from '../../src/engine/convert/file-names.ts';
import { openConverted } from '../../src/engine/convert/open-converted.ts';
import type { Runtime } from '../../src/engine/device/runtime.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { openZippedCheckpoint } from '../../src/engine/checkpoint/zipped-checkpoint.ts';
import { StreamedCheckpoint } from '../../src/engine/streamed/streamed-checkpoint.ts';
import { findCheckpoint, parseLadder, type Ladder } from '../../src/formats/ladders/ladder.ts';
import { parseHubAddress } from '../../src/sources/hub/hub-address.ts';
import type { HubOptions } from '../../src/sources/hub/hub-fetch.ts';
import { openHubCheckpoint } from '../../src/sources/hub/hub-repo.ts';
import type { PinnedCheckpoint } from '../../src/labs/extraction/ladder-units.ts';
import type { Options, OptionSpec } from '../command.ts';
import { diskDigest, folderFiles, openZipFile } from '../files/folder.ts';
import { hubOf, hubOptions } from './hub-options.ts';
import { storedModel } from '../files/model-folder.ts';

export const LADDERS = join(import.meta.dirname, '../../public/ladders');
const BUILT_IN = /^(tiny-olmo3)@(.+)$/;
const SMALL_WEIGHTS = 64e6; // bytes; below this, distributing work to threads costs more than it saves

export const checkpointOptions: Readonly<Record<'checkpoint' | 'threads' | 'hub', OptionSpec>> = {
  checkpoint: {
    type: 'string',
    value: 'DIR',
    help: 'a folder in the Hugging Face format (or a ZIP of it), a model written by lab convert, tiny-olmo3@<revision>, or hub:<owner>/<name>@<revision>',
    required: true,
  },
  threads: { type: 'string', value: 'N', help: 'CPU threads (default: 1 for small models, otherwise all cores)' },
  ...hubOptions,
};

/** Opens the checkpoint that `--checkpoint` names. `hub`: where to find it if it is on the Hub. */
export async function resolveCheckpoint(name: string, hub: HubOptions = hubOf(null)): Promise<CheckpointFiles> {
  return (await pinCheckpoint(name, hub)).files;
}

/** Like `resolveCheckpoint`, with an identifier of its bytes: a commit, the digest of built-in weights, or a digest of the files' names, sizes and dates. */
export async function pinCheckpoint(name: string, hub: HubOptions = hubOf(null)): Promise<PinnedCheckpoint> {
  const address = parseHubAddress(name);
  if (address !== null) {
    const files = await openHubCheckpoint({ ...hub, ...address });
    return { commit: files.commit, files };
  }
  const [, ladderId, revision] = BUILT_IN.exec(name) ?? [];
  if (ladderId === undefined || revision === undefined) {
    const zip = await openZipFile(name);
    const files = zip === null ? await folderFiles(name) : await openZippedCheckpoint(zip);
    return { files, commit: `${zip === null ? 'folder' : 'zip'}-${await diskDigest(name)}` };
  }
  return pinBuiltIn(await readBuiltInLadder(ladderId), revision);
}

/**
 * A built-in ladder.
 * @throws LabError `not-found`, when there is none of that name
 */
export async function readBuiltInLadder(id: string): Promise<Ladder> {
  return parseLadder(await requireJson(await folderFiles(join(LADDERS, id)), 'ladder.json'), 'ladder.json');
}

/** A checkpoint of a built-in ladder. It has no commit, so the digest of its weights identifies it on every machine. */
export async function pinBuiltIn(ladder: Ladder, revision: string): Promise<PinnedCheckpoint> {
  const { path, files: listed } = findCheckpoint(ladder, revision);
  const files = await folderFiles(join(LADDERS, ladder.id, path), `${ladder.id}@${revision}`);
  return { commit: listed['model.safetensors']?.sha256 ?? files.label, files };
}

/** A checkpoint whose tokenizer is read only when there is text to tokenize: rows of token ids need none. */
export interface OpenedCheckpoint {
  readonly label: string;
  readonly files: CheckpointFiles;
  readonly model: OlmoModel;
  readonly tokenizer: () => Promise<OlmoTokenizer>;
}

/** Opens the checkpoint that the options name: a converted one in its own precision, any other in float32. */
export async function openFromOptions(options: Options): Promise<OpenedCheckpoint> {
  const stored = await storedModel(options.text('checkpoint'));
  const files = stored ?? (await resolveFromOptions(options));
  const runtime = await runtimeFor(files, options);
  const model =
    stored === null
      ? await OlmoModel.open(files, runtime, { precision: 'float32' })
      : await openConverted(stored, runtime);
  return { label: files.label, files, model, tokenizer: tokenizerOf(files) };
}

/** A checkpoint to be run one layer at a time; only its config and headers are read at first. */
export interface StreamedFromOptions {
  readonly label: string;
  readonly commit: string; // identifies the checkpoint's bytes
  readonly runtime: Runtime;
  readonly model: StreamedCheckpoint;
  readonly tokenizer: () => Promise<OlmoTokenizer>;
}

export async function openStreamedFromOptions(options: Options): Promise<StreamedFromOptions> {
  const { commit, files } = await pinCheckpoint(options.text('checkpoint'), hubOf(options));
  const runtime = await runtimeFor(files, options);
  const model = await StreamedCheckpoint.open(files);
  return { label: files.label, commit, runtime, model, tokenizer: tokenizerOf(files) };
}

const resolveFromOptions = (options: Options): Promise<CheckpointFiles> =>
  resolveCheckpoint(options.text('checkpoint'), hubOf(options));

export async function runtimeFor(files: CheckpointFiles, options: Options): Promise<Runtime> {
  return openNodeRuntime(options.has('threads') ? options.count('threads') : await defaultThreads(files));
}

/** Opens the tokenizer once, at its first use. */
function tokenizerOf(files: CheckpointFiles): () => Promise<OlmoTokenizer> {
  let tokenizer: Promise<OlmoTokenizer> | null = null;
  return () => (tokenizer ??= OlmoTokenizer.open(files));
}

async function defaultThreads(files: CheckpointFiles): Promise<number> {
  const single = (await files.open('model.safetensors')) ?? (await files.open(weightsFile(0)));
  return single !== null && single.byteLength < SMALL_WEIGHTS ? 1 : availableParallelism();
}

/** @throws LabError `bad-request`, when the model has no such layer */
export function checkLayer(layer: number, layers: number, label: string): void {
  if (layer < layers) return;
  throw new LabError('bad-request', `${shown(label)} has no layer ${layer}.`, `Its layers are 0 to ${layers - 1}.`);
}
