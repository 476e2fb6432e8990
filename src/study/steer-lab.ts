/**
 * The lab behind the Steer page: one open checkpoint, its directions, and the pair of answers under way. Jobs queue one after
 * another; `steer` and `interrupt` act at once on the job that runs.
 */
import { DIRECTION_NAMES } from '../core/categories.ts';
import { asLabError, LabError } from '../core/errors.ts';
import type { CheckpointFiles } from '../engine/checkpoint-files.ts';
import { openCheckpoint, type Checkpoint } from '../engine/checkpoint.ts';
import type { DeviceReport, ProviderChoice } from '../engine/device-report.ts';
import { residPost } from '../engine/residual-sites.ts';
import type { Runtime } from '../engine/runtime.ts';
import { findCheckpoint, type Ladder, type LadderCheckpoint } from '../formats/ladder.ts';
import type { Prompt } from '../formats/prompt-set.ts';
import { writeSafetensors, type Float32Tensor } from '../formats/safetensors.ts';
import { BatchSender, type AnswerBatch } from './answer-batches.ts';
import { answerPair, type AnswerPairSummary } from './answer-pair.ts';
import { computeCategoryDirections, type CategoryDirections, type LayerDirection } from './category-directions.ts';
import { directionKey, readDirections, writeDirections, type KeyValueStore } from './direction-cache.ts';
import type {
  AnswerRequest,
  DirectionAtLayer,
  DirectionsSummary,
  LadderSummary,
  ModelSummary,
  OpenRequest,
  Progress,
} from './lab-messages.ts';
import type { SteeringSettings } from './steering.ts';

export interface PromptSets {
  readonly train: readonly Prompt[];
  readonly test: readonly Prompt[];
  readonly digest: string; // of both files' bytes
}

/** Where checkpoints and prompts come from and directions rest, handed in. */
export interface SteerLabParts {
  inspectDevice(): Promise<DeviceReport>;
  openRuntime(choice: ProviderChoice): Promise<Runtime>;
  fetchLadder(id: string): Promise<Ladder>;
  checkpointFiles(
    ladder: Ladder,
    checkpoint: LadderCheckpoint,
    options: { signal: AbortSignal; onProgress: (done: number, total: number, file: string) => void },
  ): CheckpointFiles;
  fetchPromptSets(signal: AbortSignal): Promise<PromptSets>;
  readonly store: KeyValueStore;
}

interface OpenModel {
  readonly ladder: Ladder;
  readonly entry: LadderCheckpoint;
  readonly checkpoint: Checkpoint;
  directions: CategoryDirections | null;
}

/** What an answer is steered by: read before every run, so that a move takes effect at the next token. */
interface LiveSteering {
  settings: SteeringSettings;
}

export class SteerLab {
  readonly #parts: SteerLabParts;
  #tail: Promise<unknown> = Promise.resolve();
  #job: AbortController | null = null;
  #open: OpenModel | null = null;
  #live: LiveSteering | null = null; // of the answer asked for last

  constructor(parts: SteerLabParts) {
    this.#parts = parts;
  }

  device(): Promise<DeviceReport> {
    return this.#parts.inspectDevice();
  }

  async ladder(id: string): Promise<LadderSummary> {
    const { name, description, checkpoints, defaults } = await this.#parts.fetchLadder(id);
    return {
      id,
      name,
      description,
      defaults,
      checkpoints: checkpoints.map(({ revision, stage, step, tokensSeen, files }) => ({
        revision,
        stage,
        step,
        tokensSeen,
        bytes: Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0),
      })),
    };
  }

  /** Opens a checkpoint; the one before is put away only once the new one runs. */
  open(request: OpenRequest, onProgress: (progress: Progress) => void): Promise<ModelSummary> {
    return this.#enqueue(async (signal) => {
      const ladder = await this.#parts.fetchLadder(request.ladder);
      const entry = findCheckpoint(ladder, request.revision);
      const files = this.#parts.checkpointFiles(ladder, entry, {
        signal,
        onProgress: (done, total, label) => onProgress({ phase: 'download', done, total, unit: 'bytes', label }),
      });
      const checkpoint = await this.#openOn(request.provider, files, (done, total, label) =>
        onProgress({ phase: 'compile', done, total, unit: 'steps', label }),
      );
      const previous = this.#open;
      this.#open = { ladder, entry, checkpoint, directions: null };
      await previous?.checkpoint.model.dispose();
      return summarise(this.#open);
    });
  }

  /** Opens on the provider chosen; where that was left to the lab and WebGPU refuses, on WASM. */
  async #openOn(
    choice: ProviderChoice,
    files: CheckpointFiles,
    onProgress: (done: number, total: number, label: string) => void,
  ): Promise<Checkpoint> {
    try {
      return await openCheckpoint(files, await this.#parts.openRuntime(choice), { precision: 'float32', onProgress });
    } catch (error) {
      const refusal = asLabError(error);
      if (choice !== 'auto' || refusal.code !== 'device') throw error;
      const runtime = await this.#parts.openRuntime('wasm');
      const reason = `WebGPU refused (${refusal.message}), so the CPU runs the model.`;
      return openCheckpoint(files, { ...runtime, reason }, { precision: 'float32', onProgress });
    }
  }

  /** Computes the open model's directions, or reads them from the store. */
  directions(onProgress: (progress: Progress) => void): Promise<DirectionsSummary> {
    return this.#enqueue(async (signal) => {
      const open = this.#requireOpen();
      const { checkpoint, ladder, entry } = open;
      const { pooling, directionTemplate } = ladder.defaults;
      const template = checkpoint.tokenizer.hasChatTemplate ? directionTemplate : 'raw';
      const prompts = await this.#parts.fetchPromptSets(signal);
      const key = directionKey({
        checkpointDigest: entry.files['model.safetensors']?.sha256 ?? checkpoint.label,
        promptDigest: prompts.digest,
        pooling,
        template,
        precision: checkpoint.model.precision,
      });
      const stored = await attempt(() => readDirections(this.#parts.store, key));
      let { problem } = stored;
      const label = checkpoint.label;
      open.directions =
        stored.value ??
        (await computeCategoryDirections(checkpoint, {
          ...prompts,
          template,
          pooling,
          signal,
          onProgress: (done, total) => onProgress({ phase: 'extract', done, total, unit: 'prompts', label }),
        }));
      if (stored.value === null) {
        const { directions } = open;
        const written = await attempt(() => writeDirections(this.#parts.store, key, directions));
        problem ??= written.problem;
      }
      return {
        ladder: ladder.id,
        revision: entry.revision,
        cached: stored.value !== null,
        storageProblem: problem,
        names: DIRECTION_NAMES,
        layers: open.directions.map((layer) => layer.map(withoutVector)),
      };
    });
  }

  answer(request: AnswerRequest, onBatch: (batch: AnswerBatch) => void): Promise<AnswerPairSummary> {
    const live: LiveSteering = { settings: request.steering };
    this.#live = live;
    return this.#enqueue(async (signal) => {
      const { checkpoint, directions } = this.#requireOpen();
      if (directions === null) {
        throw new LabError('bad-request', 'The directions are not computed yet.', 'Wait for them, then answer again.');
      }
      const batches = new BatchSender(onBatch);
      const { chat, ...rest } = request;
      try {
        return await answerPair(
          checkpoint,
          directions,
          { ...rest, template: chat ? 'chat' : 'raw', steering: () => live.settings, signal },
          (step) => batches.add(step),
        );
      } finally {
        batches.flush();
      }
    });
  }

  /** Layer, positions and λ for the tokens to come, of the answer asked for last. */
  steer(settings: SteeringSettings): Promise<void> {
    if (this.#live !== null) this.#live.settings = settings;
    return Promise.resolve();
  }

  interrupt(): Promise<void> {
    this.#job?.abort();
    return Promise.resolve();
  }

  release(): Promise<void> {
    this.#job?.abort();
    return this.#enqueue(async () => {
      const open = this.#open;
      this.#open = null;
      await open?.checkpoint.model.dispose();
    });
  }

  /** Tensors `resid_post.<layer>.<name>` [hidden] of all directions, as one safetensors file. */
  exportDirections(): Promise<Uint8Array> {
    return this.#enqueue(() => Promise.resolve(this.#directionsFile()));
  }

  #directionsFile(): Uint8Array {
    const { directions, ladder, entry } = this.#requireOpen();
    if (directions === null) {
      throw new LabError('bad-request', 'There are no directions to export yet.', 'Wait for them to be computed.');
    }
    const tensors = directions.flatMap((layer, index) =>
      layer.map(({ name, vector }): [string, Float32Tensor] => [
        `${residPost(index)}.${name}`,
        { shape: [vector.length], data: vector },
      ]),
    );
    const { pooling } = ladder.defaults;
    return writeSafetensors(Object.fromEntries(tensors), { model: ladder.id, revision: entry.revision, pooling });
  }

  #requireOpen(): OpenModel {
    if (this.#open === null) throw new LabError('bad-request', 'No model is open.', 'Open a checkpoint first.');
    return this.#open;
  }

  /** One job at a time; a failed one does not stop the next. */
  #enqueue<T>(job: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = this.#tail.then(async () => {
      this.#job = new AbortController();
      return job(this.#job.signal);
    });
    this.#tail = running.catch(() => undefined);
    return running;
  }
}

/** A vector of thousands of dimensions has no business on the page. */
function withoutVector({ name, norm, harmfulMean, safeMean, auroc }: LayerDirection): DirectionAtLayer {
  return { name, norm, harmfulMean, safeMean, auroc };
}

function summarise({ ladder, entry, checkpoint: { model, tokenizer } }: OpenModel): ModelSummary {
  const { family, layers, hiddenSize, vocabSize } = model.config;
  const { parameters, contextLength, weightBytes, precision, runtime } = model;
  return {
    ladder: ladder.id,
    revision: entry.revision,
    ...{ family, layers, hiddenSize, vocabSize, parameters, contextLength, weightBytes, precision },
    chat: tokenizer.hasChatTemplate,
    provider: runtime.provider,
    providerReason: runtime.reason,
    threads: runtime.threads,
  };
}

/** A storage job whose failure is told, not fatal: the lab works without storage. */
async function attempt<T>(job: () => Promise<T>): Promise<{ value: T | null; problem: string | null }> {
  try {
    return { value: await job(), problem: null };
  } catch (error) {
    return { value: null, problem: asLabError(error).message };
  }
}
