/** Everything that a checkpoint needs to answer: model, tokenizer and the tokens that end an answer. */
import type { CheckpointFiles } from './checkpoint-files.ts';
import type { StoredModel } from '../convert/model-folder.ts';
import { openConverted, requireManifest, type OpenConvertedOptions } from '../convert/open-converted.ts';
import { OlmoModel, type OpenModelOptions } from '../run/model.ts';
import type { Runtime } from '../device/runtime.ts';
import { readStopTokens } from '../tokens/stop-tokens.ts';
import { OlmoTokenizer } from '../tokens/tokenizer.ts';

export interface Checkpoint {
  readonly label: string;
  readonly model: OlmoModel;
  readonly tokenizer: OlmoTokenizer;
  readonly stopIds: ReadonlySet<number>;
}

/** Opens tokenizer and model. Throws errors that name the file. The caller disposes of `model`. */
export async function openCheckpoint(
  files: CheckpointFiles,
  runtime: Runtime,
  options: OpenModelOptions,
): Promise<Checkpoint> {
  const tokenizer = await OlmoTokenizer.open(files);
  const stopIds = await readStopTokens(files);
  const model = await OlmoModel.open(files, runtime, options);
  return { label: files.label, model, tokenizer, stopIds };
}

/** The same of a converted model, from its folder or pack alone. */
export async function openConvertedCheckpoint(
  folder: StoredModel,
  runtime: Runtime,
  options: OpenConvertedOptions = {},
): Promise<Checkpoint> {
  const { label } = await requireManifest(folder);
  const tokenizer = await OlmoTokenizer.open(folder);
  const stopIds = await readStopTokens(folder);
  return { label, model: await openConverted(folder, runtime, options), tokenizer, stopIds };
}
