/**
 * The lab behind the Steer page: one open checkpoint, its directions, and the pair of answers under way. Jobs queue one after
 * another; `steer` and `interrupt` act at once on the job that runs.
 */
import { DIRECTION_NAMES } from '../../core/categories.ts';
import { LabError } from '../../core/errors.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';
import { attempt } from '../jobs/attempt.ts';
import { BatchSender, type AnswerBatch } from './answer-batches.ts';
import { answerPair, type AnswerPairSummary } from './answer-pair.ts';
import { computeCategoryDirections, type CategoryDirections, type LayerDirection } from './category-directions.ts';
import { directionKey, readDirections, writeDirections } from './direction-cache.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';
import { directionsFile } from './directions-file.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import type {
  AnswerRequest,
  DirectionAtLayer,
  DirectionsSummary,
  ModelSummary,
  OpenRequest,
  Progress,
} from './steer-messages.ts';
import type { ModelRef } from '../models/checkpoint-ref.ts';
import { openModel, type ModelParts, type OpenedModel } from './open-model.ts';
import { rewritePrompts, type Rewrite, type RewriteRequest } from './rewrite-prompts.ts';
import { LiveSteering } from './live-steering.ts';
import type { SteeringSettings } from './steering.ts';

interface PromptSets {
  readonly train: readonly Prompt[];
  readonly test: readonly Prompt[];
  readonly digest: string; // of both files' bytes
}

/** Where checkpoints and prompts come from and directions rest, handed in. */
export interface SteerLabParts extends ModelParts {
  fetchPromptSets(signal: AbortSignal): Promise<PromptSets>;
  readonly store: KeyValueStore;
}

interface OpenModel extends OpenedModel {
  readonly source: ModelRef;
  directions: CategoryDirections | null;
}

export class SteerLab {
  readonly #parts: SteerLabParts;
  readonly #jobs = new JobQueue();
  #open: OpenModel | null = null;
  #live: LiveSteering | null = null; // of the answer asked for last

  constructor(parts: SteerLabParts) {
    this.#parts = parts;
  }

  /** Opens a checkpoint; the one before is put away only once the new one runs. */
  open({ source, provider }: OpenRequest, onProgress: (progress: Progress) => void): Promise<ModelSummary> {
    return this.#jobs.add(async (signal) => {
      const opened = await openModel(this.#parts, source, { provider, signal, onProgress });
      const previous = this.#open;
      this.#open = { ...opened, source, directions: null };
      await previous?.checkpoint.model.dispose();
      return summarise(this.#open);
    });
  }

  /** Computes the open model's directions, or reads them from the store. */
  directions(onProgress: (progress: Progress) => void): Promise<DirectionsSummary> {
    return this.#jobs.add(async (signal) => {
      const open = this.#requireOpen();
      const { checkpoint, source, defaults, digest } = open;
      const { pooling, directionTemplate } = defaults;
      const template = checkpoint.tokenizer.hasChatTemplate ? directionTemplate : 'raw';
      const prompts = await this.#parts.fetchPromptSets(signal);
      const key = directionKey({
        checkpointDigest: digest,
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
        source,
        cached: stored.value !== null,
        storageProblem: problem,
        names: DIRECTION_NAMES,
        layers: open.directions.map((layer) => layer.map(withoutVector)),
      };
    });
  }

  answer(request: AnswerRequest, onBatch: (batch: AnswerBatch) => void): Promise<AnswerPairSummary> {
    const live = new LiveSteering(request.steering, request.moves);
    this.#live = live;
    return this.#jobs.add(async (signal) => {
      const { checkpoint, directions } = this.#requireOpen();
      if (directions === null) {
        throw new LabError(
          'bad-request',
          'The directions have not been computed yet.',
          'Wait until they are ready, then answer again.',
        );
      }
      const batches = new BatchSender(onBatch);
      const { chat, ...rest } = request;
      try {
        return await answerPair(
          checkpoint,
          directions,
          { ...rest, template: chat ? 'chat' : 'raw', steering: live, signal },
          (step) => batches.add(step),
        );
      } finally {
        batches.flush();
      }
    });
  }

  /** Asks the open model for each prompt in other words. */
  rewrite(request: RewriteRequest, onRewrite: (rewrite: Rewrite) => void): Promise<void> {
    return this.#jobs.add((signal) => rewritePrompts(this.#requireOpen().checkpoint, request, signal, onRewrite));
  }

  /** Layer, positions and λ for the tokens to come, of the answer asked for last. */
  steer(settings: SteeringSettings): Promise<void> {
    this.#live?.move(settings);
    return Promise.resolve();
  }

  interrupt(): Promise<void> {
    this.#jobs.interrupt();
    return Promise.resolve();
  }

  /** As `interrupt`, for whoever waits until it has taken effect. */
  stop(): Promise<void> {
    return this.interrupt();
  }

  release(): Promise<void> {
    this.#jobs.interrupt();
    return this.#jobs.add(async () => {
      const open = this.#open;
      this.#open = null;
      await open?.checkpoint.model.dispose();
    });
  }

  /** Tensors `resid_post.<layer>.<name>` [hidden] of all directions, as one safetensors file. */
  exportDirections(): Promise<Uint8Array> {
    return this.#jobs.add(() => {
      const { directions, source, defaults } = this.#requireOpen();
      return Promise.resolve(directionsFile(directions, source, defaults));
    });
  }

  #requireOpen(): OpenModel {
    if (this.#open === null) throw new LabError('bad-request', 'No model is open.', 'Open a checkpoint first.');
    return this.#open;
  }
}

/** A vector of thousands of dimensions has no business on the page. */
function withoutVector({ name, norm, harmfulMean, safeMean, auroc }: LayerDirection): DirectionAtLayer {
  return { name, norm, harmfulMean, safeMean, auroc };
}

function summarise({ source, checkpoint: { label, model, tokenizer }, defaults }: OpenModel): ModelSummary {
  const { family, layers, hiddenSize, vocabSize } = model.config;
  const { parameters, contextLength, weightBytes, precision, runtime } = model;
  return {
    ...{ source, label: source.kind === 'built-in' ? source.revision : label, steeringLayer: defaults.steeringLayer },
    ...{ family, layers, hiddenSize, vocabSize, parameters, contextLength, weightBytes, precision },
    chat: tokenizer.hasChatTemplate,
    provider: runtime.provider,
    providerReason: runtime.reason,
    threads: runtime.threads,
  };
}
