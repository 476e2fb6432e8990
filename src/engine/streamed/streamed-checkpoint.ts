import { requireJson, type CheckpointFiles } from '../checkpoint/checkpoint-files.ts';
import { CheckpointTensors, type LocatedTensor } from '../checkpoint/checkpoint-tensors.ts';
import { parseConfig, type OlmoConfig } from '../checkpoint/config.ts';
import { MAX_CONTEXT } from '../checkpoint/context-length.ts';
import { StageReader } from './stage-reader.ts';
import { EMBEDDINGS, planStreamed, type PlanOptions, type StreamedPlan } from './plan.ts';

/** A checkpoint whose weights are read as they are used: config and headers are known, nothing else is held. */
export class StreamedCheckpoint {
  readonly label: string;
  readonly config: OlmoConfig;
  readonly contextLength: number; // tokens that a prompt may have
  readonly reader: StageReader;
  readonly #tensors: CheckpointTensors;

  private constructor(label: string, config: OlmoConfig, tensors: CheckpointTensors) {
    this.label = label;
    this.config = config;
    this.contextLength = Math.min(config.contextLength, MAX_CONTEXT);
    this.reader = new StageReader(config, tensors);
    this.#tensors = tensors;
  }

  /** Reads config.json and the first header. Throws errors that name the file, key or tensor. */
  static async open(files: CheckpointFiles): Promise<StreamedCheckpoint> {
    const config = parseConfig(await requireJson(files, 'config.json'), `config.json of ${files.label}`);
    const tensors = await CheckpointTensors.open(files);
    await tensors.checkLayers(config.layers);
    return new StreamedCheckpoint(files.label, config, tensors);
  }

  embeddings(): Promise<LocatedTensor> {
    return this.#tensors.locate(EMBEDDINGS, [this.config.vocabSize, this.config.hiddenSize]);
  }

  /** What an extraction will cost. Reads every shard's header. */
  async plan(
    prompts: readonly (readonly number[])[],
    layers: readonly number[],
    options: PlanOptions = {},
  ): Promise<StreamedPlan> {
    return planStreamed(this.config, await this.#tensors.list(), prompts, layers, options);
  }
}
